"""Alarms of quality: what crosses a threshold, raised and told once, ended by itself."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from annotation import services
from annotation.figures.alarms import THRESHOLDS, alarms_of, thresholds_of
from annotation.figures.rows import Figure
from annotation.models import QualityAlarm
from annotation.selectors.quality import report_for
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Notification

from .test_quality import judged, say

__all__ = ["judged"]


ClientFor = Callable[[Any], Client]


def test_alarms_are_raised_once_told_and_end_by_themselves(judged: SimpleNamespace) -> None:
    services.quality_settings_set(
        corpus=judged.corpus, actor=judged.people.admin, stale_campaigns=False, stale_most=500,
        thresholds={"fast_seconds": 6.0, "fast_answers": 20, "constant_answers": 1000},
    )  # fmt: skip
    services.quality_compute(corpus=judged.corpus)
    fast = QualityAlarm.objects.filter(kind="fast", resolved_at=None)
    assert fast.count() == 3 and Notification.objects.filter(kind="annotation.alarm").count() >= 3
    services.quality_compute(corpus=judged.corpus, everything=True)
    assert fast.count() == 3  # not twice
    alarm = fast.first()
    assert alarm is not None
    services.alarm_resolve(alarm=alarm, actor=judged.people.reviewer, resolution="talked it over")
    with pytest.raises(Conflict):
        services.alarm_resolve(alarm=alarm, actor=judged.people.reviewer)
    services.quality_compute(corpus=judged.corpus, everything=True)
    assert fast.count() == 2  # dealt with: not raised again over the same answers
    services.quality_settings_set(
        corpus=judged.corpus, actor=judged.people.admin, thresholds={}, stale_campaigns=False, stale_most=500
    )
    services.quality_compute(corpus=judged.corpus, everything=True)
    assert fast.count() == 0 and QualityAlarm.objects.filter(resolution="It has passed.").count() == 2
    with pytest.raises(Invalid):
        services.quality_settings_set(
            corpus=judged.corpus,
            actor=judged.people.admin,
            thresholds={"mood": 1},
            stale_campaigns=False,
            stale_most=1,
        )


def habit(**detail: Any) -> Figure:
    base = {"lately": 60, "top_grade": 4, "top_share": 0.5, "others_share": 0.4, "median_lately": 5.0,
            "timed_lately": 60, "skip_streak": 0, "imported": False}  # fmt: skip
    return Figure("answers", "person", "7", "Nora", 60, 60.0, detail={**base, **detail})


@pytest.mark.parametrize(
    ("figure", "kinds"),
    [
        (habit(), []),
        (habit(median_lately=0.9), ["fast"]),
        (habit(median_lately=0.9, timed_lately=5), []),
        (habit(top_share=0.98), ["constant"]),
        (habit(top_share=0.98, others_share=0.95), []),  # the pairs are like that
        (habit(skip_streak=9), ["skips"]),
        (habit(imported=True, median_lately=0.1), []),
        (Figure("gold", "person", "7", "Nora", 12, 0.5, detail={"right": 6}), ["gold"]),
        (Figure("gold", "person", "7", "Nora", 5, 0.2, detail={"right": 1}), []),
        (Figure("kappa", "person", "7", "Nora", 80, 0.1), ["kappa"]),
        (Figure("grades", "stratum", "head", "head", 400, 0.4,
                detail={"before": [50, 50, 50, 50], "after": [5, 5, 10, 180], "p": 1e-9}), ["drift"]),
        (Figure("grades", "stratum", "head", "head", 400, 0.4,
                detail={"before": [5, 5, 5, 5], "after": [5, 5, 10, 180], "p": 1e-9}), []),
    ],
)  # fmt: skip
def test_what_crosses_a_threshold(figure: Figure, kinds: list[str]) -> None:
    assert [alarm.kind for alarm in alarms_of([figure], thresholds_of({}))] == kinds
    assert set(thresholds_of({"kappa": 0.7, "mood": 1})) == set(THRESHOLDS)


def test_a_shift_of_grades_is_seen_with_its_n(judged: SimpleNamespace) -> None:
    me, now = judged.people.editor, timezone.now()
    for at, pair in enumerate(judged.all[:40]):
        say(judged, me, pair, 1 + at % 2, at=now - dt.timedelta(days=60))
    services.quality_compute(corpus=judged.corpus)
    row = next(row for row in report_for(judged.corpus).drift if row.slice == "overall")
    assert sum(row.detail["before"]) == 40 and sum(row.detail["after"]) == 144
    assert (row.value or 0) > 0.2 and row.detail["p"] < 0.01
