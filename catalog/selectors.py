"""Reads of the catalog that every room above uses: fields as rules see them, facets of a text, lists for pages."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from catalog.lexicon import Matcher, plain_matcher
from catalog.models import ItemVersion, Lexicon, Pair, Query
from webapp.common.models import Corpus


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
