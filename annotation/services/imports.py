"""What an import handed down becomes judgments and rankings here, under the external guideline, release 0."""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction

from annotation.models import Judgment, Ranking, Reasoning
from annotation.services.reasonings import reasonings_ensure
from catalog.models import ImportedRanking
from relevance.reasoning import Unparsable, parse
from rules.models import Release
from rules.services import release_external_ensure
from webapp.common.models import Corpus

NAMESPACE = uuid.UUID("7d1c9b5e-6d0f-5a86-9f6e-1f4a2f0c9a11")

# The id is made of what the row says, so taking the same row up twice adds nothing; a changed grade supersedes.
# (PostgreSQL has no uuid5 without an extension: the digest is laid out as a version 8 UUID.)
RATINGS_SQL = """
INSERT INTO annotation_judgment (id, corpus_id, pair_id, item_version_id, person_id, release_id, grade, dimension,
    rules_shown, rules_cited, picture_decided, disagreement, blind, origin, seconds, supersedes_id, at)
SELECT overlay(overlay(md5(concat_ws(':', 'rating', pair_id, rater_id, item_version_id, grade, dimension))
               PLACING '8' FROM 13) PLACING 'a' FROM 17)::uuid,
    corpus_id, pair_id, item_version_id, rater_id, %(release)s, grade, dimension, '[]', '[]', picture_decided, '',
    true, 'import', seconds,
    (SELECT head.id FROM annotation_judgment head
     WHERE head.pair_id = rating.pair_id AND head.person_id = rating.rater_id AND head.origin = 'import'
       AND NOT EXISTS (SELECT 1 FROM annotation_judgment next WHERE next.supersedes_id = head.id) LIMIT 1),
    clock_timestamp()
FROM catalog_importedrating rating WHERE corpus_id = %(corpus)s AND NOT taken_up
ON CONFLICT DO NOTHING
"""
TAKEN_SQL = "UPDATE catalog_importedrating SET taken_up = true WHERE corpus_id = %(corpus)s AND NOT taken_up"


def imports_take_up(
    *, corpus: Corpus, source: str = "", grade_map: Mapping[str, str] | None = None
) -> tuple[int, int]:
    """Turn waiting ratings and rankings of a corpus into judgments and rankings; returns how many of each are new."""
    with transaction.atomic():
        release = release_external_ensure(
            corpus=corpus, source=source or corpus.source or corpus.name, grade_map=grade_map or {}
        )
        return _ratings(corpus, release), _rankings(corpus, release)


def _ratings(corpus: Corpus, release: Release) -> int:
    values = {"corpus": corpus.pk, "release": release.pk}
    with connection.cursor() as cursor:
        cursor.execute(RATINGS_SQL, values)
        count = int(cursor.rowcount)
        cursor.execute(TAKEN_SQL, values)
    return count


def _rankings(corpus: Corpus, release: Release) -> int:
    waiting = ImportedRanking.objects.filter(corpus=corpus, taken_up=False)
    before = Ranking.objects.filter(corpus=corpus, origin=Judgment.Origin.IMPORT).count()
    rows = waiting.select_related("pair", "item_version").order_by("pk")
    Ranking.objects.bulk_create(
        _made(rows.iterator(chunk_size=500), release), ignore_conflicts=True, batch_size=500
    )
    waiting.update(taken_up=True)
    return Ranking.objects.filter(corpus=corpus, origin=Judgment.Origin.IMPORT).count() - before


def _made(rows: Iterator[ImportedRanking], release: Release) -> Iterator[Ranking]:
    for row in rows:
        contents = [reasoning_content(raw) for raw in row.content.get("reasonings") or []]
        reasonings = reasonings_ensure(
            pair=row.pair, contents=contents, release=release, item_version=row.item_version
        )
        yield Ranking(
            id=uuid.uuid5(NAMESPACE, f"{row.pair_id}:{row.rater_id}:{row.content_hash}"),
            corpus_id=row.corpus_id,
            pair_id=row.pair_id,
            person_id=row.rater_id,
            release=release,
            tiers=_tiers(row.content, [reasoning.pk for reasoning in reasonings]),
            shown_order=[reasoning.pk for reasoning in reasonings],
            all_bad=bool(row.content.get("all_bad")),
            faults=_faults(row.content, [reasoning.pk for reasoning in reasonings]),
            seconds=row.content.get("seconds"),
            origin=Judgment.Origin.IMPORT,
        )


def reasoning_content(raw: Any) -> dict[str, Any]:
    """A reasoning as a file gives it: an object with its parts, or the whole text. Text that cannot be read stays text."""
    if isinstance(raw, Mapping) and (raw.get("steps") or raw.get("grade")):
        return dict(raw)
    text = str(raw.get("raw") or raw.get("text") or "") if isinstance(raw, Mapping) else str(raw)
    extra = (
        {k: raw[k] for k in ("author_kind", "author_name") if k in raw} if isinstance(raw, Mapping) else {}
    )
    found = parse(text)
    if isinstance(found, Unparsable) or found.verdict is None:
        return {"raw": text, "author_kind": Reasoning.Author.MODEL, **extra}
    return {
        "steps": dict(found.steps), "grade": int(found.verdict.grade), "dimension": found.verdict.dimension,
        "rules_cited": list(found.rules_cited), "raw": text, **extra,
    }  # fmt: skip


def _tiers(content: Mapping[str, Any], ids: list[int]) -> list[list[int]]:
    """`tiers` (or `order`) names reasonings by their place in the file's list, from 0; a bare number is a tier of one."""
    named = content.get("tiers") or content.get("order") or []
    tiers = [tier if isinstance(tier, list) else [tier] for tier in named]
    return [[ids[int(at)] for at in tier if 0 <= int(at) < len(ids)] for tier in tiers]


def _faults(content: Mapping[str, Any], ids: list[int]) -> dict[str, dict[str, str]]:
    given = content.get("faults") or {}
    return {str(ids[int(at)]): dict(steps) for at, steps in given.items() if 0 <= int(at) < len(ids)}
