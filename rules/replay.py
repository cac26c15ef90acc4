"""The replay gate: how often a rulebook's resolved grade is the frozen one, before and after a release.

Accuracy counts every pair of the set: where the rules say nothing, that is no match, as everywhere in this house.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rules.models import ReplayEntry, ReplaySet
from webapp.common.models import Corpus

ALLOWED_LOSS = 0.002
Grades = npt.NDArray[np.int8]


@dataclass(frozen=True)
class Flip:
    """A pair whose match with its frozen grade is lost or won; grades as numbers, 0 for an abstention."""

    pair_id: int
    truth: int
    before: int
    after: int

    @property
    def is_loss(self) -> bool:
        return self.before == self.truth


@dataclass(frozen=True)
class Replay:
    """A release on a replay set, beside what is in force. `gone` pairs are no longer in the corpus and not counted."""

    number: int
    pairs: int
    gone: int
    right_before: int
    right_after: int
    spoke_before: int
    spoke_after: int
    flips: list[Flip]

    @property
    def accuracy_before(self) -> float:
        return self.right_before / self.pairs if self.pairs else 0.0

    @property
    def accuracy_after(self) -> float:
        return self.right_after / self.pairs if self.pairs else 0.0

    @property
    def loss(self) -> float:
        """Accuracy given up, in 0..1; negative for a gain."""
        return self.accuracy_before - self.accuracy_after

    @property
    def is_too_much(self) -> bool:
        """Whether publishing needs a person's word. Compared in whole pairs, so that no rounding decides."""
        return self.right_before - self.right_after > ALLOWED_LOSS * self.pairs + 1e-9

    @property
    def lost(self) -> list[Flip]:
        return [flip for flip in self.flips if flip.is_loss]

    @property
    def won(self) -> list[Flip]:
        return [flip for flip in self.flips if not flip.is_loss]

    @property
    def sentence(self) -> str:
        return (
            f"On replay set {self.number} accuracy goes from {self.accuracy_before:.3f} to "
            f"{self.accuracy_after:.3f} (n = {self.pairs})"
        )

    def summary(self) -> dict[str, Any]:
        """Figures for pages, the API and the audit row."""
        return {
            "replay_set": self.number, "n": self.pairs, "gone": self.gone,
            "accuracy_before": round(self.accuracy_before, 4), "accuracy_after": round(self.accuracy_after, 4),
            "spoke_before": self.spoke_before, "spoke_after": self.spoke_after, "lost": len(self.lost),
            "won": len(self.won), "loss": round(self.loss, 6), "too_much": self.is_too_much,
            "flips": [vars(flip) for flip in self._first_flips()],
        }  # fmt: skip

    def _first_flips(self) -> list[Flip]:
        return (self.lost + self.won)[:50]


def replay_current(corpus: Corpus) -> ReplaySet | None:
    """The replay set that releases are held to: the newest one."""
    return ReplaySet.objects.filter(corpus=corpus).order_by("-number").first()


def replay_of(
    corpus: Corpus, pair_ids: npt.NDArray[np.int64], before: Grades, after: Grades
) -> Replay | None:
    """Resolved grades before and after (pairs,), beside `pair_ids` in ascending order, against the replay set."""
    found = replay_current(corpus)
    if found is None:
        return None
    entries = ReplayEntry.objects.filter(replay_set=found).order_by("pair_id").values_list("pair_id", "grade")
    rows = np.fromiter(
        (number for row in entries.iterator(chunk_size=20_000) for number in row), np.int64
    ).reshape(-1, 2)
    place = np.searchsorted(pair_ids, rows[:, 0])
    known = place < len(pair_ids)
    known[known] = pair_ids[place[known]] == rows[known, 0]
    place, rows_known = place[known], rows[known]
    return Replay(
        found.number,
        len(rows_known),
        len(rows) - len(rows_known),
        **_counts(rows_known, before[place], after[place]),
    )


def _counts(rows: npt.NDArray[np.int64], before: Grades, after: Grades) -> dict[str, Any]:
    """`rows` are (pair id, frozen grade) beside the grades of both rulebooks (pairs,)."""
    right_before, right_after = before == rows[:, 1], after == rows[:, 1]
    return {
        "right_before": int(right_before.sum()),
        "right_after": int(right_after.sum()),
        "spoke_before": int((before > 0).sum()),
        "spoke_after": int((after > 0).sum()),
        "flips": list(_flips(rows, before, after, right_before != right_after)),
    }


def _flips(
    rows: npt.NDArray[np.int64], before: Grades, after: Grades, flipped: npt.NDArray[np.bool_]
) -> Iterator[Flip]:
    for at in np.flatnonzero(flipped).tolist():
        yield Flip(int(rows[at, 0]), int(rows[at, 1]), int(before[at]), int(after[at]))
