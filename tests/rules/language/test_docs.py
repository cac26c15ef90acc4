"""Every line of the language page is run, and every function stands on it."""

import re
from pathlib import Path

import pytest

from rules.engine.rule import MAX_RULES, MAX_STEPS
from rules.language import compile_condition, limits, registry

PAGE = Path(__file__).parents[3] / "docs" / "rule-language.md"
TABLES = {
    "colours": {"navy": ["dark blue"]},
    "kinds": {"phone": ["smartphone", "iphone"], "case": ["sleeve"], "charger": []},
    "units": {"inch": ["in", '"']},
}
OUTCOMES = {"true": True, "false": False, "unknown": None}


def lines() -> list[tuple[str, str]]:
    blocks = re.findall(r"```cel\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    found = [line.rsplit("//", 1) for block in blocks for line in block.splitlines() if line.strip()]
    return [(source.strip(), expected.strip()) for source, expected in found]


@pytest.mark.parametrize(("source", "expected"), lines())
def test_the_page_is_true(source: str, expected: str) -> None:
    assert compile_condition(source, tables=TABLES).evaluate({}, {}) is OUTCOMES[expected]


def test_the_page_names_every_function() -> None:
    shown = " ".join(source for source, _ in lines())
    assert [name for name in registry() if f"{name}(" not in shown] == []


WRITTEN = [
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    " in ",
    *"+-*/%!?",
    "&&",
    "||",
    "[1]",
    "has(",
    ".exists(",
    ".all(",
]


@pytest.mark.parametrize("written", WRITTEN)
def test_the_page_shows_every_operator_and_macro(written: str) -> None:
    assert any(written in source for source, _ in lines())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('size(missing_words("red", item.t))', 1),
        ('word_overlap("red", item.t)', 0.0),
        ("size(model_names(item.t))", 0),
    ],
)
def test_words_past_the_limit_are_not_there(source: str, expected: float) -> None:
    far = "x" * limits.MAX_SCANNED + " red a1"
    assert compile_condition(f"{source} == {expected}").evaluate({}, {"t": far}) is True


def test_the_page_tells_the_limits_as_they_are() -> None:
    text = PAGE.read_text(encoding="utf-8").partition("## Limits")[2]
    told = (
        f"{limits.MAX_BYTES // 1024} KB", f"{limits.MAX_DEPTH} levels", f"{limits.MAX_NODES:,}",
        f"{limits.MAX_MACROS} deep",
        f"| {limits.MAX_RANGE:,} |", f"{limits.MAX_PATTERN} characters", f"| {MAX_STEPS} |", f"| {MAX_RULES:,} |",
        f"first {limits.MAX_SCANNED:,} characters",
    )  # fmt: skip
    assert [limit for limit in told if limit not in text] == []
