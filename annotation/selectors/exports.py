"""What exports read, in parts: each part is a range of keys fixed when the export began, so memory does not grow with the
corpus, and a part written twice is the same part."""

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from annotation.formats import Rated
from annotation.models import Campaign
from annotation.selectors.page_exports import page_sql, ready_sql
from catalog.models import Query
from rules.models import Release
from webapp.common.errors import NotFound
from webapp.common.models import Blob, Corpus, Job

KIND, IMPORT = "annotation.export", "annotation.import"
PART_ROWS = 10_000

# ------------------------------------------------------------------ the ledger as it is
# A row as the JSON it is written as. `{texts}` is ::text for Parquet, where the columns of changing shape are text.
_JUDGMENT = """
SELECT json_build_object('kind', 'judgment', 'id', j.id, 'corpus', %(slug)s::text, 'pair', j.pair_id, 'query', query.text,
    'query_id', coalesce(nullif(query.external_id, ''), query.id::text), 'docid', item.external_id,
    'item_version', version.content_hash, 'title', version.title, 'grade', j.grade, 'dimension', j.dimension,
    'person', person.display_name, 'person_email', person.email, 'person_kind', person.kind, 'release', release.number,
    'rules_shown', j.rules_shown, 'rules_cited', j.rules_cited, 'picture_decided', j.picture_decided,
    'disagreement', j.disagreement, 'blind', j.blind, 'origin', j.origin, 'seconds', j.seconds,
    'campaign', campaign.name, 'comment', note.comment, 'supersedes', j.supersedes_id, 'at', j.at,
    'page_id', j.page_id)::text
FROM annotation_judgment j
JOIN catalog_pair pair ON pair.id = j.pair_id JOIN catalog_query query ON query.id = pair.query_id
JOIN catalog_item item ON item.id = pair.item_id JOIN catalog_itemversion version ON version.id = j.item_version_id
JOIN common_user person ON person.id = j.person_id JOIN rules_release release ON release.id = j.release_id
LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
LEFT JOIN annotation_campaign campaign ON campaign.id = slot.campaign_id
LEFT JOIN annotation_judgmentnote note ON note.judgment_id = j.id
WHERE j.corpus_id = %(corpus)s AND (j.at, j.id) > (%(low_at)s, %(low_id)s) AND (j.at, j.id) <= (%(high_at)s, %(high_id)s)
    AND j.at >= %(low_at)s AND j.at <= %(high_at)s {filters}
ORDER BY j.at, j.id
"""
_REASONING = """json_build_object('id', r.id, 'steps', r.steps, 'grade', r.grade, 'dimension', r.dimension,
    'rules_cited', r.rules_cited, 'raw', r.raw, 'author_kind', r.author_kind, 'author_name', r.author_name,
    'template_version', r.template_version)"""
_RANKING = f"""
SELECT json_build_object('kind', 'ranking', 'id', j.id, 'corpus', %(slug)s::text, 'pair', j.pair_id, 'query', query.text,
    'query_id', coalesce(nullif(query.external_id, ''), query.id::text), 'docid', item.external_id,
    'person', person.display_name, 'person_email', person.email, 'person_kind', person.kind, 'release', release.number,
    'tiers', j.tiers{{texts}}, 'shown_order', j.shown_order{{texts}}, 'all_bad', j.all_bad, 'faults', j.faults{{texts}},
    'withdrawn', j.withdrawn, 'reasonings', coalesce((SELECT json_agg({_REASONING} ORDER BY r.id)
        FROM annotation_reasoning r WHERE r.pair_id = j.pair_id
        AND r.id::text IN (SELECT jsonb_array_elements_text(j.shown_order) UNION
            SELECT jsonb_array_elements_text(tier) FROM jsonb_array_elements(j.tiers) tier)), '[]'){{texts}},
    'origin', j.origin, 'seconds', j.seconds, 'campaign', campaign.name, 'correction', correction.raw,
    'supersedes', j.supersedes_id, 'at', j.at)::text
FROM annotation_ranking j
JOIN catalog_pair pair ON pair.id = j.pair_id JOIN catalog_query query ON query.id = pair.query_id
JOIN catalog_item item ON item.id = pair.item_id JOIN common_user person ON person.id = j.person_id
JOIN rules_release release ON release.id = j.release_id LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
LEFT JOIN annotation_campaign campaign ON campaign.id = slot.campaign_id
LEFT JOIN annotation_reasoning correction ON correction.id = j.correction_id
WHERE j.corpus_id = %(corpus)s AND (j.at, j.id) > (%(low_at)s, %(low_id)s) AND (j.at, j.id) <= (%(high_at)s, %(high_id)s)
    {{filters}}
ORDER BY j.at, j.id
"""  # noqa: S608  (made of this module's own text)
_LEDGER_CUTS = """
SELECT at, id, n FROM (
    SELECT j.at, j.id, row_number() OVER (ORDER BY j.at, j.id) AS n, count(*) OVER () AS total
    FROM {table} j LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
    WHERE j.corpus_id = %(corpus)s AND j.at <= %(until)s {ready} {filters}) numbered
WHERE n %% %(part)s = 0 OR n = total ORDER BY n
"""
LEDGERS = (
    "pageverdict",
    "pagepreference",
    "judgment",
    "ranking",
)  # pages first: grades of their items name them

# ------------------------------------------------------------------ people's standing answers, pair by pair
# Each of the four sources is read once a part, by its range of pairs: asked pair by pair the planner scans whole tables.
_IN_PART = "j.corpus_id = %(corpus)s AND j.pair_id > %(low)s AND j.pair_id <= %(high)s"
_PERSON = "'person', person.display_name, 'person_id', person.id, 'email', person.email, 'at', j.at"
_PEOPLE = f"""
WITH named AS (
    SELECT j.pair_id FROM annotation_judgment j LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
    WHERE {_IN_PART} {{filters}} UNION
    SELECT j.pair_id FROM annotation_ranking j LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
    WHERE {_IN_PART} {{filters}}
), judged AS (
    SELECT j.pair_id, json_agg(json_build_object('id', j.id, 'grade', j.grade, 'dimension', j.dimension,
        'comment', note.comment, 'seconds', j.seconds, {_PERSON}) ORDER BY j.at, j.id) AS said
    FROM annotation_judgment j JOIN common_user person ON person.id = j.person_id
    LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
    LEFT JOIN annotation_judgmentnote note ON note.judgment_id = j.id
    WHERE {_IN_PART} AND j.grade IS NOT NULL AND j.at <= %(until)s {{filters}}
    AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer
        WHERE newer.supersedes_id = j.id AND newer.supersedes_id IS NOT NULL AND newer.at <= %(until)s)
    GROUP BY j.pair_id
), ranked AS (
    SELECT j.pair_id, json_agg(json_build_object('id', j.id, 'tiers', j.tiers, 'shown_order', j.shown_order,
        'seconds', j.seconds, {_PERSON}) ORDER BY j.at, j.id) AS said
    FROM annotation_ranking j JOIN common_user person ON person.id = j.person_id
    LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
    WHERE {_IN_PART} AND NOT j.withdrawn AND j.at <= %(until)s {{filters}}
    AND NOT EXISTS (SELECT 1 FROM annotation_ranking newer
        WHERE newer.supersedes_id = j.id AND newer.supersedes_id IS NOT NULL AND newer.at <= %(until)s)
    GROUP BY j.pair_id
), reasoned AS (
    SELECT r.pair_id, json_agg({_REASONING} ORDER BY r.id) AS said FROM annotation_reasoning r
    WHERE r.pair_id > %(low)s AND r.pair_id <= %(high)s GROUP BY r.pair_id
)
SELECT json_build_object('pair', pair.id, 'query', query.text,
    'query_id', coalesce(nullif(query.external_id, ''), query.id::text), 'docid', item.external_id,
    'title', version.title, 'brand', version.brand, 'category', version.category,
    'gold', EXISTS (SELECT 1 FROM annotation_gold gold WHERE gold.pair_id = pair.id),
    'judgments', coalesce(judged.said, '[]'), 'rankings', coalesce(ranked.said, '[]'),
    'reasonings', coalesce(reasoned.said, '[]'))::text
FROM named JOIN catalog_pair pair ON pair.id = named.pair_id
JOIN catalog_query query ON query.id = pair.query_id JOIN catalog_item item ON item.id = pair.item_id
LEFT JOIN catalog_itemversion version ON version.id = item.current_id
LEFT JOIN judged ON judged.pair_id = pair.id LEFT JOIN ranked ON ranked.pair_id = pair.id
LEFT JOIN reasoned ON reasoned.pair_id = pair.id
WHERE pair.id > %(low)s AND pair.id <= %(high)s
ORDER BY pair.id
"""  # noqa: S608  (made of this module's own text)
_PEOPLE_CUTS = """
SELECT id, n FROM (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS total
    FROM (SELECT j.pair_id AS id FROM annotation_judgment j LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
          WHERE j.corpus_id = %(corpus)s {filters}
          UNION SELECT j.pair_id FROM annotation_ranking j LEFT JOIN annotation_slot slot ON slot.id = j.slot_id
          WHERE j.corpus_id = %(corpus)s {filters}) found) numbered
WHERE n %% %(part)s = 0 OR n = total ORDER BY n
"""

# ------------------------------------------------------------------ settled grades, query by query
_SETTLED_FROM = """
FROM catalog_settledverdict verdict JOIN catalog_pair pair ON pair.id = verdict.pair_id
WHERE pair.corpus_id = %(corpus)s {filters}
"""
_SETTLED_CUTS = """
SELECT query_id, sum(n) OVER (ORDER BY query_id) AS n FROM (
    SELECT pair.query_id, count(*) AS n {source} GROUP BY pair.query_id) counted ORDER BY query_id
"""
_SETTLED = """
SELECT found.query_id, query.text, item.external_id, found.grade
FROM (SELECT pair.query_id, pair.item_id, pair.id, verdict.grade {source}
      AND pair.query_id > %(low)s AND pair.query_id <= %(high)s) found
JOIN catalog_query query ON query.id = found.query_id JOIN catalog_item item ON item.id = found.item_id
ORDER BY found.query_id, found.id
"""
_OF_ANSWERS = {"campaign": "AND slot.campaign_id = %(campaign)s", "release": "AND j.release_id = %(release)s"}
_OF_SETTLED = {
    "campaign": "AND EXISTS (SELECT 1 FROM annotation_annotationtask task WHERE task.pair_id = pair.id"
    " AND task.campaign_id = %(campaign)s)",
    "release": "AND EXISTS (SELECT 1 FROM annotation_judgment j WHERE j.pair_id = pair.id"
    " AND j.release_id = %(release)s)",
}


@dataclass(frozen=True)
class Chosen:
    """What an export is about; `until` freezes it: answers given later are not in it.

    `named`: ordered by somebody who may know where the pages of a closed campaign came from.
    """

    corpus: Corpus
    source: str
    campaign: int | None = None
    release: int | None = None
    until: str = ""
    named: bool = False

    @property
    def values(self) -> dict[str, Any]:
        until = parse_datetime(self.until) if self.until else None
        return {
            "corpus": self.corpus.pk, "slug": self.corpus.slug, "campaign": self.campaign, "release": self.release,
            "until": until or timezone.now(), "part": PART_ROWS, "named": self.named,
        }  # fmt: skip

    def sql(self, text: str, **parts: str) -> str:
        known = _OF_SETTLED if self.source == "settled" else _OF_ANSWERS
        wanted = [known[name] for name in ("campaign", "release") if getattr(self, name) is not None]
        return text.replace("{filters}", " ".join(wanted)).format(**parts)


def parts_cut(chosen: Chosen) -> list[dict[str, Any]]:
    """The parts of an export as ranges of keys, each with its row count: `{"of", "low", "high", "rows"}`, JSON-safe."""
    if chosen.source == "ledger":
        first = ["-infinity", str(uuid.UUID(int=0))]
        return [part for of in LEDGERS for part in _ranges(chosen, _LEDGER_CUTS, of, first)]
    if chosen.source == "people":
        return _ranges(chosen, _PEOPLE_CUTS, "pair", [0])
    return _query_ranges(chosen)


def _fetch(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, dict(values))
        return list(cursor.fetchall())


def _ranges(chosen: Chosen, sql: str, of: str, low: list[Any]) -> list[dict[str, Any]]:
    found, seen = [], 0
    for *key, number in _fetch(chosen.sql(sql, table=f"annotation_{of}", ready=ready_sql(of)), chosen.values):
        high = [part.isoformat() if isinstance(part, datetime) else str(part) for part in key]
        found.append({"of": of, "low": low, "high": high, "rows": number - seen})
        low, seen = high, number
    return found


def _query_ranges(chosen: Chosen) -> list[dict[str, Any]]:
    """Whole queries together, closed as soon as a part is full."""
    rows = _fetch(chosen.sql(_SETTLED_CUTS, source=chosen.sql(_SETTLED_FROM)), chosen.values)
    found, low, seen = [], 0, 0
    for place, (query_id, number) in enumerate(rows, 1):
        if number - seen >= PART_ROWS or place == len(rows):
            found.append({"of": "query", "low": [low], "high": [query_id], "rows": int(number - seen)})
            low, seen = query_id, number
    return found


def part_rows(chosen: Chosen, part: Mapping[str, Any], *, flat: bool = False) -> Iterator[Any]:
    """Rows of one part as they come: JSON lines of the ledger (`flat`: for Parquet), dictionaries a pair, or `Rated`."""
    low, high = part["low"], part["high"]
    if chosen.source == "settled":
        sql, keys = chosen.sql(_SETTLED, source=chosen.sql(_SETTLED_FROM)), {"low": low[0], "high": high[0]}
        for query_id, query, docid, grade in _streamed(sql, {**chosen.values, **keys}):
            yield Rated(int(query_id), query, docid, int(grade))
    elif chosen.source == "people":
        for (line,) in _streamed(chosen.sql(_PEOPLE), {**chosen.values, "low": low[0], "high": high[0]}):
            yield json.loads(line)
    else:
        keys = {"low_at": low[0], "low_id": low[1], "high_at": high[0], "high_id": high[1]}
        texts, of = "::text" if flat else "", part["of"]
        sql = {"judgment": _JUDGMENT, "ranking": _RANKING}.get(of) or page_sql(of, texts)
        for (line,) in _streamed(chosen.sql(sql, texts=texts), {**chosen.values, **keys}):
            yield line


def _streamed(sql: str, values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Rows as text, none of them held: the server works on the next ones while this process writes."""
    with connection.cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT", dict(values)) as rows:
        yield from rows.rows()


def topic_rows(corpus: Corpus) -> Iterator[tuple[int, str]]:
    rows = Query.objects.filter(corpus=corpus).order_by("pk").values_list("pk", "text")
    yield from rows.iterator(chunk_size=2000)


def chosen_of(corpus: Corpus, source: str, arguments: Mapping[str, Any], until: str) -> Chosen:
    """The choice a job's arguments name. Raises NotFound for a campaign or release of another corpus."""
    campaign, number = arguments.get("campaign"), arguments.get("release")
    release = None
    if campaign and not Campaign.objects.filter(corpus=corpus, pk=campaign).exists():
        raise NotFound("There is no such campaign in this corpus.")
    if number is not None:
        release = Release.objects.filter(corpus=corpus, number=number).values_list("pk", flat=True).first()
        if release is None:
            raise NotFound(f"There is no release {number} in this corpus.")
    return Chosen(corpus, source, campaign or None, release, until, bool(arguments.get("named")))


def export_blob(corpus: Corpus, pk: uuid.UUID, part: str) -> tuple[Blob, str]:
    """The file of a finished export of this corpus and its name; `part` "topics" is the sidecar of qrels."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind=KIND, state=Job.State.DONE).first()
    sha = (job.result or {}).get("topics" if part == "topics" else "blob") if job else None
    if job is not None and export_expired(job):
        raise NotFound("This link has run out: order the export again.", code="expired")
    blob = Blob.objects.filter(pk=sha).first() if sha else None
    if job is None or blob is None:
        raise NotFound("There is no such file: the export has not ended well, or it is another corpus's.")
    return blob, "topics.tsv" if part == "topics" else str(job.result["name"])


def export_expired(job: Job) -> bool:
    until = parse_datetime(str(job.result.get("expires_at") or ""))
    return until is not None and until < timezone.now()


def exchange_get(corpus: Corpus, pk: uuid.UUID, kind: str) -> Job:
    """An export or import of this corpus, or NotFound."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind=kind).select_related("corpus").first()
    if job is None:
        raise NotFound("There is no such export or import in this corpus.")
    return job


def exchanges_of(corpus: Corpus, *kinds: str) -> list[Job]:
    """The newest exports and imports of judgments, or those of one kind alone."""
    rows = Job.objects.filter(corpus=corpus, kind__in=kinds or [KIND, IMPORT]).select_related("corpus")
    return list(rows.order_by("-created_at")[:20])


def import_rejected_blob(corpus: Corpus, pk: uuid.UUID) -> tuple[Blob, str]:
    """The rejected rows of an import of this corpus, as a file."""
    sha = exchange_get(corpus, pk, IMPORT).result.get("rejected_blob")
    blob = Blob.objects.filter(pk=sha).first() if sha else None
    if blob is None:
        raise NotFound("That import has no rejected rows.")
    return blob, f"{corpus.slug}-rejected.csv"
