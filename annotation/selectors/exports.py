"""What exports read: server-side cursors, so memory does not grow with the corpus."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet

from annotation.exports import Rated
from annotation.models import Campaign, Judgment, Ranking
from catalog.models import Query, SettledVerdict
from webapp.common.errors import NotFound
from webapp.common.models import Blob, Corpus, Job

CHUNK = 2000
JUDGMENT_FIELDS = {
    "id": F("id"), "pair": F("pair_id"), "query": F("pair__query__text"), "query_id": F("pair__query_id"),
    "docid": F("pair__item__external_id"), "item_version": F("item_version__content_hash"),
    "title": F("item_version__title"), "grade": F("grade"), "dimension": F("dimension"),
    "person": F("person__display_name"), "person_kind": F("person__kind"), "release": F("release__number"),
    "rules_shown": F("rules_shown"), "rules_cited": F("rules_cited"), "picture_decided": F("picture_decided"),
    "disagreement": F("disagreement"), "blind": F("blind"), "origin": F("origin"), "seconds": F("seconds"),
    "campaign": F("slot__campaign__name"), "comment": F("note__comment"), "supersedes": F("supersedes_id"), "at": F("at"),
}  # fmt: skip
RANKING_FIELDS = {
    "id": F("id"), "pair": F("pair_id"), "query": F("pair__query__text"), "docid": F("pair__item__external_id"),
    "person": F("person__display_name"), "release": F("release__number"), "tiers": F("tiers"),
    "shown_order": F("shown_order"), "all_bad": F("all_bad"), "faults": F("faults"), "withdrawn": F("withdrawn"),
    "origin": F("origin"), "seconds": F("seconds"), "campaign": F("slot__campaign__name"),
    "correction": F("correction__raw"), "supersedes": F("supersedes_id"), "at": F("at"),
}  # fmt: skip


def export_count(corpus: Corpus, format: str, campaign: Campaign | None) -> int:
    """How many rows an export will have, for its progress."""
    if format == "jsonl":
        return _judgments(corpus, campaign).count() + _rankings(corpus, campaign).count()
    return _settled(corpus, campaign).count()


def _judgments(corpus: Corpus, campaign: Campaign | None) -> "QuerySet[Judgment]":
    rows = Judgment.objects.filter(corpus=corpus)
    return rows.filter(slot__campaign=campaign) if campaign else rows


def _rankings(corpus: Corpus, campaign: Campaign | None) -> "QuerySet[Ranking]":
    rows = Ranking.objects.filter(corpus=corpus)
    return rows.filter(slot__campaign=campaign) if campaign else rows


def _settled(corpus: Corpus, campaign: Campaign | None) -> "QuerySet[SettledVerdict]":
    rows = SettledVerdict.objects.filter(pair__corpus=corpus)
    return rows.filter(pair__in=campaign.annotation_tasks.values("pair_id")) if campaign else rows


def provenance_rows(corpus: Corpus, campaign: Campaign | None) -> Iterator[dict[str, Any]]:
    """Every judgment and ranking, superseded and withdrawn ones too: the ledger as it is."""
    for kind, rows, fields in (
        ("judgment", _judgments(corpus, campaign), JUDGMENT_FIELDS),
        ("ranking", _rankings(corpus, campaign), RANKING_FIELDS),
    ):
        renamed = {f"x_{name}": source for name, source in fields.items()}
        for row in rows.order_by("at", "id").values(**renamed).iterator(chunk_size=CHUNK):
            yield {"kind": kind, "corpus": corpus.slug, **{name[2:]: value for name, value in row.items()}}


def rated_rows(corpus: Corpus, campaign: Campaign | None) -> Iterator[Rated]:
    """Pairs with a settled grade, one query's together."""
    rows = _settled(corpus, campaign).order_by("pair__query_id", "pair_id")
    fields = ("pair__query_id", "pair__query__text", "pair__item__external_id", "grade")
    for values in rows.values_list(*fields).iterator(chunk_size=CHUNK):
        yield Rated(*values)


def topic_rows(corpus: Corpus) -> Iterator[tuple[int, str]]:
    rows = Query.objects.filter(corpus=corpus).order_by("pk").values_list("pk", "text")
    yield from rows.iterator(chunk_size=CHUNK)


def export_blob(corpus: Corpus, pk: uuid.UUID, part: str) -> tuple[Blob, str]:
    """The file of a finished export of this corpus and its name; `part` "topics" is the sidecar of qrels."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind="annotation.export", state=Job.State.DONE).first()
    sha = (job.result or {}).get("topics" if part == "topics" else "blob") if job else None
    blob = Blob.objects.filter(pk=sha).first() if sha else None
    if job is None or blob is None:
        raise NotFound("There is no such file: the export has not ended well, or it is another corpus's.")
    return blob, "topics.tsv" if part == "topics" else str(job.result["name"])
