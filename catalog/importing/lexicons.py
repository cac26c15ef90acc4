"""`lexicon.json` beside a corpus: the shop's own words, {facet: {value: [spellings]}}.

A facet is a snake_case name ("category", "color", "material"); a value is what items say ("sky blue"), its spellings what
shoppers type (["sky blue", "azure"]). Entries that cannot be taken are rejected by their place; the others stand.
"""

import json
import re
from pathlib import Path
from typing import Any

from catalog.importing.formats import LEXICON as FILE
from catalog.importing.rejections import Rejections
from catalog.lexicon import LONGEST, MEASURED, Content
from relevance.words import words

LARGEST, TEXT, VALUES = 16 << 20, 200, 200_000
_FACET = re.compile(r"[a-z][a-z0-9_]{0,39}")


def lexicon_read(folder: Path, rejections: Rejections) -> Content | None:
    """The file's good entries; None where there is no file, or one of which nothing can be read."""
    path = folder / FILE
    if not path.is_file():
        return None
    if path.stat().st_size > LARGEST:
        rejections.add(0, FILE, "", "file too large", f"at most {LARGEST >> 20} MB", "")
        return None
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
        rejections.add(line, FILE, "", "not JSON", "mend the file; the lexicon before stays", str(error))
        return None
    if not isinstance(content, dict):
        rejections.add(1, FILE, "", "not an object", "write {facet: {value: [spellings]}}", "")
        return None
    return _Reading(rejections).facets(content)


class _Reading:
    """One file's entries, each taken or named."""

    def __init__(self, rejections: Rejections) -> None:
        self.rejections = rejections
        self.left = VALUES

    def _reject(self, place: str, reason: str, mend: str, what: Any) -> None:
        self.rejections.add(0, FILE, place[:200], reason, mend, what if isinstance(what, str) else repr(what))

    def facets(self, content: dict[str, Any]) -> Content:
        found: Content = {}
        for facet, values in content.items():
            if not _FACET.fullmatch(facet) or facet in MEASURED:
                taken = f"a snake_case name other than {', '.join(sorted(MEASURED))}"
                self._reject(facet, "no name of a facet", taken, facet)
            elif not isinstance(values, dict):
                self._reject(facet, "not an object", "write {value: [spellings]}", values)
            elif good := self._values(facet, values):
                found[facet] = good
        return found

    def _values(self, facet: str, values: dict[str, Any]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        placed: dict[tuple[str, ...], str] = {}
        for value, texts in values.items():
            place = f"{facet}.{value}"
            if not value.strip() or len(value) > TEXT or "\0" in value:
                self._reject(place, "no value", f"1 to {TEXT} characters", value)
            elif not isinstance(texts, list):
                self._reject(place, "not a list", "write a list of spellings", texts)
            elif self.left <= 0:
                self._reject(place, "too many values", f"at most {VALUES:,}", value)
            elif good := [text for text in texts if self._spelling(place, value, text, placed)]:
                self.left -= 1
                found[value] = good
        return found

    def _spelling(self, place: str, value: str, text: Any, placed: dict[tuple[str, ...], str]) -> bool:
        parts = tuple(words(text)) if isinstance(text, str) and len(text) <= TEXT else ()
        if not parts or len(parts) > LONGEST or "\0" in text:
            self._reject(place, "no spelling", f"text of 1 to {LONGEST} words", text)
            return False
        if (other := placed.setdefault(parts, value)) != value:
            self._reject(place, "spelling of two values", f"it stands for {other}, the first one", text)
            return False
        return True
