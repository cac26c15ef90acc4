"""Facets found in a query's text, and the words that a corpus brings itself."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from catalog.importing.lexicons import lexicon_read
from catalog.importing.rejections import Rejections
from catalog.importing.running import import_run
from catalog.lexicon import Matcher, Seen, lexicon_build, lexicon_merge
from catalog.models import ImportRun, Lexicon, Query
from webapp.common.models import Corpus

ITEMS = [
    Seen("Acme laptop bag", "Acme", "Bags > Laptop Bags", ("Black",)),
    Seen("Acme laptop bag wide", "Acme", "Bags > Laptop Bags", ("sky blue",)),
    Seen("Borda kettle", "Borda", "Kettles", ("sky blue",)),
    Seen("Borda kettle two", "Borda", "Kettles", ()),
    Seen("Kettle cover", "Kettle", "Covers", ()),
    *[Seen(f"kettle {n}", "Borda", "Kettles", ()) for n in range(8)],
]
MATCHER = Matcher.compile(lexicon_build(ITEMS))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("acme laptop bags", {"brand": "Acme", "category": "Bags > Laptop Bags", "head": "bag"}),
        ("ACME kettle sky blue", {"brand": "Acme", "category": "Kettles", "color": "sky blue"}),
        ("grey kettle", {"color": "gray"}),
        ("pack of 4 kettles", {"quantity": 4}),
        ("6-pack soda", {"quantity": 6}),
        ("monitor 27 inch", {"size": "27 inch"}),
        ('tv 55"', {"size": "55 inch"}),
        ("dress xl", {"size": "xl"}),
        ("shoes size 42", {"size": "42"}),
        ("fan without remote", {"negated": ["remote"], "head": "fan"}),
        ("sugar free gum", {"negated": ["sugar"], "head": "gum"}),
        ("stand for laptop", {"head": "stand"}),
    ],
)
def test_facets_of_a_text(text: str, expected: dict[str, object]) -> None:
    found = MATCHER.facets(text)
    assert {name: found.get(name) for name in expected} == expected


def test_a_brand_that_is_a_common_word_is_no_brand() -> None:
    assert "brand" not in MATCHER.facets("kettle")


def test_what_is_ruled_out_is_no_facet() -> None:
    assert "color" not in MATCHER.facets("kettle not black")


@pytest.mark.parametrize("text", ["", "   ", "without", "💡", "空調 黑色", "a" * 500])
def test_any_text_gives_the_three_that_are_always_there(text: str) -> None:
    assert {"tokens", "negated", "head"} <= set(MATCHER.facets(text))


def test_given_words_win_and_leave_the_rest() -> None:
    computed = {
        "brand": {"Acme": ["acme"]},
        "category": {"Mugs": ["mug", "cup"]},
        "color": {"gray": ["gray", "grey"]},
    }
    given = {
        "category": {"cup": ["cup", "beaker"]},
        "color": {"grey": ["grey", "gray"]},
        "material": {"steel": ["steel"]},
    }
    merged = lexicon_merge(computed, given)
    assert merged == {
        "brand": {"Acme": ["acme"]}, "category": {"cup": ["cup", "beaker"], "Mugs": ["mug"]},
        "color": {"grey": ["grey", "gray"]}, "material": {"steel": ["steel"]},
    }  # fmt: skip
    found = Matcher.compile(merged).facets("acme gray steel beakers")
    assert {name: found[name] for name in ("brand", "color", "material", "category")} == {
        "brand": "Acme", "color": "grey", "material": "steel", "category": "cup",
    }  # fmt: skip
    assert lexicon_merge(computed, {}) == computed


def read(folder: Path, text: str) -> tuple[Any, list[str]]:
    (folder / "lexicon.json").write_text(text, "utf-8")
    with Rejections(folder / "out") as rejections:
        found = lexicon_read(folder, rejections)
        with rejections.close().open(newline="") as stream:
            rows = list(csv.DictReader(stream))
    return found, [f"{row['field']}: {row['reason']}" for row in rows]


@pytest.mark.parametrize(
    ("text", "found", "errors"),
    [
        ("{", None, [": not JSON"]),
        ("[" * 100_000, None, [": not JSON"]),
        ("[1]", None, [": not an object"]),
        ('{"category": 3}', {}, ["category: not an object"]),
        ('{"Big Name": {}, "size": {"m": ["m"]}}', {},
         ["Big Name: no name of a facet", "size: no name of a facet"]),
        ('{"color": {"red": "red", "blue": ["azure", 3, "", "a b c d e"]}}', {"color": {"blue": ["azure"]}},
         ["color.red: not a list", *["color.blue: no spelling"] * 3]),
        ('{"color": {"red": ["scarlet"], "pink": ["scarlet", "rose"]}}', {"color": {"red": ["scarlet"], "pink": ["rose"]}},
         ["color.pink: spelling of two values"]),
        ('{"color": {"": ["x"]}}', {}, ["color.: no value"]),
        ('\ufeff{"material": {"steel": ["stainless steel"]}}', {"material": {"steel": ["stainless steel"]}}, []),
    ],
)  # fmt: skip
def test_a_file_is_read_entry_by_entry(tmp_path: Path, text: str, found: Any, errors: list[str]) -> None:
    assert read(tmp_path, text) == (found, errors)


def load(corpus: Corpus, folder: Path, **files: str) -> ImportRun:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    run = ImportRun.objects.create(corpus=corpus, path=str(folder), format="csv")
    import_run(run=run, fence=transaction.atomic, progress=lambda done, total, note: None)
    run.refresh_from_db()
    return run


def test_a_corpus_brings_its_words_and_keeps_them(corpus: Corpus, tmp_path: Path) -> None:
    queries = "query_id,query\n1,azure beaker\n"
    words = json.dumps({"category": {"mug": ["mug", "beaker"]}, "color": {"sky blue": ["azure"], "bad": []}})
    run = load(corpus, tmp_path / "a", queries_csv=queries, lexicon_json=words)
    facets = Query.objects.get().facets
    assert (facets["category"], facets["color"]) == ("mug", "sky blue")
    assert run.rejected == 0
    load(corpus, tmp_path / "b", products_csv="product_id,title\n1,Mug\n")
    assert Query.objects.get().facets == facets
    assert Lexicon.objects.count() == 1
    other = json.dumps({"category": {"cup": ["beaker"]}})
    assert load(corpus, tmp_path / "c", lexicon_json=other).finished_at
    assert Query.objects.get().facets["category"] == "cup"
    assert Lexicon.objects.count() == 2
