"""Overlap: how many people are asked about a subject, and what its answers so far call for. Pure: knows no database.

With dynamic overlap a task starts with `redundancy` places; while its answers are all there and not yet sure, it gets one
more, up to `most`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from annotation.consensus import Confusion, Opinion, certainty_of, consensus_of


class Change(StrEnum):
    """What a task's places call for: nothing, one more, or none of the added ones that nobody holds."""

    KEEP = "keep"
    ADD = "add"
    SPARE = "spare"


@dataclass(frozen=True)
class Overlap:
    """A campaign's settings; `most` 0: nobody is added."""

    redundancy: int
    most: int
    sureness: float


@dataclass(frozen=True)
class Places:
    """A task's places: `waiting` of them are not answered yet, `last` bears the highest number, `answers` are
    (person, opinion).
    """

    waiting: int
    last: int
    answers: Sequence[tuple[int, Opinion]]
    overlap: Overlap

    @property
    def opinions(self) -> list[Opinion]:
        return [opinion for _, opinion in self.answers]


def change_of(places: Places, sure: Callable[[], bool]) -> Change:
    """`sure` is asked only where it decides."""
    given, overlap = len(places.answers), places.overlap
    if given < overlap.redundancy:
        return Change.KEEP
    if given >= max(overlap.redundancy, overlap.most) or sure():
        return Change.SPARE if places.waiting else Change.KEEP
    return Change.KEEP if places.waiting else Change.ADD


def is_sure(places: Places, models: Mapping[int, Confusion]) -> bool:
    """More than half of the people say the same, and given how good each of them is that is probable enough."""
    grade = consensus_of(places.opinions).grade
    if grade is None:
        return False
    given = [(opinion.grade, models.get(person)) for person, opinion in places.answers]
    return certainty_of(given, grade) >= places.overlap.sureness
