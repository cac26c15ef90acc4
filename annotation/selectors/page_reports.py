"""What a campaign over pages came to: marks by stratum; win rate of one source over the other, with its interval."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from annotation.intervals import mean_over_queries
from annotation.models import Campaign, ListSettings, PagePreference, PageVerdict
from annotation.selectors.quality import WINS, Report
from catalog.models import Stratum
from webapp.common.errors import Refused

WORDS = {3: "Good", 2: "Mid", 1: "Bad"}
MARKS = "marks"
ENDED = (Campaign.State.CLOSED, Campaign.State.ARCHIVED)


@dataclass(frozen=True)
class Scored:
    """One answer, as a number."""

    query: int
    stratum: str
    score: int


@dataclass(frozen=True)
class MarksLine:
    """How the pages of a stratum ("" for all) were marked, and the share that is Good or Mid with its interval."""

    stratum: str
    queries: int
    good: int
    mid: int
    bad: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True)
class WinLine:
    """Queries of a stratum ("" for all) on which the first list was better, the same, or worse, and its win rate.

    A query counts by the mean of its answers; a tie counts half. `sure` says that the interval leaves out one half.
    """

    stratum: str
    queries: int
    better: int
    same: int
    worse: int
    rate: float
    low: float
    high: float

    @property
    def sure(self) -> bool:
        return self.low > 0.5 or self.high < 0.5

    @property
    def turned(self) -> "WinLine":
        """The same, told of the second list."""
        return replace(
            self,
            better=self.worse,
            worse=self.better,
            rate=1 - self.rate,
            low=1 - self.high,
            high=1 - self.low,
        )


@dataclass(frozen=True)
class SidesReport:
    """The outcome of a side-by-side campaign. `names` are the sources for those who may know, else letters."""

    names: tuple[str, str]
    unblinded: bool
    answers: int
    identical: int
    lines: list[WinLine]


def marks_of(campaign: Campaign, kept: Report | None = None) -> list[MarksLine]:
    """Standing marks of a page campaign, over all and by stratum: counted, or read from what was kept of them."""
    if kept is not None:
        return [MarksLine(**row.detail) for row in kept.of(MARKS, "stratum")]
    rows = (
        PageVerdict.objects.filter(slot__campaign=campaign, superseded_by=None)
        .exclude(mark=None)
        .values_list("page__query_id", "page__query__traffic__stratum", "mark")
    )
    return _by_stratum(
        [Scored(query, stratum or "", int(mark or 0)) for query, stratum, mark in rows], _marks
    )


def _marks(stratum: str, rows: Sequence[Scored]) -> MarksLine:
    fine: dict[int, list[float]] = {}
    for row in rows:
        fine.setdefault(row.query, []).append(float(row.score >= 2))
    good, mid, bad = (sum(row.score == mark for row in rows) for mark in (3, 2, 1))
    return MarksLine(stratum, len(fine), good, mid, bad, *mean_over_queries(fine))


def sides_report(campaign: Campaign, *, is_admin: bool, kept: Report | None = None) -> SidesReport:
    """Who won. Refused before the campaign is closed; the sources' names are for admins alone, the others see letters."""
    if campaign.state not in ENDED:
        raise Refused("The result is there once the campaign is closed: until then nobody sees who is ahead.")
    settings = ListSettings.objects.get(campaign=campaign)
    if kept is None:
        answers, lines = wins_counted(campaign, settings.source)
    else:
        answers = kept.run.answers if kept.run else 0
        lines = [WinLine(**row.detail) for row in kept.of(WINS, "stratum")]
    if not is_admin and random.Random(f"letters:{campaign.pk}").random() < 0.5:
        lines = [line.turned for line in lines]
    names = (settings.source, settings.other_source) if is_admin else ("List A", "List B")
    return SidesReport(names, is_admin, answers, settings.identical, lines)


def wins_counted(campaign: Campaign, source: str) -> tuple[int, list[WinLine]]:
    """(answers, how often the list of `source` was better), over all and by stratum."""
    rows = _preferences(campaign, source)
    return len(rows), _by_stratum(rows, _wins)


def _preferences(campaign: Campaign, source: str) -> list[Scored]:
    """The score is 1 where the list of `source` is better, 0 the same, -1 worse."""
    rows = (
        PagePreference.objects.filter(slot__campaign=campaign, superseded_by=None)
        .exclude(preference=None)
        .values_list("page__query_id", "page__query__traffic__stratum", "page__name", "preference")
    )
    return [
        Scored(query, stratum or "", (1 if name == source else -1) * max(-1, min(1, int(preference or 0))))
        for query, stratum, name, preference in rows
    ]


def _wins(stratum: str, rows: Sequence[Scored]) -> WinLine:
    scores: dict[int, list[int]] = {}
    for row in rows:
        scores.setdefault(row.query, []).append(row.score)
    won = {query: 1.0 if sum(held) > 0 else 0.5 if sum(held) == 0 else 0.0 for query, held in scores.items()}
    better, same, worse = (sum(value == mark for value in won.values()) for mark in (1.0, 0.5, 0.0))
    rate = mean_over_queries({query: [value] for query, value in won.items()})
    return WinLine(stratum, len(won), better, same, worse, *rate)


def _by_stratum(rows: Sequence[Scored], line: Callable[[str, Sequence[Scored]], Any]) -> list[Any]:
    """A line over everything and one for each stratum that occurs; none where nothing was answered."""
    strata = [value for value in Stratum.values if any(row.stratum == value for row in rows)]
    return (
        [line(name, [row for row in rows if name in ("", row.stratum)]) for name in ["", *strata]]
        if rows
        else []
    )
