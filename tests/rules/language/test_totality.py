"""Whatever is typed and whatever an item carries: an answer or a clear refusal, at once."""

import math
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Reader, RulebookError
from rules.form import form_clean
from rules.language import Language, RuleSyntaxError, compile_condition, plain_words
from rules.language.nodes import unparse
from rules.lint import Book, Carried, lint_rule
from tests.rules.language.generate import TABLES, Maker
from tests.rules.lint.seeded import rule, step

QUICK = settings(max_examples=150, deadline=None)
WORDS = st.sampled_from(
    [
        "query.brand", "item.price", "item.title", "query.tokens", "has(", ")", "(", "[", "]", "&&", "||", "!", "==", "!=",
        "<", ">=", "in", "+", "-", "*", "/", "%", "?", ":", ",", ".",
        '"red"', "'", '"', "1", "2.5", "1e308", "true", "null",
        "mentions(", ".matches(", "'(a*)*$'", ".exists(x, ", ".all(x, ", "size(", "x", "-9223372036854775808", "0x7f", "//",
        "\n", "\\", "е", "“", "\u200b", "\x00", "r'", "'''", "{", "}", "1u", "b'a'", "number(",
        "within_percent(", "a" * 300,
    ]
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.binary(max_size=8),
        st.sampled_from([math.nan, math.inf, 2**63, -(2**70), "\ud800", "", " ", "١٢٣", "1e5", "靴"]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=6,
)  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(["brand", "price", "title", "tokens", "text", "a", "b"]), VALUES, max_size=7
)


def within_a_second(source: str) -> Any:
    """The condition, or None where it is refused with a place inside the text."""
    started = time.process_time()
    try:
        return compile_condition(source)
    except RuleSyntaxError as problem:
        assert problem.message and 1 <= problem.line <= source.count("\n") + 1 and problem.column >= 1
        return None
    finally:
        assert time.process_time() - started < 1


@QUICK
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda b: b.decode("latin-1"))))
def test_any_text_is_read_or_refused(source: str) -> None:
    within_a_second(source)


@QUICK
@given(st.lists(WORDS, max_size=40).map(" ".join), FIELDS, FIELDS)
def test_any_words_of_the_language_are_read_or_refused(
    source: str, query: dict[str, Any], item: dict[str, Any]
) -> None:
    condition = within_a_second(source)
    if condition is not None:
        assert condition.evaluate(query, item) in (True, False, None)
        assert plain_words(condition) and condition.trace(query, item).lines()


@QUICK
@given(st.integers(0, 10**9), FIELDS, FIELDS)
def test_any_fields_are_answered(seed: int, query: dict[str, Any], item: dict[str, Any]) -> None:
    source = unparse(Maker(seed).make_bool(4))
    try:
        condition = Language.with_tables(TABLES).compile(source)
    except RuleSyntaxError:  # made with wrong types on purpose
        return
    assert condition.evaluate(query, item) in (True, False, None)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.text(max_size=80))
def test_lint_answers_for_any_rule(seed: int, principle: str) -> None:
    maker = Maker(seed)
    ladder = [
        step(unparse(maker.make_bool(3)), f"L{1 + seed // 7 % 4}"),
        step(unparse(maker.make_bool(3)), "L4"),
    ]
    form = rule("A", ladder, scope=unparse(maker.make_bool(2)), principle=f"{principle} {seed} % L2 “{seed}”")
    other = rule("B", [step(unparse(maker.make_bool(3)), "L1")])
    reader = Reader(Language.with_tables(TABLES))
    try:
        book = Book([other], reader, Carried.of([maker.fields()], [maker.fields()]))
        found = lint_rule(form, book)
    except RulebookError:
        return
    for finding in found:
        assert finding.message and finding.as_dict()["place"]


@pytest.mark.parametrize(
    "piece", ["(", "[", "!", "-", "a.", "true&&", "1+", "true?", "[].all(x,", "has(", '"', "\\", "/*"]
)
def test_a_megabyte_of_anything_is_refused_at_once(piece: str) -> None:
    assert within_a_second(piece * (1_000_000 // len(piece))) is None


@QUICK
@given(
    st.dictionaries(
        st.sampled_from(["code", "title", "scope", "ladder", "priority", "examples", "yields_to", "x"]),
        VALUES,
    )
)
def test_any_form_is_read_or_refused(raw: dict[str, Any]) -> None:
    try:
        form_clean({"code": "R1", "ladder": [{"when": "true", "grade": "L4"}], **raw})
    except RulebookError as problem:
        assert problem.message
