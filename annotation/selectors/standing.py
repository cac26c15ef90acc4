"""Standing answers of one campaign, of whatever kind, counted by person, day and grade.

Pages count so where a campaign is small; of a large one the job behind the figures does, and pages read what it kept.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, BooleanField, Count, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.functions import TruncDate

from annotation.models import Campaign, Judgment, PagePreference, PageVerdict, Ranking

LISTED = 50_000  # places up to which a campaign's answers are found by a list of them
PLACES_SQL = "{table}.slot_id = ANY(ARRAY(SELECT id FROM annotation_slot WHERE campaign_id = %s))"
MODELS: dict[str, tuple[Any, Q]] = {
    Campaign.Kind.PAIR: (Judgment, Q(grade=None)),
    Campaign.Kind.RANKING: (Ranking, Q(withdrawn=True)),
    Campaign.Kind.PAGE: (PageVerdict, Q(mark=None)),
    Campaign.Kind.PAGE_PAIR: (PagePreference, Q(preference=None)),
}


def standing_of(campaign: Campaign) -> "QuerySet[Any]":
    """The answers a campaign asks for: verdicts on pairs or pages, orders, or choices; neither replaced nor withdrawn."""
    model, withdrawn = MODELS[campaign.kind]
    found: QuerySet[Any] = model.objects.filter(_given_in(campaign, model), superseded_by=None)
    return found.exclude(withdrawn)


def _given_in(campaign: Campaign, model: Any) -> Any:
    """The answers to a campaign's places. Of a small one by its places, listed first: beside a million imported answers,
    which have no place, the planner takes the join for one that most answers pass, and reads them all.
    """
    if campaign.slots_total > LISTED:
        return Q(slot__campaign=campaign)
    sql = PLACES_SQL.replace("{table}", model._meta.db_table)
    return RawSQL(sql, (campaign.pk,), output_field=BooleanField())


def verdicts_of(campaign: Campaign) -> "QuerySet[Judgment]":
    """Standing grades of items: of a campaign over pages those given on its pages."""
    return Judgment.objects.filter(_given_in(campaign, Judgment), superseded_by=None).exclude(grade=None)


@dataclass(frozen=True)
class PersonLine:
    """One person's part in a campaign; `seconds` is the mean of an answer, or its median in a large campaign."""

    pk: int
    name: str
    answers: int
    seconds: float | None
    disagreements: int
    gold_answers: int
    gold_right: int


def people_counted(campaign: Campaign) -> list[PersonLine]:
    """Who did how much, how fast, how often against the rules, and how right on gold. Two queries, the busiest first."""
    rows = standing_of(campaign).values("person_id", "person__display_name")
    graded = _graded(campaign) if campaign.kind in (Campaign.Kind.PAIR, Campaign.Kind.PAGE) else {}
    return [
        PersonLine(pk, name, n, mean, *graded.get(pk, (0, 0, 0)))
        for pk, name, n, mean in rows.annotate(n=Count("pk"), mean=Avg("seconds"))
        .order_by("-n", "person_id")
        .values_list("person_id", "person__display_name", "n", "mean")
    ]


def _graded(campaign: Campaign) -> dict[int, tuple[int, int, int]]:
    """person -> (against the rules, on gold, right on gold) of her grades."""
    on_gold = Q(pair__gold__isnull=False)
    rows = (
        verdicts_of(campaign)
        .values("person_id")
        .annotate(
            against=Count("pk", filter=~Q(disagreement="")),
            gold=Count("pk", filter=on_gold),
            right=Count("pk", filter=on_gold & Q(grade=F("pair__gold__grade"))),
        )
    )
    return {row["person_id"]: (row["against"], row["gold"], row["right"]) for row in rows}


def days_counted(campaign: Campaign) -> list[tuple[dt.date, int]]:
    """(day, answers), oldest first."""
    rows = standing_of(campaign).annotate(day=TruncDate("at")).values_list("day").annotate(n=Count("pk"))
    return [(day, n) for day, n in rows.order_by("day")]


def grades_counted(campaign: Campaign) -> list[int]:
    """How often L1, L2, L3, L4."""
    found = dict(verdicts_of(campaign).values_list("grade").annotate(n=Count("pk")))
    return [found.get(grade, 0) for grade in (1, 2, 3, 4)]
