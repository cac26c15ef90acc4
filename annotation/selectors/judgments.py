"""Standing judgments, consensus as of a release, and what a release made stale."""

import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from annotation.consensus import METHOD, Consensus, Opinion, consensus_of
from annotation.models import Adjudication, Judgment
from relevance.grades import Verdict
from rules.models import Release, VerdictChange
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
        "pair__query", "pair__settled", "item_version", "release", "superseded_by", "note"
    ).prefetch_related("pair__adjudications")


def stale_judgments(corpus: Corpus, release: Release) -> QuerySet[Judgment]:
    """Standing judgments that `release` overturns: older than a verdict it changed and not agreeing with it, or made
    under other level definitions. Judgments under an external guideline (release 0) are never stale."""
    older = effective_judgments(corpus).filter(release__external=False, release__number__lt=release.number)
    changes = VerdictChange.objects.filter(pair=OuterRef("pair"), release=release).exclude(after="")
    overturned = ~Q(release__level_definitions=release.level_definitions)
    for grade in (1, 2, 3, 4):  # '[L2-colour]' and '[L2]' begin alike, and that is enough to agree
        overturned |= Q(Exists(changes.exclude(after__startswith=f"[L{grade}")), grade=grade)
    return older.filter(overturned)


def consensus_for(pairs: Iterable[int], release: Release, method: str = METHOD) -> dict[int, Consensus]:
    """pair id -> consensus as of `release`: of each person's newest standing judgment made under it or before it.

    Judgments that a release up to `release` overturned are left out; an adjudication that is not itself overturned wins.
    Pairs that nobody judged are absent; a pair the people are split on has grade None.
    """
    wanted = list(pairs)
    overturned = _overturned(wanted, release)
    opinions: dict[int, dict[int, Opinion]] = defaultdict(dict)
    rows = Judgment.objects.filter(
        pair_id__in=wanted, superseded_by=None, release__number__lte=release.number
    )
    for row in rows.exclude(grade=None).select_related("release").order_by("at"):
        if not _is_overturned(overturned, row.pair_id, row.release, int(row.grade or 0)):
            opinions[row.pair_id][row.person_id] = Opinion(
                int(row.grade or 0), row.dimension, row.picture_decided, row.blind, tuple(row.rules_cited)
            )
    found = {pair: consensus_of(list(people.values()), method) for pair, people in opinions.items()}
    return found | _adjudicated(wanted, release, overturned)


Overturned = dict[int, list[tuple[int, str]]]


def _overturned(pairs: list[int], release: Release) -> Overturned:
    """pair -> [(number of the release that changed it, the new verdict)], newest last."""
    rows = VerdictChange.objects.filter(
        pair_id__in=pairs, release__corpus_id=release.corpus_id, release__number__lte=release.number
    ).exclude(after="")
    found: Overturned = defaultdict(list)
    for pair, number, after in rows.order_by("release__number").values_list(
        "pair_id", "release__number", "after"
    ):
        found[pair].append((number, after))
    return found


def _is_overturned(changes: Overturned, pair: int, made_under: Release, grade: int) -> bool:
    if made_under.external:
        return False
    later = [after for number, after in changes.get(pair, ()) if number > made_under.number]
    verdict = Verdict.parse(later[-1]) if later else None
    return verdict is not None and int(verdict.grade) != grade


def _adjudicated(pairs: list[int], release: Release, changes: Overturned) -> dict[int, Consensus]:
    rows = Adjudication.objects.filter(pair_id__in=pairs, release__number__lte=release.number)
    return {
        row.pair_id: Consensus(
            row.grade, row.dimension, "adjudication", 1, 1, row.picture_decided, blind=False
        )
        for row in rows.select_related("release").order_by("pk")
        if not _is_overturned(changes, row.pair_id, row.release, row.grade)
    }


def judgment_get_for(corpus: Corpus, pk: uuid.UUID) -> Judgment:
    """An answer of this corpus with what a review needs, or NotFound."""
    rows = Judgment.objects.filter(corpus=corpus, pk=pk).select_related("pair__query", "person", "corpus")
    judgment = rows.first()
    if judgment is None:
        raise NotFound("There is no such answer in this corpus.")
    return judgment
