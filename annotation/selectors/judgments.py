"""Standing judgments, consensus as of a release, and what a release made stale."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.consensus import METHOD, Consensus, Opinion, consensus_of
from annotation.models import Adjudication, Judgment
from annotation.selectors.overturned import Overturned, overturned_ids
from catalog.models import Pair, SettledVerdict
from rules.models import Publication, Release
from rules.publications import LAST, Course, course_of
from rules.selectors import level_definitions
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, User


def effective_judgments(corpus: Corpus) -> QuerySet[Judgment]:
    """Judgments that stand: neither superseded nor withdrawn.

    Asked by NOT EXISTS: of an outer join that finds nothing the planner expects one row, and then reads all of them.
    """
    newer = Judgment.objects.filter(supersedes=OuterRef("pk"))
    return Judgment.objects.filter(~Exists(newer), corpus=corpus, grade__isnull=False)


def history_of(corpus: Corpus, person: User) -> QuerySet[Judgment]:
    """One person's judgments of every state, with what a list shows of them."""
    rows = Judgment.objects.filter(corpus=corpus, person=person)
    return rows.select_related(
        "pair__query", "pair__settled", "item_version", "release", "superseded_by", "note", "review"
    ).prefetch_related("pair__adjudications")


def stale_judgments(corpus: Corpus, release: Release) -> QuerySet[Judgment]:
    """Standing judgments that are overturned once `release` is (or was last) in force: see `Overturned`; or that were
    made under other level definitions. Judgments under an external guideline (release 0) are never stale.
    """
    return effective_judgments(corpus).filter(_stale(Judgment, corpus, release))


def stale_pairs(corpus: Corpus, release: Release) -> QuerySet[Pair]:
    """Pairs to be judged again under `release`: with a stale judgment, and with no settled verdict that still holds.

    A verdict holds that a judgment or an adjudication which is not stale gives: one renewed since, by whomever, or one
    that had said so before. The judgments it replaced stay stale, each for itself.
    """
    settled = SettledVerdict.objects.filter(pair=OuterRef("pk")).exclude(source=SettledVerdict.Source.IMPORT)
    said = effective_judgments(corpus).filter(pair=OuterRef("pair"), grade=OuterRef("grade"))
    ruled = Adjudication.objects.filter(corpus=corpus, pair=OuterRef("pair"), grade=OuterRef("grade"))
    holds = settled.filter(
        Exists(said.exclude(_stale(Judgment, corpus, release)))
        | Exists(ruled.exclude(_stale(Adjudication, corpus, release)))
    )
    overturned = stale_judgments(corpus, release).values("pair_id")
    return Pair.objects.filter(~Exists(holds), corpus=corpus, pk__in=overturned)


def _stale(model: type[Judgment | Adjudication], corpus: Corpus, release: Release) -> Q:
    """What of a model is overturned once `release` is (or was last) in force, or was said of levels in other words."""
    course = course_of(corpus.pk)
    upto = course.newest(release.pk)
    spans = course.spans(upto)
    words = level_definitions(release)
    under = Release.objects.filter(pk__in={span.release for span in spans}).only("level_definitions")
    reworded = Q(release__in=[row.pk for row in under if level_definitions(row) != words])
    if upto != LAST and (later := _later(course, upto)):
        reworded &= Q(at__lt=later)
    return Q(pk__in=overturned_ids(course, upto, spans, model._meta.db_table)) | reworded


def _later(course: Course, upto: int) -> datetime | None:
    """When another release came into force after a place."""
    rows = Publication.objects.filter(pk__in=[pk for pk in course.order if pk > upto])
    return rows.order_by("id").values_list("at", flat=True).first()


def stale_among(corpus: Corpus, judgments: Sequence[Judgment], release: Release) -> set[uuid.UUID]:
    """Which of a few standing judgments are stale under `release`; the same as `stale_judgments` says of them."""
    found = Overturned([row.pair_id for row in judgments], release)
    words = level_definitions(release)
    named = Release.objects.filter(pk__in={row.release_id for row in judgments})
    made_under = {row.pk: row for row in named.only("external", "level_definitions")}
    return {
        row.pk
        for row in judgments
        if row.grade is not None
        and not made_under[row.release_id].external
        and (
            level_definitions(made_under[row.release_id]) != words
            or found.overturns(row.pair_id, row.release_id, row.at, row.grade)
        )
    }


def consensus_for(pairs: Iterable[int], release: Release, method: str = METHOD) -> dict[int, Consensus]:
    """pair id -> consensus as of `release`: of each person's newest standing judgment made up to when it was last in force.

    Judgments that are overturned by then are left out; an adjudication that is not itself overturned wins.
    Pairs that nobody judged are absent; a pair the people are split on has grade None.
    """
    wanted = list(pairs)
    overturned = Overturned(wanted, release)
    opinions: dict[int, dict[int, Opinion]] = defaultdict(dict)
    rows = Judgment.objects.filter(pair_id__in=wanted, superseded_by=None).exclude(grade=None)
    for row in rows.order_by("at"):
        if overturned.counts(row.pair_id, row.release_id, row.at, int(row.grade or 0)):
            opinions[row.pair_id][row.person_id] = Opinion(
                int(row.grade or 0), row.dimension, row.picture_decided, row.blind, tuple(row.rules_cited)
            )
    found = {pair: consensus_of(list(people.values()), method) for pair, people in opinions.items()}
    return found | _adjudicated(wanted, overturned)


def _adjudicated(pairs: list[int], overturned: Overturned) -> dict[int, Consensus]:
    return {
        row.pair_id: Consensus(
            row.grade, row.dimension, "adjudication", 1, 1, row.picture_decided, blind=False
        )
        for row in Adjudication.objects.filter(pair_id__in=pairs).order_by("pk")
        if overturned.counts(row.pair_id, row.release_id, row.at, row.grade)
    }


def judgment_get_for(corpus: Corpus, pk: uuid.UUID) -> Judgment:
    """An answer of this corpus with what a review needs, or NotFound."""
    rows = Judgment.objects.filter(corpus=corpus, pk=pk).select_related("pair__query", "person", "corpus")
    judgment = rows.first()
    if judgment is None:
        raise NotFound("There is no such answer in this corpus.")
    return judgment
