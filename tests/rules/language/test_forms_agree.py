"""Closure, vectorised form and a reference CEL evaluator answer alike, on random conditions and pairs."""

import collections
import logging
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rules.language import columns
from rules.language import nodes as n
from rules.language.closures import Compiler
from rules.language.nodes import unparse
from rules.language.parser import parse
from rules.language.vector import Frame, View
from tests.rules.language.generate import FUNCTIONS, Maker, names_in
from tests.rules.language.reference import Reference

COMPILER = Compiler(FUNCTIONS)
STATE = {False: 0, None: 1, True: 2}
EVERY = {
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "in",
    "+",
    "-",
    "*",
    "/",
    "%",
    "&&",
    "||",
    "unary !",
    "unary -",
    "?:",
    "[]",
    "has",
    "exists",
    "all",
    *FUNCTIONS,
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """cel-python logs every error that it turns into a value."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


class LooseFrame(Frame):
    """A frame over plain rows, so that one column may mix types as no Arrow column can."""

    def __init__(self, queries: list[dict[str, Any]], items: list[dict[str, Any]]) -> None:
        super().__init__(pa.table({"n": range(len(queries))}), pa.table({"n": range(len(items))}), FUNCTIONS)
        self.rows = {"query": queries, "item": items}

    def field(self, side: str, name: str) -> columns.Column:
        level = columns.QUERY if side == "query" else columns.ITEM
        return columns.encode(level, [row.get(name) for row in self.rows[side]])


def truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def check_vectors(tree: n.Node, maker: Maker, seed: int) -> None:
    queries, items = [maker.fields() for _ in range(6)], [maker.fields() for _ in range(7)]
    pick = np.random.default_rng(seed)
    view = View(LooseFrame(queries, items), pick.integers(0, 6, 25), pick.integers(0, 7, 25))
    run = COMPILER.compile(tree)
    pairs = zip(view.query_rows, view.item_rows, strict=True)
    expected = [STATE[truth(run(queries[q], items[i]))] for q, i in pairs]
    assert view.truth(tree).tolist() == expected, unparse(tree)


def check_reference(tree: n.Node, source: str, reference: Reference, maker: Maker, pairs: int) -> None:
    run, program = COMPILER.compile(tree), reference.program(source)
    for _ in range(pairs):
        query, item = maker.fields(), maker.fields()
        assert truth(run(query, item)) is program(query, item), (source, query, item)


def run_many(start: int, count: int, pairs: int) -> collections.Counter[str]:
    reference = Reference(FUNCTIONS)
    counts: collections.Counter[str] = collections.Counter()
    for seed in range(start, start + count):
        maker = Maker(seed)
        tree = maker.make_bool(4)
        source = unparse(tree)
        assert parse(source) == tree
        counts.update(names_in(tree))
        check_vectors(tree, maker, seed)
        check_reference(tree, source, reference, maker, pairs)
    return counts


def test_the_three_agree() -> None:
    counts = run_many(random.Random().randrange(10**9), 150, pairs=1)
    assert set(counts) <= EVERY


def test_the_two_compiled_forms_agree() -> None:
    start = random.Random().randrange(10**9)
    for seed in range(start, start + 600):
        maker = Maker(seed)
        check_vectors(maker.make_bool(4), maker, seed)


@pytest.mark.slow
def test_every_operator_and_function_a_thousand_times() -> None:
    counts = run_many(0, 17_000, pairs=1)
    assert {name: counts[name] for name in EVERY if counts[name] < 1_000} == {}
