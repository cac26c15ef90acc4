"""Bootstrap over queries on confusion counts: whole queries are drawn again, and every metric follows from the sums.

A query's answers are a matrix of truth (4) by answer (5, the last column unparsable or abstaining), so a thousand draws
of a metric are one matrix product.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from relevance.grades import Grade

Row: TypeAlias = Mapping[str, Any]
Counts: TypeAlias = npt.NDArray[np.float64]
Metric: TypeAlias = Callable[[Counts], npt.NDArray[np.float64]]
DRAWS = 1000
UNREAD = 4


def acc2(counts: Counts) -> npt.NDArray[np.float64]:
    """(..., 4, 5) counts -> (...,) share on the right side of the relevant line."""
    right = counts[..., :2, :2].sum((-2, -1)) + counts[..., 2:, 2:4].sum((-2, -1))
    return _share(right, counts.sum((-2, -1)))


def acc4(counts: Counts) -> npt.NDArray[np.float64]:
    hits = np.diagonal(counts[..., :4], axis1=-2, axis2=-1).sum(-1)
    return _share(hits, counts.sum((-2, -1)))


def macro_f1(counts: Counts) -> npt.NDArray[np.float64]:
    """Mean of the F1 of the levels that occur in truth or answer."""
    hits = np.diagonal(counts[..., :4], axis1=-2, axis2=-1)
    held = counts.sum(-1) + counts[..., :4].sum(-2)
    scores = _share(2 * hits, held)
    return _share(scores.sum(-1), (held > 0).sum(-1).astype(np.float64))


METRICS: dict[str, Metric] = {"acc2": acc2, "acc4": acc4, "macro_f1": macro_f1}


@dataclass(frozen=True)
class Difference:
    """One subject's metric minus another's on the same pairs, with its 95 % interval over queries."""

    value: float
    low: float
    high: float


def confusions(rows: Sequence[Row]) -> dict[str, Counts]:
    """query id -> (4, 5) counts."""
    found: dict[str, Counts] = {}
    for row in rows:
        counts = found.setdefault(str(row["query_id"]), np.zeros((4, 5)))
        answer = row["predicted"]
        counts[int(row["truth"]) - 1, int(answer) - 1 if answer is not None else UNREAD] += 1
    return found


def intervals(rows: Sequence[Row], seed: int = 0, draws: int = DRAWS) -> dict[str, list[float]]:
    """metric -> [low, high]: the 95 % interval over queries; [0, 0] for no rows."""
    held = confusions(rows)
    if not held:
        return {name: [0.0, 0.0] for name in METRICS}
    sums = _drawn(np.stack(list(held.values())), draws, seed)
    return {
        name: [float(v) for v in np.quantile(metric(sums), [0.025, 0.975])]
        for name, metric in METRICS.items()
    }


def difference(one: Sequence[Row], other: Sequence[Row], metric: str, seed: int = 0) -> Difference:
    """`one` minus `other`, both measured on the same pairs: the same queries are drawn for both."""
    mine, theirs = confusions(one), confusions(other)
    shared = [query for query in mine if query in theirs]
    if not shared:
        return Difference(0.0, 0.0, 0.0)
    a, b = (np.stack([held[query] for query in shared]) for held in (mine, theirs))
    figure = METRICS[metric]
    drawn = figure(_drawn(a, DRAWS, seed)) - figure(_drawn(b, DRAWS, seed))
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Difference(float(figure(a.sum(0)) - figure(b.sum(0))), float(low), float(high))


def _drawn(counts: Counts, draws: int, seed: int) -> Counts:
    """(queries, 4, 5) -> (draws, 4, 5): sums over as many queries drawn with replacement."""
    queries = len(counts)
    weights = np.random.default_rng(seed).multinomial(queries, np.full(queries, 1 / queries), size=draws)
    return np.tensordot(weights.astype(np.float64), counts, axes=1)


def _share(part: npt.NDArray[np.float64], whole: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.divide(part, whole, out=np.zeros_like(part, dtype=np.float64), where=whole > 0)


def grade_or_none(name: str | None) -> Grade | None:
    return Grade.parse(name) if name else None


def mean_interval(values: Sequence[float], seed: int = 0, draws: int = DRAWS) -> tuple[float, float]:
    """The 95 % interval of a mean over independent values (requests), by bootstrap."""
    held = np.asarray(values, dtype=np.float64)
    weights = np.random.default_rng(seed).multinomial(
        len(held), np.full(len(held), 1 / len(held)), size=draws
    )
    low, high = np.quantile(weights @ held / len(held), [0.025, 0.975])
    return float(low), float(high)
