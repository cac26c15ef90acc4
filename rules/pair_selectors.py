"""Real pairs as rules see them: by name, by id, and as rows to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.models import Item, ItemImage, Pair, Query, SettledVerdict
from catalog.selectors import item_fields, pair_fields, query_facets_find, query_fields
from relevance.grades import Grade
from webapp.common.errors import NotFound
from webapp.common.models import Corpus


@dataclass(frozen=True)
class PairShown:
    """A pair as one row of a list; `picture` is a blob's hash or ''."""

    pair_id: int
    query: str
    title: str
    product_id: str
    brand: str
    picture: str
    settled: int | None
    settled_dimension: str
    note: str = ""


def pairs_shown(
    corpus: Corpus, pair_ids: Iterable[int], notes: Mapping[int, str] | None = None
) -> list[PairShown]:
    """Rows for pairs, in the order asked for, in a fixed number of queries; unknown ids are left out."""
    wanted = list(pair_ids)
    rows = {
        pair.pk: pair
        for pair in Pair.objects.filter(corpus=corpus, pk__in=wanted).select_related("query", "item__current")
    }
    settled = {row.pair_id: row for row in SettledVerdict.objects.filter(pair_id__in=rows)}
    versions = [pair.item.current_id for pair in rows.values() if pair.item.current_id]
    images = ItemImage.objects.filter(version_id__in=versions, state=ItemImage.State.STORED).order_by(
        "-position"
    )
    pictures = {image.version_id: image.blob_id or "" for image in images}
    return [
        _shown(rows[pk], settled.get(pk), pictures, (notes or {}).get(pk, "")) for pk in wanted if pk in rows
    ]


def _shown(pair: Pair, settled: SettledVerdict | None, pictures: Mapping[int, str], note: str) -> PairShown:
    version = pair.item.current
    return PairShown(
        pair_id=pair.pk,
        query=pair.query.text,
        title=version.title if version else pair.item.external_id,
        product_id=pair.item.external_id,
        brand=version.brand if version else "",
        picture=pictures.get(pair.item.current_id or 0, ""),
        settled=settled.grade if settled else None,
        settled_dimension=settled.dimension if settled else "",
        note=note,
    )


def pair_get(corpus: Corpus, pair_id: str | int) -> Pair:
    """One pair of the corpus. Raises NotFound."""
    text = str(pair_id)
    pair = None
    if text.isdecimal() and len(text) < 19:
        pair = (
            Pair.objects.filter(corpus=corpus, pk=int(text)).select_related("query", "item__current").first()
        )
    if pair is None:
        raise NotFound("There is no such pair in this corpus.")
    return pair


def fields_of_pair(pair: Pair) -> tuple[dict[str, Any], dict[str, Any]]:
    """(query fields, item fields) of one pair."""
    query, item = pair_fields([pair.pk])[pair.pk]
    return dict(query), dict(item)


def fields_by_name(corpus: Corpus, text: str, product_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of a query's text (which may be new) and of the item with a product id. Raises NotFound."""
    item = (
        Item.objects.filter(corpus=corpus, external_id=product_id.strip())
        .select_related("current__payload")
        .first()
    )
    if item is None or item.current is None:
        raise NotFound(f"There is no product {product_id.strip()!r} in this corpus.")
    return _query_fields(corpus, text), dict(item_fields(item.current))


def _query_fields(corpus: Corpus, text: str) -> dict[str, Any]:
    known = Query.objects.filter(corpus=corpus, text=text.strip()).first()
    if known is None:
        known = Query(corpus=corpus, text=text.strip()[:500], facets=query_facets_find(corpus, text))
    return dict(query_fields(known))


def example_of_pair(corpus: Corpus, pair_id: str) -> dict[str, Any]:
    """A pair as an example that expects the pair's settled verdict, where it has one."""
    pair = pair_get(corpus, pair_id)
    query, item = fields_of_pair(pair)
    settled = SettledVerdict.objects.filter(pair=pair).first()
    return {
        "query": query,
        "item": {name: value for name, value in item.items() if name != "description"},
        "grade": Grade(settled.grade).name if settled else None,
        "dimension": settled.dimension if settled and settled.dimension != "unstated" else "",
        "note": "",
    }
