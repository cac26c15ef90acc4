"""What the editor shows of a condition: its meaning in words, its trace, its facts."""

import pytest

from rules.language import Bound, compile_condition, plain_words


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("has(query.brand) && query.brand != item.brand",
         "the query names a brand, and the item's brand is another one"),
        ("mentions(query.text, item.brand)", "the query mentions the item's brand"),
        ("!mentions(item.title, 'case')", "the item's title does not mention “case”"),
        ("!has(item.color) || item.color in ['red', 'blue']",
         "the item has no color, or the item's color is one of “red”, “blue”"),
        ("!(item.price > 10)", "the item's price is at most 10"),
        ("within_percent(item.size, query.size, 10)", "the item's size is within 10 % of the query's size"),
        ("query.tokens.exists(t, item.title.contains(t))",
         "for some t of the query's words, the item's title contains t"),
        ("size(missing_words(query.text, item.title)) == 0",
         "there are no words of the query that the item's title lacks"),
        ("size(missing_words(query.text, item.title)) > 0 && size(words(item.title)) < 4",
         "there are words of the query that the item's title lacks, "
         "and the number of words of the item's title is below 4"),
        ('!same_family(query.color, item.color, "colors") && kind_of(item.title, "kinds") == "case"',
         "the query's color and the item's color are not of one family (by “colors”), "
         "and the thing that the item's title names (by “kinds”) is “case”"),
        ('size(missing_words(query.text, item.title, "kinds")) == 0',
         "there are no words of the query that the item's title lacks (by “kinds”)"),
        ("size(item.title) < 4", "the size of the item's title is below 4"),
        ("item.title.contains('{0} {1}')", "the item's title contains “{0} {1}”"),
        ("true", "always"),
    ],
)  # fmt: skip
def test_plain_words(source: str, words: str) -> None:
    assert plain_words(source) == words


def test_a_trace_names_what_decided() -> None:
    condition = compile_condition("has(query.brand) && query.brand != item.brand && item.price > 10")
    query, item = {"brand": "Acme"}, {"brand": "Zenith", "price": 4}
    assert condition.trace(query, item).lines() == ["false: the item's price is above 10 (item.price = 4)"]
    unknown = condition.trace(query, {"brand": "Zenith"})
    assert unknown.value is None
    assert unknown.lines() == ["unknown: the item's price is above 10 (item.price = missing)"]
    assert len(condition.trace(query, {"brand": "Zenith", "price": 12}).lines()) == 3


def test_a_trace_of_or_stops_at_the_first_that_holds() -> None:
    condition = compile_condition("item.a == 1 || item.b == 2 || item.c == 3")
    assert len(condition.trace({}, {"a": 1, "b": 2}).lines()) == 1
    assert len(condition.trace({}, {"a": 2, "b": 3, "c": 4}).lines()) == 3


def test_facts_for_lint() -> None:
    facts = compile_condition(
        "lower(item.color) == 'red' && item.size >= 10 && 20 > item.size && item.brand in ['a', 'b']"
        " && mentions_any(item.title, ['case', 'bag'])"
    ).facts
    assert facts.fields == {"item.color", "item.size", "item.brand", "item.title"}
    assert facts.values["item.color"] == {"red"}
    assert facts.values["item.brand"] == {"a", "b"}
    assert facts.values["item.title"] == {"case", "bag"}
    assert facts.bounds == (Bound("item.size", ">=", 10.0), Bound("item.size", "<", 20.0))
    assert facts.numbers == {10.0, 20.0}
    assert facts.functions == {"lower", "mentions_any"}
