"""Every line of the language page is run, and every function stands on it."""

import re
from pathlib import Path

import pytest

from rules.language import compile_condition, registry

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
