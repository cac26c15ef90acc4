"""A finding: what is wrong, where, in plain words, and how it can be mended."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """The nine kinds of defect. The value is what pages, the API and commands call them by."""

    EXAMPLE = "example"
    NUMBER = "number"
    GAP = "gap"
    SHADOWED = "shadowed"
    OPPOSITE = "opposite"
    SAME = "same"
    YIELDS = "yields"
    UNKNOWN = "unknown"
    FILING = "filing"


KINDS: Mapping[Kind, str] = {
    Kind.EXAMPLE: "an example that its own ladder contradicts",
    Kind.NUMBER: "a number in the principle that differs from the one in the condition",
    Kind.GAP: "a range of numbers or a value that a ladder leaves out",
    Kind.SHADOWED: "a step that an earlier one shadows, or that can never be true",
    Kind.OPPOSITE: "two rules on opposite sides of the relevant line with nothing between them",
    Kind.SAME: "the same condition under two rules with different grades",
    Kind.YIELDS: "a circle or a dangling name in “yields to”",
    Kind.UNKNOWN: "a field or value that no query or item carries, a table or family that there is not",
    Kind.FILING: "a rule filed under a dimension or grade that its own steps don't give",
}


SHORT: Mapping[Kind, str] = {
    Kind.EXAMPLE: "contradicted examples", Kind.NUMBER: "numbers that differ", Kind.GAP: "gaps",
    Kind.SHADOWED: "steps never reached", Kind.OPPOSITE: "open conflicts", Kind.SAME: "conditions told twice",
    Kind.YIELDS: "exceptions astray", Kind.UNKNOWN: "unknown names or values", Kind.FILING: "wrong filings",
}  # fmt: skip
"""Each kind in two or three words, for a summary."""


class Severity(StrEnum):
    """`error`: the rule cannot do what it says. `warning`: it very likely does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a form: `place` as in a finding; `value` is the whole new text there, None takes the row out."""

    place: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Fix:
    """A mend that a machine can make: what it does in words, and the edits it comes to."""

    label: str
    edits: tuple[Edit, ...]

    @property
    def as_json(self) -> str:
        """The edits for the page's button: [[place, value], ...]."""
        return json.dumps([[edit.place, edit.value] for edit in self.edits], ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` names a part of the rule's JSON form: "scope", "ladder.2", "ladder.2.when", "principle", "dimension",
    "yields_to", "priority", "examples.1" (counted from 1).

    `line` and `column` (from 1; 0 where a place has none) stand inside a condition, `start` and `end` are offsets into
    the principle or title (-1 where they do not apply). `other` is the code of the second rule of a pair.
    """

    kind: Kind
    severity: Severity
    code: str
    place: str
    message: str
    mend: str
    line: int = 0
    column: int = 0
    start: int = -1
    end: int = -1
    other: str = ""
    fixes: tuple[Fix, ...] = ()
    witness: Mapping[str, Any] | None = None

    @property
    def where(self) -> str:
        """The place in plain words: "step 2, line 1, column 5"."""
        part, _, rest = self.place.partition(".")
        number = rest.partition(".")[0]
        said = {"ladder": f"step {number}", "examples": f"example {number}", "yields_to": "yields to"}.get(
            part, part
        )
        return f"{said}, line {self.line}, column {self.column}" if self.line else said

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.kind.value, "severity": self.severity.value, "rule": self.code, "other": self.other or None,
            "place": self.place, "line": self.line or None, "column": self.column or None,
            "span": [self.start, self.end] if self.start >= 0 else None,
            "message": self.message, "mend": self.mend, "witness": self.witness,
            "fixes": [
                {"label": fix.label, "edits": [{"place": e.place, "value": e.value} for e in fix.edits]}
                for fix in self.fixes
            ],
        }  # fmt: skip


def fix_apply(form: Mapping[str, Any], fix: Fix) -> dict[str, Any]:
    """`form` with the mend made. Rows are counted as they stood before it."""
    changed = copy.deepcopy(dict(form))
    gone: list[tuple[str, int]] = []
    for edit in fix.edits:
        part, *rest = edit.place.split(".")
        if not rest:
            changed[part] = _parsed(part, edit.value or "")
        elif edit.value is None:
            gone.append((part, int(rest[0]) - 1))
        else:
            changed[part][int(rest[0]) - 1][rest[1]] = edit.value or (None if rest[1] == "grade" else "")
    for part, at in sorted(gone, reverse=True):
        del changed[part][at]
    return changed


def _parsed(part: str, value: str) -> Any:
    if part == "yields_to":
        return value.replace(",", " ").split()
    return int(value) if part == "priority" else value
