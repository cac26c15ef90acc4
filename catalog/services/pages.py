"""Pages: lists of items in the order some system showed them for a query. Kept as they were; a newer one is a new row."""

from collections.abc import Mapping, Sequence

from django.db import transaction

from catalog.models import Item, Page, PageEntry, Pair, Query
from catalog.rankers import RANKERS, Candidate
from catalog.services.queries import query_ensure
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User

PAGE_SIZE = 10
MOST_ITEMS = 60
MOST_QUERIES = 10_000


def pages_put(
    *, corpus: Corpus, source: str, lists: Mapping[int, Sequence[int]], actor: User | None
) -> list[Page]:
    """A page for each query id, its items by pair id in the order shown. An item stands on a page once.

    Pairs of another query and items that are no longer there are left out; a query left with no item gets no page.
    """
    if not source.strip():
        raise Invalid("Name the system or the moment the lists come from.", code="source")
    with transaction.atomic():
        entries = _entries(corpus, lists)
        queries = [query for query in lists if entries.get(query)]
        pages = [Page(corpus=corpus, query_id=query, name=source.strip()[:120]) for query in queries]
        Page.objects.bulk_create(pages, batch_size=2000)
        rows = [
            PageEntry(page=page, position=position, pair_id=pair, item_version_id=version)
            for page in pages
            for position, (pair, version) in enumerate(entries[page.query_id], 1)
        ]
        PageEntry.objects.bulk_create(rows, batch_size=5000)
        facts = {"source": source[:120], "pages": len(pages)}
        audit_record(actor=actor, corpus=corpus, action="pages.put", subject=corpus, data=facts)
    return pages


def lists_of(corpus: Corpus, given: Sequence[tuple[str, Sequence[str]]]) -> tuple[dict[int, list[int]], int]:
    """(query id -> pair ids in order, how many product ids are unknown) for lists of product ids by query text.

    Queries and pairs that are new become rows.
    """
    wanted = {product for _, products in given for product in products}
    items = Item.objects.filter(corpus=corpus, external_id__in=wanted, deleted_at=None)
    known = dict(items.values_list("external_id", "pk"))
    lists: dict[int, list[int]] = {}
    with transaction.atomic():
        for text, products in given:
            query = query_ensure(corpus, text)
            shown = [known[product] for product in dict.fromkeys(products) if product in known]
            Pair.objects.bulk_create(
                [Pair(corpus=corpus, query=query, item_id=item) for item in shown], ignore_conflicts=True
            )
            held = dict(Pair.objects.filter(query=query, item_id__in=shown).values_list("item_id", "pk"))
            lists[query.pk] = [held[item] for item in shown]
    return lists, len(wanted - set(known))


def _entries(corpus: Corpus, lists: Mapping[int, Sequence[int]]) -> dict[int, list[tuple[int, int]]]:
    wanted = {pair for pairs in lists.values() for pair in pairs}
    rows = Pair.objects.filter(corpus=corpus, pk__in=wanted, item__deleted_at=None).exclude(
        item__current=None
    )
    known = {
        pk: (query, version) for pk, query, version in rows.values_list("pk", "query_id", "item__current")
    }
    found: dict[int, list[tuple[int, int]]] = {}
    for query, pairs in lists.items():
        kept = [pair for pair in dict.fromkeys(pairs) if known.get(pair, (0, 0))[0] == query]
        found[query] = [(pair, known[pair][1]) for pair in kept[:MOST_ITEMS]]
    return found


def pages_build(*, corpus: Corpus, source: str, actor: User | None, size: int = PAGE_SIZE) -> list[Page]:
    """Pages out of the corpus's own pairs, in the order of one of `catalog.rankers`: what to judge before a shop's own
    lists come in. Queries that have a page of this source, or fewer than two pairs, are passed over; most asked first.
    """
    if source not in RANKERS:
        raise Invalid(f"There is no such order: {', '.join(RANKERS)}.", code="source")
    ranked = RANKERS[source]
    have = Page.objects.filter(corpus=corpus, name=source).values("query_id")
    queries = Query.objects.filter(corpus=corpus).exclude(pk__in=have)
    texts = dict(queries.order_by("-traffic__count", "pk").values_list("pk", "text")[:MOST_QUERIES])
    candidates = _candidates(corpus, list(texts))
    lists = {
        query: ranked(text, candidates[query])[:size]
        for query, text in texts.items()
        if len(candidates.get(query, ())) > 1
    }
    return pages_put(corpus=corpus, source=source, lists=lists, actor=actor) if lists else []


def _candidates(corpus: Corpus, queries: Sequence[int]) -> dict[int, list[Candidate]]:
    rows = Pair.objects.filter(corpus=corpus, query__in=queries, item__deleted_at=None).exclude(
        item__current=None
    )
    found: dict[int, list[Candidate]] = {}
    for pair, query, title, grade in rows.values_list(
        "pk", "query_id", "item__current__title", "settled__grade"
    ):
        found.setdefault(query, []).append(Candidate(pair, title, grade or 0))
    return found
