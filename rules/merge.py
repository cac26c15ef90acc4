"""Two texts of one rule joined: what an editor typed, and what somebody saved meanwhile, both written over one version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rules.diff import NAMES, PartDiff, form_diff
from rules.editor import editor_page

ROWS = {
    "ladder": "step",
    "examples": "example",
}  # parts that stand in rows of controls, and their kind of rows


@dataclass(frozen=True)
class MergePart:
    """A part that differs; `field` is the editor's control, or its kind of rows, and `other` the text that does not stand
    there: theirs, or hers where theirs was `taken`.

    Rows are JSON as a form would send them: [["step_when", "true"], ["step_grade", "L2"], ...].
    """

    diff: PartDiff
    field: str
    other: str
    taken: bool = False

    @property
    def alone(self) -> tuple[PartDiff]:
        return (self.diff,)


@dataclass
class Merge:
    """`form` and `pairs` (which example, by place, was taken from which pair) stand in the editor. `both` differ and were
    changed by both, or by who knows whom: hers stands. `taken` only they changed: theirs stands. `hers` names what only
    she changed.
    """

    form: dict[str, Any]
    pairs: Mapping[int, int]
    both: list[MergePart] = field(default_factory=list)
    taken: list[MergePart] = field(default_factory=list)
    hers: list[str] = field(default_factory=list)


def merge_of(
    base: Mapping[str, Any] | None,
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
    my_pairs: Mapping[int, int],
    their_pairs: Mapping[int, int],
) -> Merge:
    """Three canonical forms of one rule joined part by part; `base` is the version both began from, None where that is
    not known. A part that only one of them changed is that one's: saved as it was typed, her old text would undo theirs.
    """
    names = {label: name for name, label in NAMES.items()}
    merge = Merge(dict(mine), my_pairs)
    for part in form_diff(mine, theirs):
        name = names[part.name]
        if base is not None and base[name] == theirs[name]:
            merge.hers.append(part.name)
        elif base is not None and base[name] == mine[name]:
            merge.form[name] = theirs[name]
            merge.pairs = their_pairs if name == "examples" else merge.pairs
            other = _control_text(name, mine, my_pairs)
            merge.taken.append(MergePart(part, ROWS.get(name, name), other, taken=True))
        else:
            other = _control_text(name, theirs, their_pairs)
            merge.both.append(MergePart(part, ROWS.get(name, name), other))
    return merge


def _control_text(name: str, form: Mapping[str, Any], pairs: Mapping[int, int]) -> str:
    if name in ROWS:
        return _rows(name, form, pairs)
    value = form.get(name, "")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _rows(name: str, form: Mapping[str, Any], pairs: Mapping[int, int]) -> str:
    rows = form["ladder"] if name == "ladder" else map(vars, editor_page(form, [], pairs).examples)
    named = [[f"{ROWS[name]}_{part}", value] for row in rows for part, value in row.items()]
    return json.dumps(named, ensure_ascii=False)
