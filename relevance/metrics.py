"""How well grades agree with the truth. None as a prediction (unparsable, or rules that abstain) counts as wrong."""

import random
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from relevance.grades import RELEVANT, Grade

Row = Mapping[str, Any]
Predicted = Sequence[Grade | None]
Metric = Callable[[Sequence[Grade], Predicted], float]


def acc2(truth: Sequence[Grade], predicted: Predicted) -> float:
    """Share of pairs on the right side of relevant (L3, L4) and not (L1, L2). 0 for no pairs."""
    sides = (
        p is not None and (t in RELEVANT) == (p in RELEVANT) for t, p in zip(truth, predicted, strict=True)
    )
    return _mean([float(right) for right in sides])


def acc4(truth: Sequence[Grade], predicted: Predicted) -> float:
    """Share of pairs with exactly the right level. 0 for no pairs."""
    return _mean([float(t == p) for t, p in zip(truth, predicted, strict=True)])


def per_class_f1(truth: Sequence[Grade], predicted: Predicted) -> dict[str, float]:
    """F1 of each level; 0 where a level is neither there nor predicted."""
    pairs = list(zip(truth, predicted, strict=True))
    scores = {}
    for grade in Grade:
        hits = sum(t == grade == p for t, p in pairs)
        wrong = sum((t == grade) != (p == grade) for t, p in pairs)
        scores[grade.name] = 2 * hits / (2 * hits + wrong) if hits else 0.0
    return scores


def macro_f1(truth: Sequence[Grade], predicted: Predicted) -> float:
    """Unweighted mean of the F1 of the levels that occur in truth or prediction. 0 for no pairs."""
    present = set(truth) | {p for p in predicted if p is not None}
    scores = per_class_f1(truth, predicted)
    return _mean([scores[grade.name] for grade in Grade if grade in present])


def bootstrap_over_queries(
    rows: Sequence[Row], metric: Metric, n: int = 1000, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of a metric when whole queries are drawn again with replacement.

    Rows of one query hang together, so they are drawn together. (0, 0) for no rows.
    """
    groups = _by_query(rows)
    if not groups:
        return 0.0, 0.0
    generator = random.Random(seed)
    draws = sorted(_draw(groups, metric, generator) for _ in range(n))
    return draws[int(0.025 * n)], draws[min(n - 1, int(0.975 * n))]


def report(rows: Sequence[Row], n: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Every figure of one subject: acc2, acc4, macro_f1 with 95 % intervals, f1 per level, unparsable share, by capability.

    Each row has query_id, truth (Grade), predicted (Grade or None) and capability.
    """
    result = _figures(rows)
    result["intervals"] = {
        name: list(bootstrap_over_queries(rows, metric, n, seed)) for name, metric in METRICS.items()
    }
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row.get("capability") or "knowledge")].append(row)
    names = dict.fromkeys(["knowledge", "visual", "rules", *sorted(groups)])
    result["capabilities"] = {
        name: _figures(groups[name]) if groups.get(name) else {"n": 0} for name in names
    }
    return result


METRICS: dict[str, Metric] = {"acc2": acc2, "acc4": acc4, "macro_f1": macro_f1}


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    truth = [row["truth"] for row in rows]
    predicted = [row["predicted"] for row in rows]
    figures: dict[str, Any] = {name: metric(truth, predicted) for name, metric in METRICS.items()}
    figures["per_class_f1"] = per_class_f1(truth, predicted)
    figures["n"] = len(rows)
    figures["queries"] = len({row["query_id"] for row in rows})
    figures["unparsable"] = _mean([float(p is None) for p in predicted])
    return figures


def _by_query(rows: Sequence[Row]) -> list[list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["query_id"]].append(row)
    return list(groups.values())


def _draw(groups: Sequence[Sequence[Row]], metric: Metric, generator: random.Random) -> float:
    drawn = [row for _ in groups for row in groups[int(generator.random() * len(groups))]]
    return metric([row["truth"] for row in drawn], [row["predicted"] for row in drawn])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
