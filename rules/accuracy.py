"""How far a rule can be trusted: coverage, overlap, conflict and empirical accuracy, as weak supervision defines them.

Over pairs (pairs,): *coverage* is the share on which a rule fires, *overlap* the share on which another one fires as
well, *conflict* the share on which another one gives a different grade; *accuracy* is the share of its firings on settled
pairs that give the settled grade. Pairs of one query hang together, so intervals draw whole queries again. Pure numpy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from relevance.grades import Grade
from rules.engine import Rulebook
from rules.engine.table import Fired

Rows = npt.NDArray[np.int64]
Grades = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
DRAWS = 1_000
MOST_DRAWN = 2_000_000  # queries drawn in all: bounds the time of an interval whatever the corpus


@dataclass(frozen=True)
class Share:
    """A share of n, with its 95 % interval over queries; one query says nothing, and its interval is 0 to 1.

    Where every query says the same, drawing them again cannot vary: the interval is Clopper and Pearson's of that many
    queries, so that three lucky ones do not pass for certainty.
    """

    value: float
    low: float
    high: float
    n: int
    queries: int


@dataclass(frozen=True)
class RuleFigures:
    """One rule over `pairs`: the shares are of all of them, None where there is no pair. `accuracy` and `sides` (same
    side of relevant or not) are over firings on settled pairs, None where there are none.
    """

    code: str
    pairs: int
    fired: int
    queries: int
    coverage: float | None
    overlap: float | None
    conflict: float | None
    accuracy: Share | None
    sides: Share | None


class Meeting:
    """How many rules fire on each pair and with which grade: counts (pairs, 5) int16, column 0 unused."""

    def __init__(self, pairs: int) -> None:
        self.counts = np.zeros((pairs, 5), np.int16)

    @classmethod
    def of(cls, rulebook: Rulebook, fired: Mapping[str, Fired], pairs: int) -> "Meeting":
        found = cls(pairs)
        for code, where in fired.items():
            np.add.at(found.counts, (where.rows, given_grades(rulebook, code, where)), 1)
        return found

    def others(
        self, rows: Rows, given: Grades, own: Fired | None, own_given: Grades | None
    ) -> tuple[Flags, Flags]:
        """(another rule fires, another rule gives another grade) at `rows`; `own` is this rule as it is counted here."""
        counts = self.counts[rows].astype(np.int64)
        if own is not None and own_given is not None and len(own.rows):
            place = np.searchsorted(own.rows, rows)
            place[place == len(own.rows)] = 0
            here = own.rows[place] == rows
            counts[np.flatnonzero(here), own_given[place[here]]] -= 1
        total = counts.sum(axis=1)
        return total > 0, total > counts[np.arange(len(rows)), given]


def given_grades(rulebook: Rulebook, code: str, fired: Fired) -> Grades:
    """The grade (n,) that a rule gives at each of its firings."""
    steps = np.array([0, *(int(step.grade) for step in rulebook.by_code[code].ladder)], np.int8)
    given: Grades = steps[fired.steps]
    return given


def rule_figures(
    code: str,
    fired: Fired,
    given: Grades,
    met: tuple[Flags, Flags],
    settled: Grades,
    query_rows: Rows,
    within: Flags,
) -> RuleFigures:
    """The figures of one rule over the pairs of `within` (pairs,); `met` is what `Meeting.others` says of its firings."""
    here = within[fired.rows]
    rows, given, pairs = fired.rows[here], given[here], int(within.sum())
    truth = settled[rows]
    known = truth > 0
    queries = query_rows[rows]
    return RuleFigures(
        code=code,
        pairs=pairs,
        fired=len(rows),
        queries=len(np.unique(queries)),
        coverage=len(rows) / pairs if pairs else None,
        overlap=int(met[0][here].sum()) / pairs if pairs else None,
        conflict=int(met[1][here].sum()) / pairs if pairs else None,
        accuracy=share_over_queries((truth == given)[known], queries[known]),
        sides=share_over_queries(((truth > 2) == (given > 2))[known], queries[known]),
    )


def share_over_queries(hits: Flags, queries: Rows, *, draws: int = DRAWS, seed: int = 0) -> Share | None:
    """The share of true `hits` (n,) with its interval when whole queries are drawn again; None for no hit to count."""
    if not len(hits):
        return None
    names, places = np.unique(queries, return_inverse=True)
    counts = np.bincount(places)
    right = np.bincount(places, weights=hits.astype(float))
    value = float(hits.mean())
    if len(names) == 1:
        return Share(value, 0.0, 1.0, len(hits), 1)
    if value in (0.0, 1.0):
        reach = 0.025 ** (1 / len(names))
        return Share(value, min(value, reach), max(value, 1 - reach), len(hits), len(names))
    generator = np.random.default_rng(seed)
    times = max(100, min(draws, MOST_DRAWN // len(names)))
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=times)
    low, high = np.quantile((drawn @ right) / (drawn @ counts), [0.025, 0.975])
    return Share(value, float(low), float(high), len(hits), len(names))


def figures_of(
    rulebook: Rulebook,
    fired: Mapping[str, Fired],
    settled: Grades,
    query_rows: Rows,
    within: Flags | None = None,
) -> list[RuleFigures]:
    """The figures of every rule of a rulebook, in its order, over all pairs or those of `within`."""
    pairs = len(query_rows)
    meeting = Meeting.of(rulebook, fired, pairs)
    every = np.ones(pairs, np.bool_) if within is None else within
    found = []
    for code in (rule.code for rule in rulebook.rules):
        given = given_grades(rulebook, code, fired[code])
        met = meeting.others(fired[code].rows, given, fired[code], given)
        found.append(rule_figures(code, fired[code], given, met, settled, query_rows, every))
    return found


def confusion(truth: Sequence[Grade], predicted: Sequence[Grade | None]) -> dict[str, Any]:
    """{"L1": {"L1": n, ..., "none": n}, ...}: what each settled level was called."""
    names = [grade.name for grade in Grade]
    found = {name: dict.fromkeys([*names, "none"], 0) for name in names}
    for true, said in zip(truth, predicted, strict=True):
        found[true.name][said.name if said else "none"] += 1
    return found
