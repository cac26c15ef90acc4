"""How far people agree: Krippendorff's alpha, weighted kappa by pair of people, full and two-of-three shares.

Pure: takes a table person -> {subject: grade}. The statistics themselves come from `krippendorff` and scikit-learn, which
are imported on use: the web process should not carry them from its start.
"""

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

Grades = Mapping[Hashable, Mapping[Hashable, int]]
GRADE_RANGE = (1, 2, 3, 4)
Level = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Kappa:
    """Quadratic-weighted kappa of two people over the `n` subjects both judged; None where it is undefined."""

    first: Hashable
    second: Hashable
    n: int
    value: float | None


@dataclass(frozen=True)
class Agreement:
    """`alpha` is None below two judged subjects; shares are over subjects with at least two answers."""

    subjects: int
    answers: int
    alpha: float | None
    alpha_interval: float | None
    full: float | None
    two_of_three: float | None
    kappas: tuple[Kappa, ...] = field(default=())


def agreement_of(grades: Grades, *, by_two: bool = True) -> Agreement:
    """All figures for one table of answers; `by_two`: kappa of every two people too."""
    counts = _per_subject(grades)
    shared = {subject: tally for subject, tally in counts.items() if tally.total() >= 2}
    full = sum(len(tally) == 1 for tally in shared.values())
    threes = [tally for tally in shared.values() if tally.total() == 3]
    split = sum(max(tally.values()) == 2 for tally in threes)
    return Agreement(
        subjects=len(shared),
        answers=sum(tally.total() for tally in shared.values()),
        alpha=alpha_of(shared, "ordinal"),
        alpha_interval=alpha_of(shared, "interval"),
        full=full / len(shared) if shared else None,
        two_of_three=split / len(threes) if threes else None,
        kappas=tuple(kappas_of(grades)) if by_two else (),
    )


def _per_subject(grades: Grades) -> dict[Hashable, Counter[int]]:
    counts: dict[Hashable, Counter[int]] = {}
    for answers in grades.values():
        for subject, grade in answers.items():
            counts.setdefault(subject, Counter())[grade] += 1
    return counts


def alpha_of(counts: Mapping[Hashable, Counter[int]], level: Level = "ordinal") -> float | None:
    """Krippendorff's alpha over subjects' grade counts; None where nothing varies or too little is there."""
    import krippendorff  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    used = {grade for tally in counts.values() for grade in tally}
    if len(counts) < 2 or len(used) < 2:
        return None
    table = np.array([[tally.get(grade, 0) for grade in GRADE_RANGE] for tally in counts.values()])
    alpha = krippendorff.alpha(
        value_counts=table, value_domain=np.array(GRADE_RANGE), level_of_measurement=level
    )
    return float(alpha)


def kappas_of(grades: Grades) -> list[Kappa]:
    """Quadratic-weighted kappa for every two people who judged a subject in common."""
    found = []
    for first, second in combinations(sorted(grades, key=str), 2):
        shared = sorted(grades[first].keys() & grades[second].keys(), key=str)
        if shared:
            pairs = [(grades[first][subject], grades[second][subject]) for subject in shared]
            found.append(Kappa(first, second, len(shared), _kappa(pairs)))
    return found


def _kappa(pairs: list[tuple[int, int]]) -> float | None:
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415

    left, right = [a for a, _ in pairs], [b for _, b in pairs]
    if len(pairs) < 2 or (len(set(left)) == 1 and set(left) == set(right)):
        return None  # nothing varies, so chance agreement is total and kappa is 0/0
    return float(cohen_kappa_score(left, right, weights="quadratic", labels=list(GRADE_RANGE)))
