"""Figures of large campaigns over pages and reasonings: counted by the job and kept, as those over pairs are."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotation.models import Campaign, QualityFigure, QualityRun
from annotation.selectors.campaigns import LIVE
from annotation.selectors.page_agreement import AGREEMENT, page_agreement
from annotation.selectors.page_reports import ENDED, MARKS, marks_of, wins_counted
from annotation.selectors.quality import WINS
from annotation.selectors.standing import MODELS, days_counted, grades_counted, people_counted
from webapp.common.models import Corpus


def lists_large(corpus: Corpus) -> list[Campaign]:
    """Campaigns whose page does not count for itself any more."""
    return [campaign for campaign in _large(corpus) if campaign.state != Campaign.State.ARCHIVED]


def _large(corpus: Corpus) -> list[Campaign]:
    rows = Campaign.objects.filter(corpus=corpus, slots_done__gt=LIVE).exclude(kind=Campaign.Kind.PAIR)
    return list(rows.order_by("pk"))


def lists_due(corpus: Corpus, runs: Mapping[int | None, QualityRun]) -> list[Campaign]:
    """Those of them with an answer in this corpus that their figures have not seen, or an outcome that nobody kept."""
    newest: dict[str, Any] = {}
    kept = QualityFigure.objects.filter(corpus=corpus, metric=AGREEMENT, slice="overall")
    told = set(kept.values_list("campaign_id", flat=True))
    found = []
    for campaign in _large(corpus):
        model, run = MODELS[campaign.kind][0], runs.get(campaign.pk)
        if campaign.kind not in newest:
            newest[campaign.kind] = model.objects.filter(corpus=corpus).aggregate(top=Max("at"))["top"]
        unseen = run is None or newest[campaign.kind] > run.computed_at
        if (unseen and campaign.state != Campaign.State.ARCHIVED) or (
            _has_outcome(campaign) and campaign.pk not in told
        ):
            found.append(campaign)
    return found


def _has_outcome(campaign: Campaign) -> bool:
    """Which of two lists is ahead is worked out for nobody before the end."""
    return campaign.kind == Campaign.Kind.PAGE or (
        campaign.kind == Campaign.Kind.PAGE_PAIR and campaign.state in ENDED
    )


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
    rows += _outcome(campaign)
    with transaction.atomic():
        values = {"answers": total, "computed_at": at, "seconds": (timezone.now() - at).total_seconds()}
        QualityRun.objects.update_or_create(corpus_id=campaign.corpus_id, campaign=campaign, defaults=values)
        QualityFigure.objects.filter(campaign=campaign).delete()
        QualityFigure.objects.bulk_create(rows)
    return total


def _outcome(campaign: Campaign) -> list[QualityFigure]:
    """What a campaign over pages came to, as its page shows it."""
    if not _has_outcome(campaign):
        return []
    metric = MARKS if campaign.kind == Campaign.Kind.PAGE else WINS
    lines: Any = (
        marks_of(campaign) if metric == MARKS else wins_counted(campaign, campaign.list_settings.source)[1]
    )
    rows = [
        _figure(campaign, metric, "stratum", line.stratum, line.stratum or "All", line.queries, asdict(line))
        for line in lines
    ]
    found = page_agreement(campaign)
    whole = {name: value for name, value in asdict(found.figures).items() if name != "kappas"}
    rows.append(_figure(campaign, AGREEMENT, "overall", "", "All subjects", found.figures.subjects, whole))
    people = enumerate(found.people)
    rows += [
        _figure(campaign, AGREEMENT, "person", str(place), one.name, one.answers, asdict(one))
        for place, one in people
    ]
    return rows


def _figure(
    campaign: Campaign, metric: str, kind: str, key: str, label: str, n: int, detail: Any
) -> QualityFigure:
    return QualityFigure(
        corpus_id=campaign.corpus_id, campaign=campaign, metric=metric, slice=kind, key=key, label=label[:200], n=n,
        detail=detail,
    )  # fmt: skip
