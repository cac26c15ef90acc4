"""What differs between two wordings of a rule, and between two rulebooks, part by part and line by line."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

NAMES = {
    "title": "Title", "principle": "Principle", "dimension": "Dimension", "capability": "Capability",
    "scope": "When to look", "ladder": "Ladder", "evidence_order": "Evidence order", "priority": "Priority",
    "yields_to": "Yields to", "examples": "Examples",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """`mark` is "+" for what is new, "-" for what is gone, " " for what stays."""

    mark: str
    text: str


@dataclass(frozen=True)
class PartDiff:
    name: str
    lines: tuple[Line, ...]

    @property
    def rows(self) -> list[tuple[str, str, bool]]:
        """(before, after, whether they differ) line beside line, for the two columns."""
        found: list[tuple[str, str, bool]] = []
        gone: list[str] = []
        new: list[str] = []
        for line in (*self.lines, Line(" ", "")):
            if line.mark == " ":
                found += [(a, b, True) for a, b in zip_longest(gone, new, fillvalue="")]
                found.append((line.text, line.text, False))
                gone, new = [], []
            else:
                (gone if line.mark == "-" else new).append(line.text)
        return found[:-1]


@dataclass(frozen=True)
class RuleDiff:
    """`kind` is new, changed or removed."""

    code: str
    title: str
    kind: str
    parts: tuple[PartDiff, ...]


def form_diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[PartDiff, ...]:
    """The parts of a rule that differ, in the editor's order."""
    return tuple(
        PartDiff(label, _lines(old, new))
        for name, label in NAMES.items()
        if (old := _text(before.get(name))) != (new := _text(after.get(name)))
    )


def rulebook_diff(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[RuleDiff]:
    """What a new rulebook brings, changes and leaves out; rules that stay the same are not listed."""
    old, new = {form["code"]: form for form in before}, {form["code"]: form for form in after}
    found = []
    for code, form in new.items():
        if code not in old:
            found.append(RuleDiff(code, form["title"], "new", form_diff({}, form)))
        elif parts := form_diff(old[code], form):
            found.append(RuleDiff(code, form["title"], "changed", parts))
    gone = [RuleDiff(code, form["title"], "removed", ()) for code, form in old.items() if code not in new]
    return found + gone


def texts_diff(before: str, after: str) -> tuple[Line, ...]:
    """Two texts, line by line."""
    return _lines(before, after)


def _text(value: Any) -> str:
    if value is None or value == [] or value == "":
        return ""
    if not isinstance(value, list):
        return str(value)
    return "\n".join(_row(at, row) for at, row in enumerate(value, 1))


def _row(at: int, row: Any) -> str:
    if not isinstance(row, Mapping):
        return str(row)
    if "when" in row:
        verdict = f"{row['grade']}-{row['dimension']}" if row.get("dimension") else row["grade"]
        said = f": {row['reason']}" if row.get("reason") else ""
        return f"{at}. when {row['when']}\n   then {verdict}{said}"
    facts = "; ".join(
        f"{side} {json.dumps(row[side], ensure_ascii=False, sort_keys=True)}" for side in ("query", "item")
    )
    verdict = f"{at}. {facts} must give {row.get('grade') or 'no firing'} {row.get('dimension', '')}".rstrip()
    return f"{verdict}\n   note: {row['note']}" if row.get("note") else verdict


def _lines(before: str, after: str) -> tuple[Line, ...]:
    found = difflib.ndiff(before.splitlines(), after.splitlines())
    return tuple(Line(line[0], line[2:]) for line in found if line[0] in "+- ")
