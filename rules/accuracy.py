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
MOST_DRAWN = 2_000_000  # kinds of queries drawn in all: bounds the time of an interval whatever the corpus


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
    """One rule over `pairs`: coverage, overlap and conflict are shares of all of them, None where there is no pair.
    `accuracy` and `sides` (same side of relevant or not) are over firings on settled pairs, None where there are none.
    """

    code: str
    pairs: int
    fired: int
    queries: int
    coverage: Share | None
    overlap: Share | None
    conflict: Share | None
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
            found.add(where.rows, given_grades(rulebook, code, where))
        return found

    def add(self, rows: Rows, given: Grades) -> None:
        """Count a rule that fires at `rows`, each at most once, and gives these grades there."""
        self.counts[rows, given] += 1

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
    within: Flags | None = None,
) -> RuleFigures:
    """The figures of one rule over all pairs, or those of `within` (pairs,); `met` is what `Meeting.others` says of its
    firings.
    """
    every = query_rows if within is None else query_rows[within]
    here = np.ones(len(fired.rows), np.bool_) if within is None else within[fired.rows]
    rows, given = fired.rows[here], given[here]
    truth = settled[rows]
    known = truth > 0
    queries = query_rows[rows]
    pairs = np.bincount(every, minlength=1)
    return RuleFigures(
        code=code,
        pairs=len(every),
        fired=len(rows),
        queries=len(np.unique(queries)),
        coverage=_share(queries, pairs),
        overlap=_share(queries[met[0][here]], pairs),
        conflict=_share(queries[met[1][here]], pairs),
        accuracy=share_over_queries((truth == given)[known], queries[known]),
        sides=share_over_queries(((truth > 2) == (given > 2))[known], queries[known]),
    )


def share_over_queries(hits: Flags, queries: Rows) -> Share | None:
    """The share of true `hits` (n,), each of a query by its row, with its interval when whole queries are drawn again;
    None for no hit to count.
    """
    return _share(queries[hits], np.bincount(queries)) if len(hits) else None


def _share(hits: Rows, pairs: Rows) -> Share | None:
    """The share of `hits` (n,), named by the row of their query, among `pairs` (queries,). Queries alike in both counts
    are drawn as one kind: ten thousand have few kinds.
    """
    asked = pairs > 0
    counts, right = pairs[asked], np.bincount(hits, minlength=len(pairs))[asked]
    n, queries = int(counts.sum()), len(counts)
    if not n:
        return None
    value = len(hits) / n
    if queries == 1:
        return Share(value, 0.0, 1.0, n, 1)
    if value in (0.0, 1.0):
        reach = 0.025 ** (1 / queries)
        return Share(value, min(value, reach), max(value, 1 - reach), n, queries)
    kinds, many = np.unique(counts * (int(right.max()) + 1) + right, return_counts=True)
    totals, rights = np.divmod(kinds, int(right.max()) + 1)
    times = max(200, min(DRAWS, MOST_DRAWN // len(kinds)))
    drawn = np.random.default_rng(0).multinomial(queries, many / queries, size=times)
    low, high = np.quantile((drawn @ rights) / (drawn @ totals), [0.025, 0.975])
    return Share(value, float(low), float(high), n, queries)


def figures_of(
    rulebook: Rulebook,
    fired: Mapping[str, Fired],
    settled: Grades,
    query_rows: Rows,
    within: Flags | None = None,
) -> list[RuleFigures]:
    """The figures of every rule of a rulebook, in its order, over all pairs or those of `within`."""
    meeting = Meeting.of(rulebook, fired, len(query_rows))
    found = []
    for code in (rule.code for rule in rulebook.rules):
        given = given_grades(rulebook, code, fired[code])
        met = meeting.others(fired[code].rows, given, fired[code], given)
        found.append(rule_figures(code, fired[code], given, met, settled, query_rows, within))
    return found


def confusion(truth: Sequence[Grade], predicted: Sequence[Grade | None]) -> dict[str, Any]:
    """{"L1": {"L1": n, ..., "none": n}, ...}: what each settled level was called."""
    names = [grade.name for grade in Grade]
    found = {name: dict.fromkeys([*names, "none"], 0) for name in names}
    for true, said in zip(truth, predicted, strict=True):
        found[true.name][said.name if said else "none"] += 1
    return found
