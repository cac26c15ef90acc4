"""The starter rulebooks compile, pass their own examples, and speak of no single query."""

import pytest

from rules import starter
from rules.engine import compile_rulebook, run_examples


@pytest.mark.parametrize("name", starter.names())
def test_a_starter_rulebook_passes_its_examples(name: str) -> None:
    found = starter.load(name)
    book = compile_rulebook(found["rules"], found["tables"])
    assert len(book.rules) >= 12
    assert [e for e in run_examples(book) if not e.passed] == []
    for rule in book.rules:
        assert len(rule.examples) >= 2
        for part in (rule.scope, *(step.when for step in rule.ladder)):
            assert "query.text ==" not in part.source


def test_an_unknown_starter_is_named() -> None:
    with pytest.raises(KeyError):
        starter.load("nothing")
