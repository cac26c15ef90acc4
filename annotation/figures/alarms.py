"""When figures call for a look: thresholds, and what crosses them. Pure; the words are shown to reviewers as they are."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotation.figures.rows import Figure

# name -> (default, what it means)
THRESHOLDS: dict[str, tuple[float, str]] = {
    "fast_seconds": (2.0, "median seconds of the newest answers, below which they are suspiciously fast"),
    "fast_answers": (30, "timed answers needed before speed is looked at"),
    "constant_share": (
        0.95,
        "share of one grade among the newest answers, from which they are called constant",
    ),
    "constant_gap": (0.2, "by how much the others give that grade less often on the same pairs"),
    "constant_answers": (40, "answers needed before constancy is looked at"),
    "skip_streak": (8, "skips in a row that call for a look"),
    "gold_share": (0.7, "share right on gold, below which it is an alarm"),
    "gold_answers": (10, "gold answers needed before they are looked at"),
    "kappa": (0.4, "weighted kappa with the others, below which it is an alarm"),
    "kappa_answers": (50, "comparisons needed before kappa is looked at"),
    "drift_psi": (0.2, "stability index of the grades of four weeks, from which a slice has drifted"),
    "drift_p": (0.01, "p-value below which a drift is more than chance"),
    "drift_answers": (100, "answers needed on either side before drift is looked at"),
}


def thresholds_of(own: Mapping[str, float]) -> dict[str, float]:
    """A corpus's own thresholds over the defaults; names that are none are left out."""
    return {name: float(own.get(name, default)) for name, (default, _) in THRESHOLDS.items()}


@dataclass(frozen=True)
class Alarm:
    """`person` is an id, or None where a slice (`key`) is meant."""

    kind: str
    person: int | None
    key: str
    value: float
    threshold: float
    n: int
    message: str


def alarms_of(figures: Iterable[Figure], limits: Mapping[str, float]) -> Iterator[Alarm]:
    """Every alarm the figures call for. Imported raters are left out: nobody could talk to them."""
    rows = list(figures)
    imported = {row.key for row in rows if row.metric == "answers" and row.detail.get("imported")}
    for row in rows:
        if row.kind == "person" and row.key in imported:
            continue
        yield from _person(row, limits)
        yield from _slice(row, limits)


def _person(row: Figure, limits: Mapping[str, float]) -> Iterator[Alarm]:
    if row.kind != "person":
        return
    who = int(row.key)
    if row.metric == "answers":
        yield from _habits(row, who, limits)
    if row.metric == "gold" and row.n >= limits["gold_answers"] and (row.value or 0) < limits["gold_share"]:
        message = f"{row.label} is right on {row.detail['right']} of {row.n} gold pairs."
        yield Alarm("gold", who, "", row.value or 0.0, limits["gold_share"], row.n, message)
    enough = row.metric == "kappa" and row.n >= limits["kappa_answers"]
    if enough and row.value is not None and row.value < limits["kappa"]:
        message = f"{row.label} agrees with the others at a weighted kappa of {row.value:.2f} over {row.n} comparisons."
        yield Alarm("kappa", who, "", row.value, limits["kappa"], row.n, message)


def _habits(row: Figure, who: int, limits: Mapping[str, float]) -> Iterator[Alarm]:
    said, median = row.detail, row.detail.get("median_lately")
    timed = int(said.get("timed_lately") or 0)
    if median is not None and timed >= limits["fast_answers"] and median < limits["fast_seconds"]:
        message = f"{row.label} took {median:.1f} s for half of the newest {timed} answers."
        yield Alarm("fast", who, "", median, limits["fast_seconds"], timed, message)
    share, others, lately = said["top_share"], said.get("others_share"), int(said["lately"])
    alone = others is None or share - others >= limits["constant_gap"]
    if lately >= limits["constant_answers"] and share >= limits["constant_share"] and alone:
        beside = "" if others is None else f"; the others on {others:.0%}"
        message = (
            f"{row.label} gave L{said['top_grade']} on {share:.0%} of the newest {lately} answers{beside}."
        )
        yield Alarm("constant", who, "", share, limits["constant_share"], lately, message)
    streak = int(said.get("skip_streak") or 0)
    if streak >= limits["skip_streak"]:
        message = f"{row.label} skipped {streak} subjects in a row."
        yield Alarm("skips", who, "", float(streak), limits["skip_streak"], streak, message)


def _slice(row: Figure, limits: Mapping[str, float]) -> Iterator[Alarm]:
    if row.metric != "grades" or row.value is None:
        return
    before, after, p = sum(row.detail["before"]), sum(row.detail["after"]), row.detail["p"]
    enough = min(before, after) >= limits["drift_answers"]
    if enough and row.value >= limits["drift_psi"] and p is not None and p < limits["drift_p"]:
        where = "over all answers" if row.kind == "overall" else f"where {row.kind} is {row.label}"
        message = f"Grades have shifted {where}: {after:.0f} answers of four weeks against {before:.0f} before (p {p:.2g})."
        yield Alarm(
            "drift",
            None,
            f"{row.kind}:{row.key}"[:160],
            row.value,
            limits["drift_psi"],
            int(after),
            message[:300],
        )
