"""The prefilter passes over a rule only where it cannot fire."""

import random
from typing import Any

import pytest

from rules.engine import compile_rulebook
from rules.engine.prefilter import guards, rule_guard
from rules.language import compile_condition
from rules.language.nodes import Field

BRAND, COLOUR = Field("query", "brand"), Field("item", "color")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("has(query.brand)", {BRAND: None}),
        ("has(query.brand) && query.brand == 'a'", {BRAND: frozenset("a")}),
        ("'a' == query.brand && item.color in ['r', 'g']", {BRAND: frozenset("a"), COLOUR: frozenset("rg")}),
        ("has(query.brand) || query.brand == 'a'", {}),
        ("!has(query.brand)", {}),
        ("query.brand != 'a'", {}),
        ("query.brand in ['a', item.brand]", {}),
        ("query.brand == 3", {}),
    ],
)
def test_guards(source: str, expected: dict[Field, Any]) -> None:
    assert guards(compile_condition(source).tree) == expected


def test_a_ladder_is_guarded_by_what_all_its_steps_want() -> None:
    ladder = [
        {"when": "query.brand == 'a'", "grade": "L1"},
        {"when": "query.brand in ['b', 'c']", "grade": "L2"},
    ]
    book = compile_rulebook(
        [{"code": "A", "ladder": ladder}, {"code": "B", "ladder": [*ladder, {"grade": "L3"}]}]
    )
    assert rule_guard(book.rules[0]) == (BRAND, frozenset("abc"))
    assert rule_guard(book.rules[1]) is None


CONDITIONS = [
    "has(query.brand)",
    "query.brand == 'a'",
    "item.color in ['r', 'g']",
    "'b' == item.color",
    "true",
    "has(query.brand) && has(item.color)",
    "query.brand == item.color",
    "!has(item.color)",
    "query.brand == 'a' || item.color == 'r'",
    "item.color in []",
]


def test_nothing_that_fires_is_passed_over() -> None:
    pick = random.Random(7)
    specs = [
        {
            "code": f"R{k}",
            "scope": pick.choice(CONDITIONS),
            "ladder": [{"when": pick.choice(CONDITIONS), "grade": "L2"} for _ in range(pick.randint(1, 2))],
        }
        for k in range(60)
    ]
    book = compile_rulebook(specs)
    values = [None, "a", "b", "r", "g", 3, ["a"], True]
    for brand in values:
        for color in values:
            query, item = {"brand": brand}, {"color": color}
            expected = {
                rule.code
                for rule in book.rules
                if rule.scope.evaluate(query, item) and any(s.when.evaluate(query, item) for s in rule.ladder)
            }
            assert {f.code for f in book.evaluate(query, item).firings} == expected
