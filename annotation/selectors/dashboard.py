"""How a campaign goes: its pace, when it will be done, and its charts."""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from annotation.models import Campaign
from annotation.selectors.campaigns import LIVE
from annotation.selectors.quality import Report, report_for
from annotation.selectors.standing import days_counted, grades_counted, standing_of

DAYS = 14


@dataclass(frozen=True)
class Finish:
    """When the rest will be done at the pace of the last fortnight; `early` and `late` bound it (about 95 in 100)."""

    per_day: float
    day: dt.date
    early: dt.date
    late: dt.date | None


def finish_of(days: Sequence[tuple[dt.date, int]], left: int, today: dt.date) -> Finish | None:
    """From answers a day, days without any counted as 0 since the first. None without a pace, or with nothing left.

    The interval treats a day's count as a draw with the spread these days had, and never less than chance alone would
    have; a pace whose lower end is not above nothing has no latest day.
    """
    recent = {day: n for day, n in days if day > today - dt.timedelta(days=DAYS)}
    if not recent or left <= 0:
        return None
    span = (today - min(recent)).days + 1
    counts = [recent.get(min(recent) + dt.timedelta(days=at), 0) for at in range(span)]
    mean = sum(counts) / span
    spread = sum((n - mean) ** 2 for n in counts) / max(1, span - 1)
    error = math.sqrt(max(spread, mean) / span)
    slow, quick = mean - 1.96 * error, mean + 1.96 * error
    late = today + dt.timedelta(days=math.ceil(left / slow)) if slow > 0 and left / slow < 3650 else None
    if left / mean > 3650:
        return None
    return Finish(
        mean,
        today + dt.timedelta(days=math.ceil(left / mean)),
        today + dt.timedelta(days=math.ceil(left / quick)),
        late,
    )


@dataclass(frozen=True)
class Charts:
    """What a campaign's page shows beside its counts; `late` answers came after its deadline."""

    report: Report
    finish: Finish | None
    days: Sequence[tuple[dt.date, int]]
    grades: Sequence[int]
    late: int


def campaign_charts(campaign: Campaign) -> Charts:
    """Three queries for a small campaign, two for one of any size."""
    report = report_for(campaign.corpus, campaign)
    live = campaign.slots_done <= LIVE
    days = days_counted(campaign) if live else _days_stored(report)
    grades = grades_counted(campaign) if live else _grades_stored(report)
    finish = finish_of(days, campaign.slots_total - campaign.slots_done, timezone.now().date())
    late = standing_of(campaign).filter(at__gt=campaign.deadline).count() if campaign.is_over and live else 0
    return Charts(report, finish, days, grades, late)


def _days_stored(report: Report) -> list[tuple[dt.date, int]]:
    row = next(iter(report.of("days", "overall")), None)
    return [(dt.date.fromisoformat(day), n) for day, n in row.detail["days"]] if row else []


def _grades_stored(report: Report) -> list[int]:
    row = next(iter(report.of("grades", "overall")), None)
    return [int(n) for n in row.detail["all"]] if row else [0, 0, 0, 0]
