"""The gate: may this model go live? Conditions decided beforehand, each with its figure and interval."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from training_bridge.figures.bootstrap import Difference, difference

Row = Mapping[str, Any]
SLICES = ("knowledge", "visual", "rules")


@dataclass(frozen=True)
class Thresholds:
    """`may_lose`: how far below the champion an interval may reach. Slices under `slice_pairs` are shown, not judged."""

    may_lose: float = 0.05
    slice_may_lose: float = 0.05
    slice_pairs: int = 30
    unparsable: float = 0.05


@dataclass(frozen=True)
class Condition:
    """One condition: what was compared, the figure with its interval, the bound, whether it holds."""

    name: str
    value: float
    low: float | None
    high: float | None
    bound: float
    holds: bool
    note: str = ""


@dataclass(frozen=True)
class Outcome:
    conditions: tuple[Condition, ...]

    @property
    def passed(self) -> bool:
        return all(condition.holds for condition in self.conditions)

    def as_json(self) -> dict[str, Any]:
        return {"conditions": [asdict(condition) for condition in self.conditions]}


def gate_decide(
    thresholds: Thresholds,
    challenger: Sequence[Row],
    majority: Sequence[Row],
    champion: Sequence[Row] | None,
) -> Outcome:
    """All rows are answers on the same pairs. Without a champion the majority class is what must be beaten."""
    found = [_beats_majority(challenger, majority), _readable(challenger, thresholds)]
    if champion is not None:
        found += [
            _not_worse(
                f"{metric} against the champion",
                difference(challenger, champion, metric),
                thresholds.may_lose,
            )
            for metric in ("acc2", "macro_f1")
        ]
        found += [_slice(name, challenger, champion, thresholds) for name in SLICES]
    return Outcome(tuple(found))


def _beats_majority(challenger: Sequence[Row], majority: Sequence[Row]) -> Condition:
    found = difference(challenger, majority, "macro_f1")
    return Condition(
        "macro-F1 above the majority class", found.value, found.low, found.high, 0.0, found.low > 0
    )


def _readable(challenger: Sequence[Row], thresholds: Thresholds) -> Condition:
    share = sum(row["predicted"] is None for row in challenger) / (len(challenger) or 1)
    return Condition(
        "unparsable share", share, None, None, thresholds.unparsable, share <= thresholds.unparsable
    )


def _not_worse(name: str, found: Difference, may_lose: float, note: str = "") -> Condition:
    return Condition(name, found.value, found.low, found.high, -may_lose, found.low >= -may_lose, note)


def _slice(
    name: str, challenger: Sequence[Row], champion: Sequence[Row], thresholds: Thresholds
) -> Condition:
    """A slice may not be clearly worse: below the bound, with an interval that lies wholly below zero."""
    mine, theirs = ([row for row in rows if row["capability"] == name] for rows in (challenger, champion))
    found = difference(mine, theirs, "acc2")
    judged = len(mine) >= thresholds.slice_pairs
    worse = found.high < 0 and found.value < -thresholds.slice_may_lose
    note = f"n {len(mine)}" if judged else f"n {len(mine)}: too few to judge"
    bound = -thresholds.slice_may_lose
    return Condition(
        f"acc2 on {name}", found.value, found.low, found.high, bound, not (judged and worse), note
    )
