"""Small charts as geometry for server-made SVG: training curves, and figures with their intervals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, LEFT = 320.0, 90.0, 4.0
SHOWN = ("loss", "reward", "rewards/margins", "rewards/accuracies", "mean_token_accuracy", "entropy")
METRICS = (("acc2", "Acc@2"), ("acc4", "Acc@4"), ("macro_f1", "macro-F1"))


@dataclass(frozen=True)
class Curve:
    """One figure over the steps: an SVG polyline in a box of WIDTH x HEIGHT, with its first, last and extreme values."""

    name: str
    points: str
    low: float
    high: float
    last: float
    first: int
    steps: int


@dataclass(frozen=True)
class Dot:
    """One subject's figure on the scale 0..100 (per cent of the drawing's width)."""

    subject: str
    value: float
    low: float
    high: float
    stage: str

    @property
    def at(self) -> float:
        return round(100 * self.value, 2)

    @property
    def start(self) -> float:
        return round(100 * self.low, 2)

    @property
    def span(self) -> float:
        return round(100 * (self.high - self.low), 2)


def curves_of(metrics: Sequence[Mapping[str, Any]]) -> list[Curve]:
    """The curves worth watching of a run's thinned metrics, in a fixed order."""
    found = (_curve(name, metrics) for name in SHOWN)
    return [curve for curve in found if curve is not None]


def _curve(name: str, metrics: Sequence[Mapping[str, Any]]) -> Curve | None:
    points = [(float(row["step"]), float(row[name])) for row in metrics if name in row and "step" in row]
    points = [(x, y) for x, y in points if y == y and abs(y) != float("inf")]
    if len(points) < 2:
        return None
    low, high = min(y for _, y in points), max(y for _, y in points)
    first, last = points[0][0], points[-1][0]
    wide, tall = (last - first) or 1.0, (high - low) or 1.0
    drawn = " ".join(
        f"{LEFT + (x - first) / wide * (WIDTH - 2 * LEFT):.1f},{LEFT + (high - y) / tall * (HEIGHT - 2 * LEFT):.1f}"
        for x, y in points
    )
    return Curve(name, drawn, low, high, points[-1][1], int(first), int(last))


def dots_of(report: Mapping[str, Any]) -> list[tuple[str, list[Dot]]]:
    """(metric, subjects with intervals) for each metric of a turn's report."""
    rows = list(report.get("rows") or ())
    return [(title, [_dot(row, key) for row in rows]) for key, title in METRICS] if rows else []


def _dot(row: Mapping[str, Any], key: str) -> Dot:
    low, high = row.get("intervals", {}).get(key, (0.0, 0.0))
    return Dot(row["subject"], float(row.get(key) or 0.0), float(low), float(high), str(row.get("stage", "")))
