"""The query's words marked in an item's text. Pure; the outcome is safe HTML whatever the text holds."""

import re
from collections.abc import Iterator

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from relevance.words import JOINERS, fold, words

WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W_\u3040-\u30ff\u3400-\u9fff]+")
SHORTEST_STEM = 4
QUIET = JOINERS | {
    "a",
    "an",
    "the",
    "and",
    "or",
}  # they stand in every text, and marking them hides what counts


def marked(text: str, query: str) -> SafeString:
    """`text` escaped, with words that are the query's (or share its stem: dress, dresses) inside <mark>.

    Accents and case are set aside; scripts without spaces are marked character by character, neighbours together. Words
    such as "for" are marked only where the query has no other.
    """
    asked = {part for word in words(query) for part in WORD.findall(word)}
    parts, at = [], 0
    for start, end in _spans(text, frozenset(asked - QUIET or asked)):
        parts += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    parts.append(escape(text[at:]))
    return mark_safe("".join(parts))  # every part was escaped above


def _spans(text: str, wanted: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Where the wanted words stand, those that touch taken together."""
    begun: tuple[int, int] | None = None
    known: dict[str, bool] = {}  # a long text says the same words again and again
    for match in WORD.finditer(text) if wanted else ():
        word = match[0]
        if word not in known:
            known[word] = _is_wanted(fold(word), wanted)
        if not known[word]:
            continue
        if begun and begun[1] == match.start():
            begun = begun[0], match.end()
        else:
            if begun:
                yield begun
            begun = match.span()
    if begun:
        yield begun


def _is_wanted(word: str, wanted: frozenset[str]) -> bool:
    return word in wanted or (
        len(word) >= SHORTEST_STEM
        and any(
            len(other) >= SHORTEST_STEM and (word.startswith(other) or other.startswith(word))
            for other in wanted
        )
    )
