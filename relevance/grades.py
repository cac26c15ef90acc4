"""Grades, mismatch dimensions and verdicts: the words that every room and the trainer share."""

import re
from dataclasses import dataclass
from enum import IntEnum

DIMENSIONS = (
    "category", "brand", "franchise", "style", "colour", "material", "audience", "season", "year", "size", "model",
    "function", "component", "quantity", "store", "price", "other", "unstated",
)  # fmt: skip


class Grade(IntEnum):
    """L4 perfect match, L3 partial match, L2 explicit mismatch, L1 completely inconsistent."""

    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4

    @classmethod
    def parse(cls, text: str) -> "Grade":
        """'L3' -> Grade.L3. Raises ValueError on anything else."""
        try:
            return cls[text]
        except KeyError:
            raise ValueError(f"{text!r} is not a grade: use L1, L2, L3 or L4") from None


RELEVANT = frozenset({Grade.L3, Grade.L4})
DIMENSION = re.compile("[a-z][a-z_ ]{0,38}[a-z]")  # a name that a verdict can carry
_VERDICT = re.compile(rf"\[(L[1-4])(?:-({DIMENSION.pattern}))?\]")


@dataclass(frozen=True)
class Verdict:
    """A grade, and what mismatches where the grade needs one ('' for none)."""

    grade: Grade
    dimension: str = ""

    def __str__(self) -> str:
        return f"[{self.grade.name}-{self.dimension}]" if self.dimension else f"[{self.grade.name}]"

    @classmethod
    def parse(cls, text: str) -> "Verdict | None":
        """'[L2-colour]' -> Verdict. None for anything that is not exactly one verdict."""
        match = _VERDICT.fullmatch(text.strip())
        return cls(Grade[match[1]], match[2] or "") if match else None
