"""The starter rulebooks compile, prove themselves by their own examples, and speak of no single query."""

from typing import Any

import pytest

from rules import starter
from rules.engine import compile_rulebook, run_examples
from rules.language import compile_condition
from rules.language.terms import named_families

LEAST = {"chorus": 15, "esci": 20}


@pytest.mark.parametrize("name", starter.names())
def test_a_starter_rulebook_passes_its_examples(name: str) -> None:
    found = starter.load(name)
    rulebook = compile_rulebook(found["rules"], found.get("tables"))
    results = run_examples(rulebook)
    assert [(r.code, r.number, r.message) for r in results if not r.passed] == []
    assert len(rulebook.rules) >= LEAST[name]


@pytest.mark.parametrize("name", starter.names())
def test_every_rule_shows_where_it_fires_and_where_not(name: str) -> None:
    for rule in starter.load(name)["rules"]:
        grades = [example["grade"] for example in rule["examples"]]
        assert len(grades) >= 3, rule["code"]
        assert None in grades and any(grades), rule["code"]
        assert rule["principle"] and rule["title"], rule["code"]


@pytest.mark.parametrize("name", starter.names())
def test_no_rule_names_a_query_or_an_item(name: str) -> None:
    """A condition may hold a query or a title against tables and facets, never against its own text."""
    found = starter.load(name)
    for rule in found["rules"]:
        for source in [rule["scope"], *(step["when"] for step in rule["ladder"])]:
            if source:
                values = compile_condition(source, tables=found["tables"]).facts.values
                assert not {"query.text", "query.head", "item.title"} & set(values), rule["code"]


@pytest.mark.parametrize("name", starter.names())
def test_a_word_belongs_to_one_family_of_a_table_of_kinds(name: str) -> None:
    tables: dict[str, Any] = starter.load(name)["tables"]
    seen: dict[str, str] = {}
    for family, words in named_families(tables["kinds"]):
        for word in words:
            assert seen.setdefault(word, family) == family, word


def test_an_unknown_starter_is_named() -> None:
    with pytest.raises(KeyError):
        starter.load("nothing")
