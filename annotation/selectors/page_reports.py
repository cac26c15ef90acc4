"""What a campaign over pages came to: marks by stratum; win rate of one source over the other, with its interval."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.intervals import mean_over_queries
from annotation.models import Campaign, ListSettings, PagePreference, PageVerdict
from catalog.models import Stratum
from webapp.common.errors import Refused

WORDS = {3: "Good", 2: "Mid", 1: "Bad"}


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


@dataclass(frozen=True)
class SidesReport:
    """The outcome of a side-by-side campaign. `names` are the sources for those who may know, else letters."""

    names: tuple[str, str]
    unblinded: bool
    answers: int
    identical: int
    lines: list[WinLine]


def marks_of(campaign: Campaign) -> list[MarksLine]:
    """Standing marks of a page campaign, over all and by stratum."""
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


def sides_report(campaign: Campaign, *, is_admin: bool) -> SidesReport:
    """Who won. Refused before the campaign is closed; the sources' names are for admins alone, the others see letters."""
    if campaign.state not in (Campaign.State.CLOSED, Campaign.State.ARCHIVED):
        raise Refused("The result is there once the campaign is closed: until then nobody sees who is ahead.")
    settings = ListSettings.objects.get(campaign=campaign)
    turned = not is_admin and random.Random(f"letters:{campaign.pk}").random() < 0.5
    rows = _preferences(campaign, settings.other_source if turned else settings.source)
    names = (settings.source, settings.other_source) if is_admin else ("List A", "List B")
    return SidesReport(names, is_admin, len(rows), settings.identical, _by_stratum(rows, _wins))


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
