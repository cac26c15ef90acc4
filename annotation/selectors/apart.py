"""The answers behind a figure of agreement: pairs on which people differ, those whose verdict is least sure first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Count, Exists, F, Max, Min, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from annotation.models import AnnotationTask, Campaign, Judgment, PairBelief
from annotation.selectors.judgments import effective_judgments
from annotation.selectors.sources import rule_pairs
from catalog.models import Pair
from webapp.common.models import Corpus

LOOKED_AT = (
    5000  # the least sure pairs, or the newest answers of one of two people: what a page looks through
)
WIDE = 20_000  # least sure pairs among which those of a rule that fires on many are looked for
SHOWN = 100


@dataclass(frozen=True)
class Apart:
    """One pair with everybody's standing answer; `task` is the dispute that waits for a reviewer, where there is one."""

    pair: Pair
    answers: Sequence[Judgment]
    task: int | None


@dataclass(frozen=True)
class Differing:
    """What was found, and whether all there is was looked through."""

    lines: Sequence[Apart]
    looked_at_all: bool


def pairs_apart(
    corpus: Corpus, *, rule: str = "", two: tuple[int, int] | None = None, campaign: Campaign | None = None
) -> Differing:
    """At most a hundred pairs with differing answers: of the corpus or a campaign, where a rule of the release in force
    fires, or between two people. Four queries, bounded whatever the corpus holds. Invalid for a rule that is not in it.
    """
    ids, all_of_them = _candidates(corpus, rule, two, campaign)
    rows = Pair.objects.filter(_among("catalog_pair.id", _differing(corpus, ids, two)))
    told = rows.select_related("query", "item__current", "settled", "belief")
    found = list(told.order_by(F("belief__certainty").asc(nulls_last=True), "pk")[:SHOWN])
    return Differing(_with_answers(corpus, found), all_of_them)


def _candidates(
    corpus: Corpus, rule: str, two: tuple[int, int] | None, campaign: Campaign | None
) -> tuple[list[int], bool]:
    """(pairs to look through, are these all). Read before the answers are: in one statement the planner reads them all."""
    rows = _newest_of(corpus, two[0], campaign) if two else _least_sure(corpus, campaign)
    fired = rule_pairs(corpus, rule) if rule else []
    if len(fired) > LOOKED_AT:
        wide, kept = list(rows[:WIDE]), set(fired)
        found = [pk for pk in wide if pk in kept][: LOOKED_AT + 1]
        return found[:LOOKED_AT], len(wide) < WIDE and len(found) <= LOOKED_AT
    ids = list((rows.filter(_among("pair_id", fired)) if rule else rows)[:LOOKED_AT])
    return ids, len(ids) < LOOKED_AT


def _among(column: str, ids: Sequence[int]) -> RawSQL:
    return RawSQL(f"{column} = ANY(%s)", (list(ids),), output_field=BooleanField())


def _differing(corpus: Corpus, pairs: Sequence[int], two: tuple[int, int] | None) -> list[int]:
    """Those of some pairs that have more than one grade, of anybody's or of two people who both judged them."""
    rows = effective_judgments(corpus).filter(_among("pair_id", pairs))
    rows = rows.filter(person__in=two) if two else rows
    told = rows.values("pair_id").annotate(
        least=Min("grade"), most=Max("grade"), people=Count("person", distinct=True)
    )
    apart = told.filter(least__lt=F("most"), people__gte=2).order_by()
    return list(apart.values_list("pair_id", flat=True))


def _newest_of(corpus: Corpus, person: int, campaign: Campaign | None) -> QuerySet[Judgment, int]:
    rows = Judgment.objects.filter(corpus=corpus, person=person)
    rows = rows.filter(slot__campaign=campaign) if campaign else rows
    return rows.order_by("-at").values_list("pair_id", flat=True)


def _least_sure(corpus: Corpus, campaign: Campaign | None) -> QuerySet[PairBelief, int]:
    rows = PairBelief.objects.filter(corpus=corpus)
    if campaign is not None:
        rows = rows.filter(Exists(AnnotationTask.objects.filter(campaign=campaign, pair=OuterRef("pair_id"))))
    return rows.order_by("certainty").values_list("pair_id", flat=True)


def _with_answers(corpus: Corpus, pairs: Sequence[Pair]) -> list[Apart]:
    said: dict[int, list[Judgment]] = {}
    ids = [pair.pk for pair in pairs]
    given = effective_judgments(corpus).filter(_among("pair_id", ids)).select_related("person")
    for answer in given.order_by("at", "pk"):
        said.setdefault(answer.pair_id, []).append(answer)
    waiting = AnnotationTask.objects.filter(pair__in=pairs, outcome=AnnotationTask.Outcome.DISPUTED)
    tasks = dict(waiting.values_list("pair_id", "pk"))
    return [Apart(pair, said.get(pair.pk, []), tasks.get(pair.pk)) for pair in pairs]
