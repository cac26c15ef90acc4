"""The verdict cache: read and filled by key alone. A new model or release simply asks for other keys."""

from collections.abc import Mapping, Sequence

from relevance.grades import Grade
from rules.models import Release
from serving.models import CachedVerdict
from training_bridge.model_client import Scored
from training_bridge.models import ModelVersion
from webapp.common.models import Corpus


def cache_read(
    *, query_key: str, versions: Sequence[int], model: ModelVersion, release: Release, reasoning: bool
) -> dict[int, Scored]:
    """item version id -> the verdict kept; with `reasoning`, only those that hold one."""
    rows = CachedVerdict.objects.filter(
        query_key=query_key, item_version_id__in=versions, model_version=model, release=release
    )
    if reasoning:
        rows = rows.exclude(reasoning="")
    return {row.item_version_id: _scored(row) for row in rows}


def cache_write(
    *, corpus: Corpus, query_key: str, model: ModelVersion, release: Release, found: Mapping[int, Scored]
) -> None:
    """Keep verdicts; two requests with the same pair write one row, and a reasoning is added to a row without one."""
    rows = [
        CachedVerdict(
            corpus=corpus, query_key=query_key, item_version_id=version, model_version=model, release=release,
            grade=int(scored.grade) if scored.grade else None, dimension=scored.dimension[:40],
            probabilities=list(scored.probabilities), reasoning=scored.reasoning,
        )
        for version, scored in sorted(found.items())
    ]  # fmt: skip
    key = ["query_key", "item_version", "model_version", "release"]
    reasoned = [row for row in rows if row.reasoning]
    CachedVerdict.objects.bulk_create([row for row in rows if not row.reasoning], ignore_conflicts=True)
    CachedVerdict.objects.bulk_create(
        reasoned, update_conflicts=True, unique_fields=key,
        update_fields=["grade", "dimension", "probabilities", "reasoning"],
    )  # fmt: skip


def _scored(row: CachedVerdict) -> Scored:
    one, two, three, four = row.probabilities
    return Scored(
        (one, two, three, four), Grade(row.grade) if row.grade else None, row.dimension, row.reasoning
    )
