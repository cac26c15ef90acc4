"""Reads of the catalog that every room above uses: fields as rules see them, facets of a text, lists for pages."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.shortcuts import get_object_or_404

from catalog.lexicon import Matcher, plain_matcher
from catalog.models import CorpusCounter, ImportRun, Item, ItemImage, ItemVersion, Lexicon, Pair, Query
from webapp.common.errors import NotFound
from webapp.common.models import Blob, Corpus, Job

LOST = (ItemImage.State.FAILED, ItemImage.State.REFUSED)


def query_fields(query: Query) -> dict[str, Any]:
    """`query.*` of the rule language: text, tokens, negated, and the facets that were found."""
    return {"text": query.text, "tokens": [], "negated": [], **query.facets}


def item_fields(version: ItemVersion) -> dict[str, Any]:
    """`item.*` of the rule language. Empty fields are left out: missing is unknown. Wants `payload` prefetched."""
    payload = getattr(version, "payload", None)
    fields = dict(payload.attributes) if payload else {}
    core = {
        "title": version.title,
        "brand": version.brand,
        "category": version.category,
        "description": payload.description if payload else "",
    }
    fields.update({name: value for name, value in core.items() if value})
    return fields


def pair_fields(pairs: Iterable[int]) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    """pair id -> (query fields, item fields of the current version), in one query; unknown pairs are left out."""
    rows = Pair.objects.filter(pk__in=list(pairs), item__current__isnull=False)
    return {
        pair.pk: (query_fields(pair.query), item_fields(pair.item.current))
        for pair in rows.select_related("query", "item__current__payload")
        if pair.item.current is not None
    }


def query_facets_find(corpus: Corpus, text: str) -> dict[str, Any]:
    """Facets of a text by the corpus's newest lexicon."""
    return matcher_for(lexicon_current(corpus)).facets(text)


def lexicon_current(corpus: Corpus) -> Lexicon | None:
    """The newest lexicon's row without its content, which may be large."""
    return Lexicon.objects.filter(corpus=corpus).defer("content").order_by("-number").first()


def matcher_for(lexicon: Lexicon | None) -> Matcher:
    return plain_matcher() if lexicon is None else _matcher(lexicon.pk)


@lru_cache(maxsize=8)
def _matcher(lexicon_id: int) -> Matcher:
    """One compiled matcher per lexicon row; rows never change, so a process may keep it."""
    return Matcher.compile(Lexicon.objects.values_list("content", flat=True).get(pk=lexicon_id))


def counter_of(corpus: Corpus) -> CorpusCounter:
    """The kept totals; all nought before the first import."""
    return CorpusCounter.objects.filter(corpus=corpus).first() or CorpusCounter(corpus=corpus)


def imports_list(corpus: Corpus) -> "QuerySet[ImportRun]":
    return ImportRun.objects.filter(corpus=corpus).select_related("job")


def import_get(corpus: Corpus, pk: int) -> ImportRun:
    return get_object_or_404(imports_list(corpus), pk=pk)


def query_rows(corpus: Corpus, text: str = "", stratum: str = "") -> "QuerySet[Query]":
    """Queries with traffic; `text` finds whole words, the last one by its beginning."""
    rows = Query.objects.filter(corpus=corpus).select_related("traffic")
    if text:
        rows = rows.annotate(search=SearchVector("text", config="simple")).filter(search=_search(text))
    return rows.filter(traffic__stratum=stratum) if stratum else rows


def pair_counts(queries: Iterable[Query]) -> dict[int, int]:
    """query id -> pairs, for the queries of one page."""
    rows = Pair.objects.filter(query__in=list(queries)).values("query_id").annotate(n=Count("id"))
    return {row["query_id"]: row["n"] for row in rows}


def query_get(corpus: Corpus, pk: int) -> Query:
    return get_object_or_404(Query.objects.filter(corpus=corpus).select_related("traffic"), pk=pk)


def item_rows(corpus: Corpus, text: str = "") -> "QuerySet[Item]":
    """Items with their current version and stored pictures (`current.shown`); found by the words of the title."""
    rows = Item.objects.filter(corpus=corpus, current__isnull=False).select_related("current")
    if text:
        titled = ItemVersion.objects.annotate(search=SearchVector("title", config="simple"))
        found = titled.filter(search=_search(text), item__corpus=corpus).values("pk")
        rows = rows.filter(Q(current__in=found) | Q(external_id=text))
    return rows.prefetch_related(_shown("current__images"))


def item_get(corpus: Corpus, pk: int) -> Item:
    rows = Item.objects.filter(corpus=corpus, current__isnull=False).select_related("current__payload")
    return get_object_or_404(rows, pk=pk)


def pair_rows(corpus: Corpus, **of: Any) -> "QuerySet[Pair]":
    """Pairs with query, item, current version, settled verdict and stored pictures, in a fixed number of queries."""
    rows = Pair.objects.filter(corpus=corpus, **of).select_related("query", "item__current", "settled")
    return rows.prefetch_related(_shown("item__current__images"))


def picture_get(corpus: Corpus, sha256: str) -> Blob:
    """A stored picture of an item of this corpus; another corpus's pictures are not found."""
    rows = ItemImage.objects.filter(blob_id=sha256, state="stored", version__item__corpus=corpus)
    image = rows.select_related("blob").first()
    if image is None or image.blob is None:
        raise NotFound("There is no such picture in this corpus.")
    return image.blob


def fetch_current(corpus: Corpus) -> Job | None:
    """The newest job that fetches this corpus's remote pictures."""
    return Job.objects.filter(corpus=corpus, kind="catalog.fetch_images").order_by("-created_at").first()


def pictures_lost(corpus: Corpus) -> "QuerySet[ItemImage]":
    """Remote pictures of current items that were asked for and did not come, with their items."""
    rows = ItemImage.objects.filter(
        state__in=LOST, version__item__corpus=corpus, version__item__current_id=F("version_id")
    )
    return rows.select_related("version__item").order_by("pk")


def lost_reasons(corpus: Corpus) -> list[dict[str, Any]]:
    """{state, reason, n} of the pictures that did not come, the commonest reason first."""
    rows = pictures_lost(corpus).order_by().values("state", "reason")
    return [dict(row) for row in rows.annotate(n=Count("pk")).order_by("-n", "reason")[:50]]


def _shown(path: str) -> "Prefetch[str]":
    stored = ItemImage.objects.filter(state=ItemImage.State.STORED).order_by("position")
    return Prefetch(path, queryset=stored, to_attr="shown")


def _search(text: str) -> SearchQuery:
    """Every word must be there; the last may be unfinished. Only letters and digits reach the query's own syntax."""
    words = re.findall(r"\w+", text)[:12] or ["\u0001"]
    return SearchQuery(" & ".join(f"'{word}'" for word in words) + ":*", search_type="raw", config="simple")
