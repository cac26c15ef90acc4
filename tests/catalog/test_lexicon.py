"""Facets found in a query's text."""

import pytest

from catalog.lexicon import Matcher, Seen, lexicon_build

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
