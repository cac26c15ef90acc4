"""Filters of the query and item lists: choices in the address, counts of what is found, the same by the API."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from catalog import filters, selectors
from catalog.importing.running import import_run
from catalog.models import ImportRun
from webapp.common.models import Corpus


@pytest.fixture
def shop(corpus: Corpus, tmp_path: Path) -> Corpus:
    items = "".join(
        f"p{n},Thing {n},{('A & B', 'Ümlaut')[n % 2]},{('mug', 'pot', '')[n % 3]}\n" for n in range(12)
    )
    (tmp_path / "products.csv").write_text(f"product_id,title,brand,category\n{items}")
    texts = ["red mug", "blue mug", "red pot", "pack of 4 mugs", "mug without lid", "4 blue pots", "lid"]
    (tmp_path / "queries.csv").write_text("query\n" + "".join(f"{text}\n" for text in texts))
    run = ImportRun.objects.create(corpus=corpus, path=str(tmp_path), format="csv")
    import_run(run=run, fence=transaction.atomic, progress=lambda done, total, note: None)
    return corpus


@pytest.mark.parametrize(
    ("given", "parsed"),
    [
        (["color:red"], [("color", "red")]),
        (["color:red", "color:red", "brand:A: B"], [("color", "red"), ("brand", "A: B")]),
        (["", "color", "color:", ":red", "Color:red", "x" * 50 + ":y", "a:" + "b" * 500], []),
        (["color:\x00red"], [("color", "red")]),
        ([f"f{n}:v" for n in range(30)], [(f"f{n}", "v") for n in range(filters.MOST)]),
    ],
)
def test_choices_of_an_address(given: list[str], parsed: list[tuple[str, str]]) -> None:
    assert filters.choices_parse(given) == parsed


@pytest.mark.parametrize(
    ("choices", "texts"),
    [
        ([("color", "red")], {"red mug", "red pot"}),
        ([("color", "red"), ("category", "mug")], {"red mug"}),
        ([("quantity", "4")], {"pack of 4 mugs"}),
        ([("negated", "lid")], {"mug without lid"}),
        ([("color", "red"), ("color", "blue")], set()),
        ([("color", "' OR 1=1")], set()),
        ([], {"red mug", "blue mug", "red pot", "pack of 4 mugs", "mug without lid", "4 blue pots", "lid"}),
    ],
)
def test_queries_that_have_every_choice(
    shop: Corpus, choices: list[tuple[str, str]], texts: set[str]
) -> None:
    rows = filters.queries_narrow(selectors.query_rows(shop), choices)
    assert set(rows.values_list("text", flat=True)) == texts


def test_counts_tell_what_a_click_would_find(shop: Corpus) -> None:
    rows = selectors.query_rows(shop)
    counts = filters.query_counts(rows)
    assert set(counts) == {"category", "color", "quantity", "negated"}
    for facet, values in counts.items():
        for value, n in values:
            assert filters.queries_narrow(rows, [(facet, value)]).count() == n
    items = selectors.item_rows(shop)
    for facet, values in filters.item_counts(items).items():
        for value, n in values:
            assert filters.items_narrow(items, [(facet, value)]).count() == n


def test_counts_are_capped(shop: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "COUNTED", 3)
    found = filters.queries_found(selectors.query_rows(shop), {}, [])
    assert found.capped and found.rows == 4
    assert sum(value.rows for facet in found.facets for value in facet.first) <= 9


def test_addresses_of_the_list_choose_and_drop(
    shop: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client]
) -> None:
    client, root = client_for(people.annotator), f"/c/{shop.slug}/catalog/"
    page = client.get(f"{root}items/", {"facet": "brand:A & B", "text": "thing"}).content.decode()
    assert "6 of 12 items" in page
    assert 'href="?text=thing"' in page  # the choice dropped
    assert "?text=thing&amp;facet=brand%3AA+%26+B&amp;facet=category%3Amug" in page
    nothing = client.get(
        f"{root}queries/", {"facet": ["color:red", "category:none"], "text": "<b>"}
    ).content.decode()
    assert "No query fits the words <q>&lt;b&gt;</q> with 2 filters" in nothing
    assert client.get(f"{root}items/", {"facet": "stratum:x"}).status_code == 200
    empty = Corpus.objects.create(slug="empty", name="Empty")
    people.annotator.memberships.create(corpus=empty, role="annotator")
    assert "This corpus has no queries yet" in client.get("/c/empty/catalog/queries/").content.decode()
    assert "This corpus has no items yet" in client.get("/c/empty/catalog/items/").content.decode()


def test_the_endpoints_filter_alike(
    shop: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client]
) -> None:
    client, root = client_for(people.annotator), f"/api/v1/corpora/{shop.slug}/"
    body = client.get(f"{root}queries/?facet=color:red&facet=category:mug&counts=1").json()
    assert [row["query"] for row in body["queries"]] == ["red mug"]
    assert body["facets"]["color"] == [{"value": "red", "n": 1}]
    assert "facets" not in client.get(f"{root}queries/").json()
    body = client.get(f"{root}items/", {"facet": "category:pot", "counts": "1"}).json()
    assert len(body["items"]) == 4
    assert body["facets"]["category"] == [{"value": "pot", "n": 4}]
    assert client.get(f"{root}queries/?stratum=head").status_code == 200
