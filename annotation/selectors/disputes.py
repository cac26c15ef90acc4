"""The adjudication queue: tasks whose answers are all there and do not agree."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch, QuerySet

from annotation.models import Adjudication, AnnotationTask, Judgment, PairBelief, Slot
from annotation.selectors.subjects import Subject, subjects_for
from rules.models import Release
from webapp.common.errors import NotFound
from webapp.common.models import Corpus


@dataclass(frozen=True)
class Dispute:
    """One pair people are split on: the subject with its rules, all standing answers, earlier adjudications.

    `belief` is what Dawid and Skene's model makes of the answers, as of the last run of the figures.
    """

    subject: Subject
    judgments: Sequence[Judgment]
    adjudications: Sequence[Adjudication] = field(default=())
    belief: PairBelief | None = None


def waiting(corpus: Corpus, campaign: int = 0) -> QuerySet[AnnotationTask]:
    """Disputed tasks of a corpus, or of one campaign of it."""
    rows = AnnotationTask.objects.filter(campaign__corpus=corpus, outcome=AnnotationTask.Outcome.DISPUTED)
    return rows.filter(campaign=campaign) if campaign else rows


def disputes(corpus: Corpus, campaign: int = 0) -> QuerySet[AnnotationTask]:
    """Disputed tasks with what a list shows of them: the query, the item, who said what."""
    answers = Judgment.objects.filter(superseded_by=None).exclude(grade=None).select_related("person", "note")
    slots = Prefetch("slots", queryset=Slot.objects.prefetch_related(Prefetch("judgments", queryset=answers)))
    told = waiting(corpus, campaign).select_related(
        "campaign", "pair__query", "pair__item__current", "pair__belief"
    )
    return told.prefetch_related(slots)


def dispute_get_for(corpus: Corpus, pk: int, release: Release) -> Dispute:
    """One dispute with the rules in view, or NotFound. Also for one that has been adjudicated since."""
    task = AnnotationTask.objects.filter(campaign__corpus=corpus, pk=pk, pair__isnull=False).first()
    slot = task.slots.order_by("number").first() if task else None
    if task is None or slot is None:
        raise NotFound("There is no such subject in this corpus.")
    subject = subjects_for([slot], release, blind=False)[0]
    rows = Judgment.objects.filter(pair=subject.pair, superseded_by=None).exclude(grade=None)
    past = Adjudication.objects.filter(pair=subject.pair).select_related("person").order_by("-pk")
    answers = list(rows.select_related("person", "note", "release").order_by("at"))
    return Dispute(subject, answers, list(past), PairBelief.objects.filter(pair=subject.pair).first())


def dispute_after(corpus: Corpus, pk: int, campaign: int = 0) -> int | None:
    """The next disputed task's id, so that the queue is worked without going back to the list."""
    rows = waiting(corpus, campaign)
    later = rows.filter(pk__gt=pk).order_by("pk").values_list("pk", flat=True).first()
    return later or rows.exclude(pk=pk).order_by("pk").values_list("pk", flat=True).first()
