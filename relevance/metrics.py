"""The figures of relevance: Acc@2, Acc@4, macro-F1, per-class F1, and intervals by bootstrap over queries.

None as a prediction (unparsable, or a rulebook that abstains) counts as wrong everywhere.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from relevance.grades import RELEVANT, Grade

Grades = Sequence[Grade | None]
Metric = Callable[[Sequence[Grade], Grades], float]


class Row(TypedDict):
    query_id: str
    truth: Grade
    predicted: Grade | None
    capability: str


def acc2(truth: Sequence[Grade], predicted: Grades) -> float:
    """Share whose side, {L1, L2} against {L3, L4}, is right. NaN for no rows."""
    right = sum(
        guess is not None and (guess in RELEVANT) == (true in RELEVANT)
        for true, guess in zip(truth, predicted, strict=True)
    )
    return right / len(truth) if truth else float("nan")


def acc4(truth: Sequence[Grade], predicted: Grades) -> float:
    """Share whose grade is exactly right. NaN for no rows."""
    return (
        sum(true == guess for true, guess in zip(truth, predicted, strict=True)) / len(truth)
        if truth
        else float("nan")
    )


def per_class_f1(truth: Sequence[Grade], predicted: Grades) -> dict[str, float]:
    """F1 of each grade by name; 0 for a grade that is neither there nor predicted."""
    return {
        grade.name: score
        for grade, score in zip(Grade, _f1(Counter(zip(truth, predicted, strict=True))), strict=True)
    }


def macro_f1(truth: Sequence[Grade], predicted: Grades) -> float:
    """The unweighted mean of the four per-class F1. NaN for no rows."""
    return sum(_f1(Counter(zip(truth, predicted, strict=True)))) / 4 if truth else float("nan")


def _f1(cells: Mapping[tuple[Grade, Grade | None], int]) -> list[float]:
    """F1 of L1..L4 from the confusion cells (truth, predicted) -> count."""
    scores = []
    for grade in Grade:
        hit = cells.get((grade, grade), 0)
        there = sum(count for (true, _), count in cells.items() if true == grade)
        said = sum(count for (_, guess), count in cells.items() if guess == grade)
        scores.append(2 * hit / (there + said) if there + said else 0.0)
    return scores


METRICS: dict[str, Metric] = {"acc2": acc2, "acc4": acc4, "macro_f1": macro_f1}


def bootstrap_over_queries(
    rows: Sequence[Row], metric: str, n: int = 1000, seed: int = 0, level: float = 0.95
) -> tuple[float, float]:
    """(low, high) of `metric` when whole queries are drawn with replacement: pairs of one query are not independent."""
    cells: dict[str, Counter[tuple[Grade, Grade | None]]] = defaultdict(Counter)
    for row in rows:
        cells[row["query_id"]][row["truth"], row["predicted"]] += 1
    groups = [cells[key] for key in sorted(cells)]
    if not groups:
        return float("nan"), float("nan")
    rng = random.Random(seed)
    draws = sorted(_from_cells(rng.choices(groups, k=len(groups)), metric) for _ in range(n))
    tail = (1 - level) / 2
    return draws[int(tail * n)], draws[min(n - 1, int((1 - tail) * n))]


def _from_cells(groups: Sequence[Counter[tuple[Grade, Grade | None]]], metric: str) -> float:
    cells: Counter[tuple[Grade, Grade | None]] = Counter()
    for group in groups:
        cells.update(group)
    total = sum(cells.values())
    if metric == "macro_f1":
        return sum(_f1(cells)) / 4
    if metric == "acc4":
        return sum(count for (true, guess), count in cells.items() if true == guess) / total
    right = (
        count
        for (true, guess), count in cells.items()
        if guess is not None and (guess in RELEVANT) == (true in RELEVANT)
    )
    return sum(right) / total


def report(rows: Sequence[Row], n: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Every figure of one subject on one split, ready for JSON: metrics with intervals, per class, per capability."""
    truth, predicted = [row["truth"] for row in rows], [row["predicted"] for row in rows]
    result: dict[str, Any] = {"n": len(rows), "queries": len({row["query_id"] for row in rows})}
    for name, metric in METRICS.items():
        low, high = bootstrap_over_queries(rows, name, n, seed)
        result[name] = {"value": metric(truth, predicted), "low": low, "high": high}
    result["per_class_f1"] = per_class_f1(truth, predicted)
    result["unparsable"] = sum(guess is None for guess in predicted) / len(rows) if rows else None
    result["capabilities"] = {name: _capability(rows, name) for name in ("knowledge", "visual", "rules")}
    return result


def _capability(rows: Sequence[Row], name: str) -> dict[str, Any]:
    some = [row for row in rows if row["capability"] == name]
    if not some:
        return {"n": 0}
    truth, predicted = [row["truth"] for row in some], [row["predicted"] for row in some]
    return {"n": len(some), **{key: metric(truth, predicted) for key, metric in METRICS.items()}}
