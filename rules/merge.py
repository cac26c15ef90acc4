"""Two texts of one rule side by side: what an editor typed, and what somebody saved meanwhile."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.diff import NAMES, PartDiff, form_diff
from rules.editor import editor_page

ROWS = {
    "ladder": "step",
    "examples": "example",
}  # parts that stand in rows of controls, and their kind of rows


@dataclass(frozen=True)
class MergePart:
    """A part that differs; `field` is the editor's control, or its kind of rows, and `theirs` what belongs there.

    Rows are JSON as a form would send them: [["step_when", "true"], ["step_grade", "L2"], ...].
    """

    diff: PartDiff
    field: str
    theirs: str

    @property
    def alone(self) -> tuple[PartDiff]:
        return (self.diff,)


def merge_parts(
    mine: Mapping[str, Any], theirs: Mapping[str, Any], pairs: Mapping[int, int] | None = None
) -> list[MergePart]:
    """What differs between both, in the editor's order; `mine` stands on the left.

    `pairs` tells which of their examples (by place) was taken from which pair.
    """
    names = {label: name for name, label in NAMES.items()}
    found = []
    for part in form_diff(mine, theirs):
        name = names[part.name]
        if name in ROWS:
            found.append(MergePart(part, ROWS[name], _rows(name, theirs, pairs or {})))
            continue
        value = theirs.get(name, "")
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        found.append(MergePart(part, name, text))
    return found


def _rows(name: str, theirs: Mapping[str, Any], pairs: Mapping[int, int]) -> str:
    rows = theirs["ladder"] if name == "ladder" else map(vars, editor_page(theirs, [], pairs).examples)
    named = [[f"{ROWS[name]}_{part}", value] for row in rows for part, value in row.items()]
    return json.dumps(named, ensure_ascii=False)
