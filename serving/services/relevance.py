"""Answer a query: the cache first, else the model server; what each request got is written down."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.keys import query_key
from catalog.models import Item, ItemVersion, Query, Stratum, Traffic
from catalog.selectors import query_facets_find, query_fields
from relevance.grades import Grade
from rules.models import Release
from rules.selectors import release_current
from serving.errors import NothingServes
from serving.models import ServedRequest
from serving.services.cache import CacheKey, cache_read, cache_write
from training_bridge.model_client import Scored, score
from training_bridge.models import ModelVersion
from training_bridge.prompts import prompts_for
from training_bridge.selectors import champion
from webapp.common.errors import Invalid
from webapp.common.models import Corpus

MOST_ITEMS = 200
CACHE, MODEL, MIXED = "cache", "model", "mixed"


@dataclass(frozen=True)
class ItemVerdict:
    """One item's answer. `known` is False for a product the corpus does not hold: it has no grade."""

    product_id: str
    known: bool
    grade: Grade | None = None
    probabilities: tuple[float, float, float, float] | None = None
    dimension: str = ""
    reasoning: str = ""
    tier: str = ""
    item_version: int | None = None


@dataclass(frozen=True)
class Answer:
    """What one request got, items in request order."""

    query: str
    items: tuple[ItemVerdict, ...]
    unknown: tuple[str, ...]
    tier: str
    stratum: str
    model: ModelVersion
    release: Release
    milliseconds: float


def relevance_answer(
    *,
    corpus: Corpus,
    text: str,
    products: Sequence[str],
    reasoning: bool = False,
    model: ModelVersion | None = None,
    log: bool = True,
) -> Answer:
    """Grades of `products` for a query that may be new. Raises Invalid, NothingServes, or Unavailable."""
    started = time.monotonic()
    _check(text, products)
    served, release = model or champion(corpus), release_current(corpus)
    if served is None or release is None:
        raise NothingServes(
            "No model serves this corpus yet: run a turn of the loop and promote what it trains."
        )
    query = _query(corpus, text)
    versions = _versions(corpus, products)
    verdicts, cached = _verdicts(corpus, query, versions, served, release, reasoning)
    items = tuple(_item(product, versions.get(product), verdicts, cached) for product in products)
    answer = Answer(
        query=query.text, items=items, unknown=tuple(item.product_id for item in items if not item.known),
        tier=_tier(items), stratum=_stratum(query), model=served, release=release,
        milliseconds=(time.monotonic() - started) * 1000,
    )  # fmt: skip
    if log:
        _log(corpus, query, answer)
    return answer


def _check(text: str, products: Sequence[str]) -> None:
    if not query_key(text):
        raise Invalid("The query is empty.", code="query")
    if len(text) > 500:
        raise Invalid("A query has at most 500 characters.", code="query")
    if not products or len(products) > MOST_ITEMS:
        raise Invalid(f"Between 1 and {MOST_ITEMS} items are judged at once.", code="items")


def _query(corpus: Corpus, text: str) -> Query:
    """The known query, or one that is only looked at: asking writes no row into the catalog."""
    known = Query.objects.filter(corpus=corpus, key=query_key(text)).select_related("traffic").first()
    return known or Query(
        corpus=corpus, text=text.strip(), key=query_key(text), facets=query_facets_find(corpus, text)
    )


def _versions(corpus: Corpus, products: Sequence[str]) -> dict[str, ItemVersion]:
    rows = Item.objects.filter(corpus=corpus, external_id__in=set(products), deleted_at=None)
    rows = rows.select_related("current__payload")
    return {row.external_id: row.current for row in rows if row.current is not None}


def _verdicts(
    corpus: Corpus,
    query: Query,
    versions: dict[str, ItemVersion],
    model: ModelVersion,
    release: Release,
    reasoning: bool,
) -> tuple[dict[int, Scored], set[int]]:
    """item version id -> verdict, and which of them came from the cache."""
    wanted = {version.pk: version for version in versions.values()}
    mode = "reasoned" if reasoning else model.serving_mode
    key = CacheKey.of(query, model, release, mode)
    cached = cache_read(key, list(wanted))
    missing = [version for pk, version in sorted(wanted.items()) if pk not in cached]
    if not missing:
        return cached, set(cached)
    answers = score(prompts_for(query_fields(query), missing, model, release), model, mode)
    fresh = dict(zip((version.pk for version in missing), answers, strict=True))
    cache_write(corpus=corpus, key=key, found=fresh)
    return cached | fresh, set(cached)


def _item(
    product: str, version: ItemVersion | None, verdicts: dict[int, Scored], cached: set[int]
) -> ItemVerdict:
    if version is None:
        return ItemVerdict(product, known=False)
    found = verdicts[version.pk]
    return ItemVerdict(
        product, True, found.grade, found.probabilities, found.dimension, found.reasoning,
        CACHE if version.pk in cached else MODEL, version.pk,
    )  # fmt: skip


def _tier(items: Sequence[ItemVerdict]) -> str:
    tiers = {item.tier for item in items if item.known}
    return tiers.pop() if len(tiers) == 1 else MIXED if tiers else CACHE


def _stratum(query: Query) -> str:
    traffic = Traffic.objects.filter(query_id=query.pk).first() if query.pk else None
    return str(traffic.stratum if traffic else Stratum.TAIL)


def _log(corpus: Corpus, query: Query, answer: Answer) -> None:
    ServedRequest.objects.create(
        corpus=corpus,
        query=query if query.pk else None,
        query_text=answer.query[:500],
        stratum=answer.stratum,
        tier=answer.tier,
        model_version=answer.model,
        release=answer.release,
        items=[
            {
                "item_version": item.item_version,
                "product": item.product_id,
                "grade": int(item.grade) if item.grade else None,
                "p": item.probabilities,
                "tier": item.tier,
            }
            for item in answer.items
            if item.known
        ],
        milliseconds=answer.milliseconds,
    )
