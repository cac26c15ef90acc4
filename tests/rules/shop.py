"""A small shop for tests of the rules room: two queries, three items, six pairs, four settled verdicts, two rules."""

from types import SimpleNamespace
from typing import Any

from catalog.models import Item, ItemPayload, ItemVersion, Pair, Query, SettledVerdict
from webapp.common.models import Corpus

BRAND = {
    "code": "R01",
    "title": "Another brand",
    "principle": "A query that names a brand wants **that** brand.",
    "dimension": "brand",
    "scope": "has(query.brand)",
    "ladder": [
        {
            "when": "query.brand != item.brand",
            "grade": "L2",
            "dimension": "brand",
            "reason": "asked for {query.brand}, this is {item.brand}",
        }
    ],
    "examples": [
        {"query": {"brand": "Apple"}, "item": {"brand": "Sony"}, "grade": "L2", "dimension": "brand"},
        {"query": {"brand": "Apple"}, "item": {"brand": "Apple"}, "grade": None},
    ],
}
EXACT = {
    "code": "R02",
    "title": "Brand met",
    "principle": "The brand that was asked for.",
    "scope": "has(query.brand)",
    "ladder": [{"when": "query.brand == item.brand", "grade": "L4", "reason": "{item.brand} as asked"}],
    "examples": [{"query": {"brand": "Sony"}, "item": {"brand": "Sony"}, "grade": "L4"}],
}


def rule(base: dict[str, Any] = BRAND, **changed: Any) -> dict[str, Any]:
    return {**base, **changed}


def stock(corpus: Corpus) -> SimpleNamespace:
    """queries (apple phone; sony camera), items (A Apple red, B Sony black, C without brand), pairs by (query, item)."""
    queries = {
        name: Query.objects.create(
            corpus=corpus, text=f"{name} {kind}", key=f"{name} {kind}", facets={"brand": name.title()}
        )
        for name, kind in (("apple", "phone"), ("sony", "camera"))
    }
    items = {
        code: _item(corpus, code, title, brand, color)
        for code, title, brand, color in (
            ("A", "Apple phone 12", "Apple", "red"),
            ("B", "Sony camera <b>X</b>", "Sony", "black"),
            ("C", "Plain bag", "", "blue"),
        )
    }
    pairs = {
        (query, item): Pair.objects.create(corpus=corpus, query=queries[query], item=items[item])
        for query in queries
        for item in items
    }
    for key, grade in ((("apple", "A"), 4), (("apple", "B"), 2), (("sony", "A"), 1), (("sony", "B"), 4)):
        SettledVerdict.objects.create(
            pair=pairs[key], item_version=items[key[1]].current, grade=grade, source="import"
        )
    return SimpleNamespace(queries=queries, items=items, pairs=pairs)


def _item(corpus: Corpus, code: str, title: str, brand: str, color: str) -> Item:
    item = Item.objects.create(corpus=corpus, external_id=code)
    version = ItemVersion.objects.create(
        item=item, content_hash=code * 8, title=title, brand=brand, category="thing"
    )
    ItemPayload.objects.create(version=version, attributes={"color": color})
    item.current = version
    item.save(update_fields=["current"])
    return item
