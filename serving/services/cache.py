"""The verdict cache: read and filled by key alone. A new model, release or lexicon simply asks for other keys."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from catalog.models import Query
from relevance.grades import Grade
from rules.models import Release
from serving.models import CachedVerdict
from training_bridge.model_client import Scored
from training_bridge.models import ModelVersion
from webapp.common.models import Corpus


@dataclass(frozen=True)
class CacheKey:
    """What a verdict hangs on beside the item version."""

    query_key: str
    facets: str
    model_version_id: int
    release_id: int
    mode: str

    @classmethod
    def of(cls, query: Query, model: ModelVersion, release: Release, mode: str) -> "CacheKey":
        facets = json.dumps(query.facets, sort_keys=True, ensure_ascii=False)
        return cls(query.key, hashlib.sha256(facets.encode()).hexdigest(), model.pk, release.pk, mode)


def cache_read(key: CacheKey, versions: Sequence[int]) -> dict[int, Scored]:
    """item version id -> the verdict kept."""
    rows = CachedVerdict.objects.filter(**asdict(key), item_version_id__in=versions)
    return {row.item_version_id: _scored(row) for row in rows}


def cache_write(*, corpus: Corpus, key: CacheKey, found: Mapping[int, Scored]) -> None:
    """Keep verdicts; two requests with the same pair write one row."""
    rows = [
        CachedVerdict(
            **asdict(key), corpus=corpus, item_version_id=version, grade=int(scored.grade) if scored.grade else None,
            dimension=scored.dimension[:40], probabilities=list(scored.probabilities), reasoning=scored.reasoning,
        )
        for version, scored in sorted(found.items())
    ]  # fmt: skip
    CachedVerdict.objects.bulk_create(rows, ignore_conflicts=True)


def _scored(row: CachedVerdict) -> Scored:
    one, two, three, four = row.probabilities
    return Scored(
        (one, two, three, four), Grade(row.grade) if row.grade else None, row.dimension, row.reasoning
    )
