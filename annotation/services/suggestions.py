"""A model's verdicts, handed down by the rooms above: what people may accept or correct while they judge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from annotation.models import Suggestion
from annotation.selectors.releases import dimensions_of
from catalog.models import ItemVersion, Pair
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import Corpus

CHUNK = 1000


@dataclass(frozen=True)
class Suggested:
    """One pair's verdict by a model: `probabilities` of L1..L4 (or none), `reasoning` the whole text as it was written."""

    pair: int
    item_version: int
    grade: int
    dimension: str = ""
    probabilities: Sequence[float] = ()
    reasoning: str = ""


def suggestions_record(
    *, corpus: Corpus, release: Release, model_name: str, rows: Iterable[Suggested]
) -> int:
    """Keep a model's verdicts; returns how many were new. Sending the same again changes nothing.

    `release` is the one whose rules the model was given; people are shown a suggestion only while that release is in
    force and the item is still the version it was made for. Where several models suggested, the newest row counts.
    Raises Invalid for a verdict that is none, or a pair or item version that is not of this corpus.
    """
    if not model_name.strip():
        raise Invalid("A suggestion names the model version it comes from.", code="model_name")
    if release.corpus_id != corpus.pk:
        raise Invalid("That release is of another corpus.", code="release")
    known, kept, batch = frozenset(dimensions_of(release)) | {"unstated"}, 0, list[Suggested]()
    with transaction.atomic():
        for row in rows:
            _check(row, known)
            batch.append(row)
            if len(batch) == CHUNK:
                kept += _keep(corpus, release, model_name, batch)
                batch = []
        return kept + _keep(corpus, release, model_name, batch)


def _check(row: Suggested, known: frozenset[str]) -> None:
    if row.grade not in (1, 2, 3, 4):
        raise Invalid("A suggested grade is L1, L2, L3 or L4.", code="grade")
    if row.dimension and (row.grade > 2 or row.dimension not in known):
        raise Invalid(f"“{row.dimension[:40]}” cannot be what L{row.grade} conflicts in.", code="dimension")
    fits = len(row.probabilities) == 4 and all(0 <= value <= 1 for value in row.probabilities)
    if len(row.probabilities) and not fits:
        raise Invalid("Probabilities are four numbers between 0 and 1, of L1 to L4.", code="probabilities")


def _keep(corpus: Corpus, release: Release, model_name: str, batch: Sequence[Suggested]) -> int:
    """One chunk. The item of a pair never changes, so a version that is not of it is somebody's mistake."""
    items = dict(
        Pair.objects.filter(corpus=corpus, pk__in={row.pair for row in batch}).values_list("pk", "item_id")
    )
    versions = dict(
        ItemVersion.objects.filter(pk__in={row.item_version for row in batch}).values_list("pk", "item_id")
    )
    if any(items.get(row.pair) is None or items[row.pair] != versions.get(row.item_version) for row in batch):
        raise Invalid("A suggestion names a pair of this corpus and a version of its item.", code="pair")
    before = _count(release, model_name, batch)
    Suggestion.objects.bulk_create(
        (_row(corpus, release, model_name, row) for row in batch), ignore_conflicts=True
    )
    return _count(release, model_name, batch) - before


def _count(release: Release, model_name: str, batch: Sequence[Suggested]) -> int:
    pairs = {row.pair for row in batch}
    return Suggestion.objects.filter(pair__in=pairs, release=release, model_name=model_name[:120]).count()


def _row(corpus: Corpus, release: Release, model_name: str, row: Suggested) -> Suggestion:
    return Suggestion(
        corpus=corpus, pair_id=row.pair, item_version_id=row.item_version, release=release,
        model_name=model_name[:120], grade=row.grade, dimension=row.dimension,
        probabilities=[round(float(value), 6) for value in row.probabilities], reasoning=row.reasoning[:20_000],
    )  # fmt: skip
