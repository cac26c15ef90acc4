"""Served requests as a source of pairs: offered on the campaign form of the room below, which knows no serving."""

from django.db import transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from annotation.selectors.sources import FurtherSource, source_register
from catalog.models import ItemVersion, Pair
from catalog.services import query_ensure
from serving.models import ServedRequest
from webapp.common.models import Corpus

NEWEST = 1000
SERVED_SQL = """catalog_pair.id IN (
    SELECT pair.id FROM (
        SELECT query_id, items FROM serving_servedrequest WHERE corpus_id = %s ORDER BY at DESC, id LIMIT %s) served
    CROSS JOIN LATERAL jsonb_array_elements(served.items) shown
    JOIN catalog_itemversion version ON version.id = (shown ->> 'item_version')::bigint
    JOIN catalog_pair pair ON pair.query_id = served.query_id AND pair.item_id = version.item_id)"""


def served_pairs(corpus: Corpus) -> QuerySet[Pair]:
    """Pairs shown in the newest served requests, as far as they are rows already."""
    found = RawSQL(SERVED_SQL, (corpus.pk, NEWEST), output_field=BooleanField())
    return Pair.objects.filter(found, corpus=corpus)


def served_prepare(corpus: Corpus) -> None:
    """What was served for a query the catalog did not know becomes rows now that people shall judge it."""
    newest = ServedRequest.objects.filter(corpus=corpus).order_by("-at", "id")[:NEWEST]
    with transaction.atomic():
        rows = list(newest)
        for row in rows:
            if row.query_id is None and row.items:
                query = query_ensure(corpus, row.query_text)
                row.query = query
                ServedRequest.objects.filter(pk=row.pk, query=None).update(query=query)
        versions = {entry["item_version"] for row in rows for entry in row.items}
        items = dict(
            ItemVersion.objects.filter(pk__in=versions, item__corpus=corpus).values_list("pk", "item_id")
        )
        pairs = {
            (row.query_id, items[entry["item_version"]])
            for row in rows
            for entry in row.items
            if row.query_id and entry["item_version"] in items
        }
        Pair.objects.bulk_create(
            [Pair(corpus=corpus, query_id=query, item_id=item) for query, item in sorted(pairs)],
            ignore_conflicts=True,
        )


def sources_offer() -> None:
    """Put "what was served" on the campaign form."""
    words = f"pairs of the newest {NEWEST:,} served requests"
    source_register("served", FurtherSource(words, served_pairs, served_prepare))
