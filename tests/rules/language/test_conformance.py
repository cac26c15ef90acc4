"""The CEL project's own conformance cases, as far as they speak of the subset. What is left out is counted by reason."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from rules.language import RuleSyntaxError, registry
from rules.language.checker import Checker
from rules.language.closures import Compiler
from rules.language.parser import parse

SUITE = json.loads((Path(__file__).parent / "conformance.json").read_text(encoding="utf-8"))
FUNCTIONS = registry()
DIFFERENT = {  # what we refuse or leave unknown on purpose, where CEL answers when it runs
    "names are checked before anything runs": r"unbound_is_runtime_error$|parse\.receiver_function_names\.",
    "types are checked before anything runs": r"logic\.(AND|OR)\.short_circuit_type_(left|right)$",
    "true and false name no field": r"basic\.reserved_const\.(true|false)$",
    "values of different types are unknown to each other": r"macros\.exists\.list_elem_type_exhaustive$",
}


def outcome(source: str, item: dict[str, Any]) -> Any:
    """The value, or None for an error or a refusal."""
    try:
        tree = parse(source)
        Checker(FUNCTIONS, None).type_of(tree)
    except RuleSyntaxError:
        return None
    return Compiler(FUNCTIONS).compile(tree)({}, item)


def difference(name: str) -> str:
    return next((why for why, pattern in DIFFERENT.items() if re.search(pattern, name)), "")


CASES = {name: case for name, *case in SUITE["cases"]}
SAME = [name for name in CASES if not difference(name)]


@pytest.mark.parametrize("name", SAME)
def test_we_answer_as_cel_does(name: str) -> None:
    source, item, expected = CASES[name]
    found = outcome(source, item)
    if "error" in expected:
        assert found is None
    else:
        assert type(found) is type(expected["value"]) and found == expected["value"]


def test_the_differences_are_these_and_each_is_a_refusal() -> None:
    told = Counter(difference(name) for name in CASES if difference(name))
    assert set(told) == set(DIFFERENT)
    assert all(outcome(*CASES[name][:2]) is None for name in CASES if difference(name))
    assert sum(told.values()) == len(CASES) - len(SAME) < 30


def test_what_runs_and_what_is_left_out_is_counted() -> None:
    assert len(SUITE["cases"]) == len(CASES) and len(SAME) > 430
    assert sum(SUITE["left_out"].values()) + len(CASES) == 2344
