"""Two texts of one rule side by side: what an editor typed, and what somebody saved meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.diff import NAMES, PartDiff, form_diff

# Parts that stand in one control of the editor, so that the other text can be put there with one press.
TAKEN = ("title", "principle", "dimension", "capability", "scope", "priority", "yields_to", "evidence_order")


@dataclass(frozen=True)
class MergePart:
    """A part that differs; `field` is the editor's control and `theirs` its text, '' where it has several controls."""

    diff: PartDiff
    field: str
    theirs: str

    @property
    def alone(self) -> tuple[PartDiff]:
        return (self.diff,)


def merge_parts(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[MergePart]:
    """What differs between both, in the editor's order; `mine` stands on the left."""
    names = {label: name for name, label in NAMES.items()}
    found = []
    for part in form_diff(mine, theirs):
        name = names[part.name]
        value = theirs.get(name, "")
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        known = name in TAKEN
        found.append(MergePart(part, name if known else "", text if known else ""))
    return found
