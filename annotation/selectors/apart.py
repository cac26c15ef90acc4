"""The answers behind a figure of agreement: pairs on which people differ, those whose verdict is least sure first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BooleanField, Exists, F, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from annotation.models import AnnotationTask, Campaign, Judgment, PairBelief
from annotation.selectors.sources import rule_pairs
from catalog.models import Pair
from webapp.common.models import Corpus

LOOKED_AT = (
    3000  # the least sure pairs, or the newest answers of one of two people: what a page looks through
)
SHOWN = 100


@dataclass(frozen=True)
class Apart:
    """One pair with everybody's standing answer; `task` is the dispute that waits for a reviewer, where there is one."""

    pair: Pair
    answers: Sequence[Judgment]
    task: int | None


def pairs_apart(
    corpus: Corpus, *, rule: str = "", two: tuple[int, int] | None = None, campaign: Campaign | None = None
) -> list[Apart]:
    """At most a hundred pairs with differing answers: of the corpus or a campaign, where a rule of the release in force
    fires, or between two people. Three queries, bounded whatever the corpus holds. Invalid for a rule that is not in it.
    """
    rows = Pair.objects.filter(corpus=corpus).filter(_differ(two))
    rows = rows.filter(pk__in=_newest_of(corpus, two[0]) if two else _least_sure(corpus, rule, campaign))
    if campaign is not None:
        rows = rows.filter(Exists(AnnotationTask.objects.filter(campaign=campaign, pair=OuterRef("pk"))))
    told = rows.select_related("query", "item__current", "settled", "belief")
    return _with_answers(list(told.order_by(F("belief__certainty").asc(nulls_last=True), "pk")[:SHOWN]))


def _standing() -> QuerySet[Judgment]:
    newer = Judgment.objects.filter(supersedes=OuterRef("pk"))
    return Judgment.objects.filter(grade__isnull=False).filter(~Exists(newer))


def _differ(two: tuple[int, int] | None) -> Exists:
    """Two answers of a pair with other grades: anybody's, or those of two people."""
    one, other = _standing().filter(pair=OuterRef("pk")), _standing().filter(pair=OuterRef("pair_id"))
    if two:
        one, other = one.filter(person=two[0]), other.filter(person=two[1])
    return Exists(one.filter(Exists(other.exclude(grade=OuterRef("grade")))))


def _newest_of(corpus: Corpus, person: int) -> QuerySet[Judgment, int]:
    rows = Judgment.objects.filter(corpus=corpus, person=person).order_by("-at")
    return rows.values_list("pair_id", flat=True)[:LOOKED_AT]


def _least_sure(corpus: Corpus, rule: str, campaign: Campaign | None) -> QuerySet[PairBelief, int]:
    rows = PairBelief.objects.filter(corpus=corpus)
    if rule:
        ids = rule_pairs(corpus, rule)
        rows = rows.filter(RawSQL("pair_id = ANY(%s)", (ids,), output_field=BooleanField()))
    if campaign is not None:
        rows = rows.filter(Exists(AnnotationTask.objects.filter(campaign=campaign, pair=OuterRef("pair_id"))))
    return rows.order_by("certainty").values_list("pair_id", flat=True)[:LOOKED_AT]


def _with_answers(pairs: Sequence[Pair]) -> list[Apart]:
    said: dict[int, list[Judgment]] = {}
    for answer in _standing().filter(pair__in=pairs).select_related("person").order_by("at", "pk"):
        said.setdefault(answer.pair_id, []).append(answer)
    waiting = AnnotationTask.objects.filter(pair__in=pairs, outcome=AnnotationTask.Outcome.DISPUTED)
    tasks = dict(waiting.values_list("pair_id", "pk"))
    return [Apart(pair, said.get(pair.pk, []), tasks.get(pair.pk)) for pair in pairs]
