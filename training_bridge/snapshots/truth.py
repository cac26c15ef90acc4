"""What is true of a corpus's pairs when a snapshot is taken: settled verdicts, their fields, firings and pictures."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from annotation.models import AnnotationTask
from annotation.selectors import consensus_for
from catalog.models import ItemImage, ItemVersion, SettledVerdict
from catalog.selectors import item_fields, query_fields
from relevance.grades import Grade, Verdict
from relevance.prompt import PairFacts, RuleLine
from rules.engine import Resolution, Rulebook
from rules.models import Release
from rules.selectors import rule_lines, rulebook_for
from training_bridge.pictures import image_evidence_of
from webapp.common.models import Corpus

CONSENSUS_POLICY = "adjudication, else majority as of the release, else import"
CHUNK = 1000
RULES_IN_PROMPT = 5


@dataclass(frozen=True)
class Truth:
    """One settled pair: its verdict, its facts as the judged item version had them, and what the rulebook says."""

    pair_id: int
    query_key: str
    query_id: int
    item_version_id: int
    verdict: Verdict
    facts: PairFacts
    lines: tuple[RuleLine, ...]
    resolution: Resolution
    picture_decided: bool
    cited: tuple[str, ...] = ()

    @property
    def capability(self) -> str:
        """visual: people said the picture decided. rules: a firing decides here, or people cited one. Else knowledge.

        Whether the firing gives the consensus grade must not matter: a subset chosen by that would flatter the rules.
        """
        if self.picture_decided:
            return "visual"
        fired = {firing.code for firing in self.resolution.firings}
        return "rules" if self.resolution.decisive or fired & set(self.cited) else "knowledge"

    @property
    def taught_as(self) -> str:
        """The stage that teaches this pair: only a firing that gives the consensus grade is an example for the rules."""
        agrees = {firing.code for firing in self.resolution.firings if firing.grade == self.verdict.grade}
        settled = self.resolution.grade == self.verdict.grade or agrees & set(self.cited)
        return "knowledge" if self.capability == "rules" and not settled else self.capability


def truths(corpus: Corpus, release: Release, excluded: Counter[str]) -> Iterator[Truth]:
    """Every settled pair that may be learnt from, in order of pair id, a chunk at a time."""
    rulebook = rulebook_for(release)
    disputed = set(
        AnnotationTask.objects.filter(campaign__corpus=corpus, outcome=AnnotationTask.Outcome.DISPUTED)
        .exclude(pair=None)
        .values_list("pair_id", flat=True)
    )
    last = 0
    while rows := _chunk(corpus, last):
        last = rows[-1].pk
        yield from _truths_of(rows, release, rulebook, disputed, excluded)


def _chunk(corpus: Corpus, after: int) -> list[SettledVerdict]:
    rows = SettledVerdict.objects.filter(pair__corpus=corpus, pair_id__gt=after).order_by("pair_id")
    return list(rows.select_related("pair__query", "item_version__payload")[:CHUNK])


def _truths_of(
    rows: Sequence[SettledVerdict],
    release: Release,
    rulebook: Rulebook,
    disputed: set[int],
    excluded: Counter[str],
) -> Iterator[Truth]:
    judged = [row.pair_id for row in rows if row.source != SettledVerdict.Source.IMPORT]
    standing = consensus_for(judged, release) if judged else {}
    for row in rows:
        consensus = standing.get(row.pair_id)
        if row.pair_id in disputed:
            excluded["disputed"] += 1
        elif row.source != SettledVerdict.Source.IMPORT and (
            consensus is None or consensus.grade != row.grade
        ):
            excluded["stale under this release"] += 1
        else:
            cited = consensus.cited if consensus else ()
            yield truth_of(row, release, rulebook, cited)


def truth_of(
    row: SettledVerdict,
    release: Release,
    rulebook: Rulebook,
    cited: tuple[str, ...] = (),
) -> Truth:
    query, item = query_fields(row.pair.query), item_fields(row.item_version)
    resolution = rulebook.evaluate(query, item, trace=False)
    lines = tuple(rule_lines(release, resolution, RULES_IN_PROMPT)) if resolution.firings else ()
    dimension = "" if row.dimension == "unstated" else row.dimension
    return Truth(
        pair_id=row.pair_id,
        query_key=row.pair.query.key,
        query_id=row.pair.query_id,
        item_version_id=row.item_version_id,
        verdict=Verdict(Grade(row.grade), dimension),
        facts=PairFacts.of(query, item),
        lines=lines,
        resolution=resolution,
        picture_decided=row.picture_decided,
        cited=tuple(cited),
    )


def truths_pictured(found: Sequence[Truth], classifiers: str) -> list[Truth]:
    """The same truths with what their pictures show, by the classifiers of that blob ('' for colours alone)."""
    shown: list[Truth] = []
    for start in range(0, len(found), CHUNK):
        part = found[start : start + CHUNK]
        pictures = image_evidence_of([truth.item_version_id for truth in part], classifiers)
        shown += [
            replace(truth, facts=replace(truth.facts, image_evidence=pictures.get(truth.item_version_id)))
            for truth in part
        ]
    return shown


def catalogue_items(corpus: Corpus, limit: int) -> list[dict[str, Any]]:
    """Fields of the corpus's current item versions, evenly from the whole, at most `limit`, in order of id."""
    return [fields for _, fields in _current_items(corpus.items.values("current_id"), corpus, limit)]


def pictured_items(
    corpus: Corpus, held_out: Collection[int], classifiers: str, limit: int
) -> list[tuple[dict[str, Any], Mapping[str, str]]]:
    """(fields, what the picture shows) of current items with a stored picture, none of `held_out`; at most `limit`."""
    stored = ItemImage.objects.filter(state=ItemImage.State.STORED, version__item__corpus=corpus)
    rows = _current_items(stored.exclude(version_id__in=held_out).values("version_id"), corpus, limit)
    shown = image_evidence_of([pk for pk, _ in rows], classifiers)
    return [(fields, cast(Mapping[str, str], shown[pk])) for pk, fields in rows if pk in shown]


def _current_items(among: Any, corpus: Corpus, limit: int) -> list[tuple[int, dict[str, Any]]]:
    current = ItemVersion.objects.filter(pk__in=corpus.items.filter(deleted_at=None).values("current_id"))
    ids = list(current.filter(pk__in=among).order_by("pk").values_list("pk", flat=True))
    chosen = ids[:: max(1, -(-len(ids) // limit))]
    found: list[tuple[int, dict[str, Any]]] = []
    for start in range(0, len(chosen), CHUNK):
        rows = ItemVersion.objects.filter(pk__in=chosen[start : start + CHUNK]).select_related("payload")
        found += [(version.pk, item_fields(version)) for version in rows.order_by("pk")]
    return found
