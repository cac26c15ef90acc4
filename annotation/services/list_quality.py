"""Figures of large campaigns over pages and reasonings: counted by the job and kept, as those over pairs are."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation.models import Campaign, QualityFigure, QualityRun
from annotation.selectors.campaigns import LIVE
from annotation.selectors.standing import MODELS, days_counted, grades_counted, people_counted
from webapp.common.models import Corpus


def lists_large(corpus: Corpus) -> list[Campaign]:
    """Campaigns whose page does not count for itself any more."""
    rows = Campaign.objects.filter(corpus=corpus, slots_done__gt=LIVE).exclude(kind=Campaign.Kind.PAIR)
    return list(rows.exclude(state=Campaign.State.ARCHIVED).order_by("pk"))


def lists_due(corpus: Corpus, runs: Mapping[int | None, QualityRun]) -> list[Campaign]:
    """Those of them whose kind has an answer in this corpus that their figures have not seen."""
    newest: dict[str, Any] = {}
    found = []
    for campaign in lists_large(corpus):
        model, run = MODELS[campaign.kind][0], runs.get(campaign.pk)
        if campaign.kind not in newest:
            newest[campaign.kind] = model.objects.filter(corpus=corpus).aggregate(top=Max("at"))["top"]
        if run is None or newest[campaign.kind] > run.computed_at:
            found.append(campaign)
    return found


def list_compute(campaign: Campaign) -> int:
    """Its people, days and grades, replaced in one transaction. Returns the answers they rest on."""
    at, people = timezone.now(), people_counted(campaign)
    total = sum(line.answers for line in people)
    days = [[day.isoformat(), n] for day, n in days_counted(campaign)[-60:]]
    rows = [
        _figure(campaign, "answers", "person", str(line.pk), line.name, line.answers,
                {"median": line.seconds, "against": line.disagreements, "gold": [line.gold_answers, line.gold_right]})
        for line in people
    ]  # fmt: skip
    rows.append(_figure(campaign, "days", "overall", "", "Answers a day", total, {"days": days}))
    rows.append(
        _figure(campaign, "grades", "overall", "", "All answers", total, {"all": grades_counted(campaign)})
    )
    with transaction.atomic():
        values = {"answers": total, "computed_at": at, "seconds": (timezone.now() - at).total_seconds()}
        QualityRun.objects.update_or_create(corpus_id=campaign.corpus_id, campaign=campaign, defaults=values)
        QualityFigure.objects.filter(campaign=campaign).delete()
        QualityFigure.objects.bulk_create(rows)
    return total


def _figure(
    campaign: Campaign, metric: str, kind: str, key: str, label: str, n: int, detail: Any
) -> QualityFigure:
    return QualityFigure(
        corpus_id=campaign.corpus_id, campaign=campaign, metric=metric, slice=kind, key=key, label=label[:200], n=n,
        detail=detail,
    )  # fmt: skip
