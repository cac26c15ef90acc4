"""Figures worked out by a job and stored, so that a page of any size is a few indexed reads.

A scope is a corpus or one of its campaigns. Only scopes with answers newer than their last run are worked out again; a
run replaces all figures of its scope in one transaction, so a page never shows half of two runs.
"""

import json
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from annotation.figures import dawid_skene
from annotation.figures.agreement import alpha_figures, kappa_figures
from annotation.figures.alarms import THRESHOLDS, Alarm, alarms_of, thresholds_of
from annotation.figures.answers import Answers, answers_read
from annotation.figures.drift import drift_figures, place_slices
from annotation.figures.models import model_figures
from annotation.figures.people import person_figures, skip_streaks
from annotation.figures.rows import Figure
from annotation.figures.slices import slices_of
from annotation.models import (
    Campaign,
    Gold,
    Judgment,
    PairBelief,
    QualityAlarm,
    QualityFigure,
    QualityRun,
    QualitySettings,
    RaterModel,
    Skip,
)  # fmt: skip
from annotation.selectors.triage import rules_shown_count
from annotation.services.list_quality import list_compute, lists_due, lists_large
from annotation.services.notices import notice_reviewers
from rules.selectors import release_current
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, User

KIND, IMPORT_KIND = "annotation.quality", "annotation.import"
SMOOTHING = 0.05
Tick = Callable[[int, int, str], None]

BELIEFS_SQL = """
INSERT INTO annotation_pairbelief (pair_id, corpus_id, grade, certainty, probabilities)
SELECT pair, %s, grade, certainty, probabilities::jsonb
FROM unnest(%s::bigint[], %s::int[], %s::float8[], %s::text[]) AS row(pair, grade, certainty, probabilities)
ON CONFLICT (pair_id) DO UPDATE SET grade = excluded.grade, certainty = excluded.certainty,
    probabilities = excluded.probabilities
WHERE annotation_pairbelief.certainty <> excluded.certainty OR annotation_pairbelief.grade <> excluded.grade
"""


def quality_refresh_start(*, corpus: Corpus, actor: User | None, everything: bool = False) -> Job:
    """Order a run; while one waits or works, that one is returned."""
    with transaction.atomic():
        Corpus.objects.select_for_update().get(pk=corpus.pk)
        going = Job.objects.filter(corpus=corpus, kind=KIND).exclude(
            state__in=["done", "failed", "cancelled"]
        )
        if (job := going.first()) is not None:
            return job
        return job_enqueue(kind=KIND, corpus=corpus, actor=actor, arguments={"everything": everything})


def quality_due(corpus: Corpus) -> list[Campaign | None]:
    """The scopes with answers, withdrawals, skips or gold that their figures have not seen; None is the corpus itself."""
    runs = {run.campaign_id: run for run in QualityRun.objects.filter(corpus=corpus)}
    newest = Judgment.objects.filter(corpus=corpus).aggregate(top=Max("at"))["top"]
    found: list[Campaign | None] = []
    if newest is not None and not _seen(runs.get(None), newest, corpus):
        since = runs[None].computed_at if None in runs else None
        touched = Judgment.objects.filter(corpus=corpus, slot__isnull=False)
        touched = touched.filter(at__gte=since) if since else touched
        rows = Campaign.objects.filter(pk__in=touched.values("slot__campaign").distinct(), kind="pair")
        found = [None, *rows.exclude(state=Campaign.State.ARCHIVED)]
    return [*found, *lists_due(corpus, runs)]


def _seen(run: QualityRun | None, newest: Any, corpus: Corpus) -> bool:
    """Imported answers keep the time they were given at, which may lie years back: their import tells of them."""
    if run is None or newest > run.computed_at:
        return False
    release, since = release_current(corpus), run.computed_at
    unseen = (
        Skip.objects.filter(annotation_task__campaign__corpus=corpus, at__gt=since),
        Gold.objects.filter(pair__corpus=corpus, at__gt=since),
        Job.objects.filter(corpus=corpus, kind=IMPORT_KIND, finished_at__gt=since),
    )
    return run.release_id == (release.pk if release else None) and not any(rows.exists() for rows in unseen)


def quality_compute(*, corpus: Corpus, everything: bool = False, tick: Tick | None = None) -> dict[str, Any]:
    """Work out every scope that is due (or every open one); returns how many, and over how many answers."""
    due = quality_due(corpus)
    if everything:
        due = [
            None,
            *Campaign.objects.filter(corpus=corpus, kind="pair").exclude(state=Campaign.State.ARCHIVED),
            *lists_large(corpus),
        ]
    answers = 0
    for number, campaign in enumerate(due):
        if tick is not None:
            tick(number, len(due), campaign.name if campaign else "the whole corpus")
        answers += scope_compute(corpus=corpus, campaign=campaign)
    return {"scopes": len(due), "answers": answers}


def scope_compute(*, corpus: Corpus, campaign: Campaign | None) -> int:
    """All figures of one scope, replaced in one transaction. Returns the answers they rest on."""
    if campaign is not None and campaign.kind != Campaign.Kind.PAIR:
        return list_compute(campaign)
    started, at = time.monotonic(), timezone.now()
    answers = answers_read(corpus, campaign)
    figures = _figures(corpus, campaign, answers)
    model = _model_people(answers) if campaign is None and len(answers) else None
    release = release_current(corpus)
    with transaction.atomic():
        values = {
            "answers": len(answers), "newest": answers.newest, "computed_at": at, "release": release,
            "seconds": round(time.monotonic() - started, 3),
        }  # fmt: skip
        QualityRun.objects.update_or_create(corpus=corpus, campaign=campaign, defaults=values)
        QualityFigure.objects.filter(corpus=corpus, campaign=campaign).delete()
        QualityFigure.objects.bulk_create((_row(corpus, campaign, row) for row in figures), batch_size=500)
        if model is not None:
            _model_keep(corpus, answers, model)
        if campaign is None:
            alarms_keep(corpus=corpus, figures=figures)
    return len(answers)


def _figures(corpus: Corpus, campaign: Campaign | None, answers: Answers) -> list[Figure]:
    if not len(answers):
        return []
    people = User.objects.filter(pk__in=answers.people.tolist())
    names = dict(people.values_list("pk", "display_name"))
    slices = list(slices_of(corpus, answers))
    found = list(alpha_figures(answers, slices))
    found += kappa_figures(answers, names)
    found += person_figures(answers, names, skip_streaks(corpus, campaign, answers))
    found += model_figures(corpus, answers, slices, names)
    found += drift_figures(answers, [*slices, *place_slices(answers)])
    found.append(_days(answers))
    if campaign is None:
        shown = rules_shown_count(corpus)
        found += [Figure("shown", "rule", code, code, n, None) for code, n in sorted(shown.items())]
    return found


def _days(answers: Answers) -> Figure:
    """Answers a day, for progress and its end."""
    days, counts = np.unique(answers.at.astype("datetime64[s]").astype("datetime64[D]"), return_counts=True)
    lately = [[str(day), int(n)] for day, n in zip(days[-60:], counts[-60:], strict=True)]
    return Figure("days", "overall", "", "Answers a day", len(answers), None, detail={"days": lately})


def _row(corpus: Corpus, campaign: Campaign | None, row: Figure) -> QualityFigure:
    return QualityFigure(
        corpus=corpus, campaign=campaign, metric=row.metric, slice=row.kind, key=row.key[:160], label=row.label[:200],
        n=row.n, value=row.value, low=row.low, high=row.high, detail=row.detail,
    )  # fmt: skip


def _model_people(answers: Answers) -> dawid_skene.Fit:
    return dawid_skene.fit(answers.pair, answers.person, answers.grade - 1, smoothing=SMOOTHING)


def _model_keep(corpus: Corpus, answers: Answers, fit: dawid_skene.Fit) -> None:
    """Each person's confusions, and the posterior of every pair that two people judged."""
    counts = np.bincount(answers.person, minlength=len(answers.people))
    RaterModel.objects.filter(corpus=corpus).delete()
    RaterModel.objects.bulk_create(
        RaterModel(
            corpus=corpus, person_id=pk, answers=int(counts[at]), confusion=fit.confusion[at].round(5).tolist(),
            accuracy=float((np.diagonal(fit.confusion[at]) * fit.prior).sum()),
        )
        for at, pk in enumerate(answers.people.tolist())
    )  # fmt: skip
    shared = np.flatnonzero(np.bincount(answers.pair, minlength=len(answers.pairs)) >= 2)
    posterior = fit.posterior[shared].round(4)
    PairBelief.objects.filter(corpus=corpus).exclude(pair__judgments__grade__isnull=False).delete()
    with connection.cursor() as cursor:
        for start in range(0, len(shared), 50_000):
            part = slice(start, start + 50_000)
            rows = posterior[part]
            values = [
                corpus.pk, answers.pairs[shared[part]].tolist(), (rows.argmax(axis=1) + 1).tolist(),
                rows.max(axis=1).tolist(), [json.dumps(row) for row in rows.tolist()],
            ]  # fmt: skip
            cursor.execute(BELIEFS_SQL, values)


def alarms_keep(*, corpus: Corpus, figures: Sequence[Figure]) -> int:
    """Raise what is new, refresh what stands, end by itself what has passed. Reviewers hear of new ones once."""
    row = QualitySettings.objects.filter(corpus=corpus).first()
    found = {
        (alarm.kind, alarm.person, alarm.key): alarm
        for alarm in alarms_of(figures, thresholds_of(row.thresholds if row else {}))
    }
    standing = {
        (a.kind, a.person_id, a.key): a for a in QualityAlarm.objects.filter(corpus=corpus, resolved_at=None)
    }
    dealt = _dealt_with(corpus)
    for key, held in standing.items():
        if key not in found:
            held.resolved_at, held.resolution = timezone.now(), "It has passed."
        else:
            held.value, held.n, held.message = found[key].value, found[key].n, found[key].message
    QualityAlarm.objects.bulk_update(
        standing.values(), ["value", "n", "message", "resolved_at", "resolution"]
    )
    fresh = [alarm for key, alarm in found.items() if key not in standing and alarm.n > dealt.get(key, -1)]
    QualityAlarm.objects.bulk_create(_alarm_row(corpus, alarm) for alarm in fresh)
    url = reverse("annotation:alarm_list", args=[corpus.slug])
    for alarm in fresh:
        notice_reviewers(corpus=corpus, kind="alarm", text=alarm.message, url=url)
    return len(fresh)


def _dealt_with(corpus: Corpus) -> dict[tuple[str, int | None, str], int]:
    """What a reviewer has dealt with is raised again only over more answers than she has seen."""
    rows = QualityAlarm.objects.filter(corpus=corpus, resolved_by__isnull=False)
    return {(a.kind, a.person_id, a.key): a.n + 20 for a in rows.order_by("pk")}


def _alarm_row(corpus: Corpus, alarm: Alarm) -> QualityAlarm:
    return QualityAlarm(
        corpus=corpus, person_id=alarm.person, kind=alarm.kind, key=alarm.key, value=alarm.value,
        threshold=alarm.threshold, n=alarm.n, message=alarm.message[:300],
    )  # fmt: skip


def alarm_resolve(*, alarm: QualityAlarm, actor: User, resolution: str = "") -> QualityAlarm:
    """A reviewer has looked into it."""
    with transaction.atomic():
        values = {"resolved_at": timezone.now(), "resolved_by": actor, "resolution": resolution.strip()[:300]}
        if not QualityAlarm.objects.filter(pk=alarm.pk, resolved_at=None).update(**values):
            raise Conflict("Somebody has dealt with this alarm already.", code="resolved")
        said = {"message": alarm.message, "resolution": resolution[:300]}
        audit_record(actor=actor, corpus=alarm.corpus, action="alarm.resolve", subject=alarm, data=said)
    alarm.refresh_from_db()
    return alarm


def quality_settings_set(
    *, corpus: Corpus, actor: User, thresholds: dict[str, float], stale_campaigns: bool, stale_most: int
) -> QualitySettings:
    """A corpus's own thresholds (those that differ from the defaults) and what a release does by itself."""
    unknown = set(thresholds) - set(THRESHOLDS)
    if unknown or not all(isinstance(v, int | float) and 0 <= v < 1e6 for v in thresholds.values()):
        raise Invalid("Thresholds are numbers from 0, under the names this page knows.", code="thresholds")
    if not 1 <= stale_most <= 100_000:
        raise Invalid("Between 1 and 100,000 pairs.", code="stale_most")
    own = {name: float(value) for name, value in thresholds.items() if value != THRESHOLDS[name][0]}
    with transaction.atomic():
        values = {"thresholds": own, "stale_campaigns": stale_campaigns, "stale_most": stale_most}
        row, _ = QualitySettings.objects.update_or_create(corpus=corpus, defaults=values)
        audit_record(actor=actor, corpus=corpus, action="quality.settings", subject=corpus, data=values)
    return row


def quality_refresh_due() -> int:
    """Order a run for every corpus with something new: what beat asks every few minutes. Returns how many."""
    due = [corpus for corpus in Corpus.objects.all() if quality_due(corpus)]
    for corpus in due:
        quality_refresh_start(corpus=corpus, actor=None)
    return len(due)
