"""Pairs nearest the edge of a rule: what the least change of its conditions would turn."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rules.engine import Rulebook, boundary, compile_rulebook
from rules.language import Frame, Language, View
from rules.language.parser import parse
from tests.rules.language.generate import Maker
from tests.rules.language.test_forms_agree import LooseFrame

LANGUAGE = Language.with_tables({})
ITEMS = pa.Table.from_pylist(
    [
        {"price": 10.0, "color": "red", "brand": "A"}, {"price": 49.0, "color": "red", "brand": "A"},
        {"price": 51.0, "color": "blue", "brand": "A"}, {"price": 90.0, "color": "blue", "brand": None},
    ]
)  # fmt: skip
QUERIES = pa.Table.from_pylist([{"text": "one", "brand": "A"}])
ROWS = np.zeros(4, np.int64), np.arange(4)
CORPUS = QUERIES, ITEMS, ROWS


def book(scope: str, *whens: str) -> Rulebook:
    ladder = [{"when": when, "grade": f"L{4 - at}", "dimension": ""} for at, when in enumerate(whens)]
    return compile_rulebook([{"code": "A", "title": "A", "scope": scope, "ladder": ladder}])


def near(rulebook: Rulebook) -> tuple[list[int], list[int]]:
    """Rows of the pairs inside and of those outside, the nearest first."""
    rule, fired = rulebook.rules[0], rulebook.evaluate_table(*CORPUS).fired["A"]
    inside = boundary.inside(rule, rulebook.language, CORPUS, fired)
    rows, outside = boundary.outside(rule, rulebook.language, CORPUS, fired)
    assert (inside > 0).all() and (outside > 0).all()
    first, then = np.argsort(inside, kind="stable"), np.argsort(outside, kind="stable")
    return fired.rows[first].tolist(), rows[then].tolist()


@pytest.mark.parametrize(
    ("scope", "whens", "inside", "outside"),
    [
        ("", ["item.price < 50"], [1, 0], [2, 3]),
        ("", ["item.price < 20", "item.price < 60"], [0, 2, 1], [3]),  # 0 is 10 from 20, 1 is 11 from 60 and 29 from 20
        ("has(item.brand)", ["item.price > 20"], [1, 2], [0, 3]),
        ('item.color == "blue"', ["within_percent(item.price, 100, 49)"], [2, 3], [1, 0]),
        ("", ['item.color == "red" || item.price > 80'], [3, 0, 1], [2]),
        ('!(item.color == "red") && item.price < 500', ["true"], [3, 2], [0, 1]),
        ("false", ["true"], [], []),
    ],
)  # fmt: skip
def test_the_nearest_come_first(scope: str, whens: list[str], inside: list[int], outside: list[int]) -> None:
    found = near(book(scope, *whens))
    assert (sorted(found[0]), sorted(found[1])) == (sorted(inside), sorted(outside))
    assert (found[0][:1], found[1][:1]) == (inside[:1], outside[:1])


def costs(source: str) -> tuple[list[float], list[float]]:
    found = boundary.cost(View(Frame(QUERIES, ITEMS, LANGUAGE.functions), *ROWS), parse(source))
    return found.true.tolist(), found.false.tolist()


def test_what_is_joined_costs_what_its_parts_cost() -> None:
    assert costs('item.color == "red" && item.brand == "A"') == ([0, 0, 1, 2], [1, 1, 0, 0])
    assert costs('item.color == "red" || item.brand == "A"') == ([0, 0, 0, 1], [2, 2, 1, 1])
    unknown = costs('!(item.brand == "A")')
    assert unknown == ([1, 1, 1, 1], [0, 0, 0, 1])  # a brand that is not known is neither


def test_a_cost_is_nothing_where_the_condition_holds_and_nowhere_else() -> None:
    for seed in range(300):
        maker = Maker(seed)
        tree, pick = maker.make_bool(4), np.random.default_rng(seed)
        frame: Any = LooseFrame([maker.fields() for _ in range(6)], [maker.fields() for _ in range(7)])
        view = View(frame, pick.integers(0, 6, 25), pick.integers(0, 7, 25))
        states, found = view.truth(tree), boundary.cost(view, tree)
        assert ((found.true == 0) == (states == 2)).all(), tree.source
        assert ((found.false == 0) == (states == 0)).all(), tree.source


def test_no_pairs_have_no_boundary() -> None:
    rulebook, none = book("", "item.price < 50"), (np.zeros(0, np.int64), np.zeros(0, np.int64))
    corpus = QUERIES, ITEMS, none
    fired = rulebook.evaluate_table(*corpus).fired["A"]
    assert len(boundary.inside(rulebook.rules[0], rulebook.language, corpus, fired)) == 0
    assert len(boundary.outside(rulebook.rules[0], rulebook.language, corpus, fired)[0]) == 0
