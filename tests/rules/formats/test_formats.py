"""Rulebooks as files: our own form there and back, spreadsheets, GoRules tables, rules.txt, and files meant to hurt."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import starter
from rules.engine import compile_rulebook, run_examples
from rules.form import form_clean
from rules.formats import (
    refused_text,
    rulebook_parse,
    rulebook_read,
    rulebook_text,
    spreadsheet_text,
    tables_text,
)
from rules.formats.zen import NotCarried, cell_condition, expression, literal
from rules.language import compile_condition
from webapp.common.errors import Invalid

HERE = Path(__file__).parent / "fixtures"

text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
prose = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\r"), max_size=60)
scalar = st.one_of(
    text, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)
fields = st.dictionaries(
    st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True),
    st.one_of(scalar, st.lists(text, max_size=3)),
    max_size=4,
)
step = st.fixed_dictionaries(
    {
        "when": st.sampled_from(["query.a == item.b", 'mentions(item.title,\n  "x, y")', "-1 < 2", "true"]),
        "grade": st.sampled_from(["L1", "L2", "L3", "L4"]),
        "dimension": st.sampled_from(["", "brand", "=colour"]),
        "reason": prose,
    }
)
example = st.fixed_dictionaries(
    {
        "query": fields,
        "item": fields,
        "grade": st.sampled_from([None, "L1", "L4"]),
        "dimension": st.just(""),
        "note": text,
    }
)
rules = st.fixed_dictionaries(
    {
        "code": st.from_regex(r"[A-Z][A-Z0-9]{0,6}", fullmatch=True),
        "title": text,
        "principle": prose,
        "dimension": st.sampled_from(["", "brand", "colour"]),
        "capability": st.sampled_from(["rules", "visual", "knowledge"]),
        "scope": st.sampled_from(["", "has(query.brand)", "size(query.tokens) > 1 // two"]),
        "ladder": st.lists(step, min_size=1, max_size=3),
        "evidence_order": st.sampled_from([["title"], ["image", "title"], ["title", "attributes", "image"]]),
        "priority": st.integers(-100, 100),
        "yields_to": st.sampled_from([[], ["ZZZZZZZZ"], ["ZZZZZZZZ", "YYYYYYYY"]]),
        "examples": st.lists(example, max_size=3),
    }
).map(form_clean)
books = st.lists(rules, max_size=4, unique_by=lambda rule: rule["code"])
tables = st.dictionaries(text, st.dictionaries(text, st.lists(text, max_size=4), max_size=3), max_size=2)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books, tables, st.sampled_from(["yaml", "json"]))
def test_a_rulebook_comes_back_exactly(book: list[dict[str, Any]], words: dict[str, Any], form: str) -> None:
    document = {"format": "lore-rulebook/1", "tables": words, "rules": book}
    written = rulebook_text(document, form)
    assert rulebook_parse(written) == document
    assert rulebook_text(rulebook_parse(written), form) == written


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(books)
def test_a_spreadsheet_comes_back_exactly(book: list[dict[str, Any]]) -> None:
    carried = rulebook_read(spreadsheet_text(book), kind="csv")
    assert carried.left_out == ()
    assert carried.document["rules"] == book


@pytest.mark.parametrize("name", starter.names())
def test_the_starters_go_through_a_spreadsheet(name: str) -> None:
    found = starter.load(name)
    rules_there = [form_clean(rule) for rule in found["rules"]]
    back = rulebook_read(spreadsheet_text(rules_there), name="book.csv", tables=found["tables"])
    assert back.left_out == () and back.document["rules"] == rules_there
    assert (
        rulebook_read(tables_text(found["tables"]), name="tables.csv").document["tables"] == found["tables"]
    )


def test_one_changed_word_is_one_changed_line() -> None:
    found = starter.load("chorus")
    before = rulebook_text(found, "yaml").splitlines()
    found["tables"]["brands"] = {"hp": ["hewlett packard"]}
    found["rules"][0]["ladder"][0]["grade"] = "L2"
    after = rulebook_text(found, "yaml").splitlines()
    assert len(set(after) - set(before)) <= 3


def test_a_spreadsheet_says_row_field_and_mend() -> None:
    carried = rulebook_read((HERE / "sheet.csv").read_text(), name="sheet.csv")
    assert [rule["code"] for rule in carried.document["rules"]] == ["R01", "R06"]
    assert len(carried.document["rules"][0]["examples"]) == 2
    told = {(left.place, left.what) for left in carried.left_out}
    assert ("line 1", "column colour_of_the_sheet") in told
    assert {
        ("row 4", "when"),
        ("row 5", "grade"),
        ("row 6", "priority"),
        ("row 7", "code"),
        ("row 8", "when"),
    } <= told
    assert all(left.reason for left in carried.left_out)


def test_refused_rows_can_be_mended_and_read_again() -> None:
    carried = rulebook_read((HERE / "sheet.csv").read_text(), name="sheet.csv")
    refused = refused_text(carried.refused)
    assert refused.count("\n") == 6  # five rows and the heading
    again = refused.replace("query.text item.title", '""query.text"", ""item.title""').replace(
        ",high,", ",5,"
    )
    assert "R04" in [rule["code"] for rule in rulebook_read(again, kind="csv").document["rules"]]


def test_no_cell_is_a_formula() -> None:
    rule = form_clean({"code": "R1", "title": "=1+1", "ladder": [{"when": "-1 < 2", "grade": "L4"}]})
    written = spreadsheet_text([rule])
    assert ",=1+1" not in written and ",-1 < 2" not in written
    assert rulebook_read(written, kind="csv").document["rules"] == [rule]


def test_a_decision_table_becomes_a_rule_with_its_tests() -> None:
    carried = rulebook_read((HERE / "table.json").read_text(), name="table.json")
    assert carried.kind == "jdm"
    (rule,) = carried.document["rules"]
    assert [step["when"] for step in rule["ladder"]] == [
        "item.price > 1000",
        '((item.brand == "Zenith") || (item.brand == "Apex")) && (item.price >= 10 && item.price < 50)'
        " && query.brand != item.brand",
        'item.brand.contains("Old") && !(item.price in [1, 2]) && size(query.text) > 3 && !((item.price == 7))',
    ]
    assert [(step["grade"], step["dimension"], step["reason"]) for step in rule["ladder"]] == [
        ("L1", "", "dear"),
        ("L2", "brand", ""),
        ("L3", "", ""),
    ]
    assert all(result.passed for result in run_examples(compile_rulebook([rule])))
    assert {(left.place, left.what) for left in carried.left_out} == {
        ("Clean up", "functionNode"),
        ("Brand and price", "output fee"),
        ("Brand and price, row 4", "the row"),
    }


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('"US"', 'item.a == "US"'),
        ("true", "item.a == true"),
        ("'a', 'b'", '(item.a == "a") || (item.a == "b")'),
        ("(1..2]", "(item.a > 1 && item.a <= 2)"),
        ("> 5 and < 10", "item.a > 5 && item.a < 10"),
        ('in ["a", "b"]', 'item.a in ["a", "b"]'),
        ('startsWith($, "x")', 'item.a.startsWith("x")'),
        ("$ > 3 or query.b == 1", "item.a > 3 || query.b == 1"),
        ("!= -1", "item.a != -1"),
    ],
)
def test_cells_are_said_in_the_rule_language(cell: str, said: str) -> None:
    found = cell_condition(cell, "item.a")
    assert found == said
    compile_condition(found)


@pytest.mark.parametrize(
    "cell", ["map($, # + 1)", "`x`", "customer.age > 3", "now()", "null", "1 ..", "((((", "[1..", '"']
)
def test_cells_without_a_counterpart_are_refused(cell: str) -> None:
    with pytest.raises(NotCarried):
        cell_condition(cell, "item.a")


def test_depth_and_computed_outputs_are_refused() -> None:
    with pytest.raises(NotCarried):
        expression("(" * 3_000 + "1" + ")" * 3_000)
    with pytest.raises(NotCarried):
        expression("not " * 900 + "true")
    with pytest.raises(NotCarried):
        literal("1 + 1")
    assert (literal('"a"'), literal("-2"), literal("true"), literal("")) == ("a", -2.0, True, None)


def test_rules_txt_becomes_a_table_and_rules() -> None:
    carried = rulebook_read((HERE / "rules.txt").read_text(), name="rules.txt")
    assert carried.kind == "smui"
    assert carried.document["tables"] == {"synonyms": {"notebook": ["laptop", "portable computer"]}}
    first, second, third = carried.document["rules"]
    assert (first["scope"], first["priority"]) == ('mentions(query.text, "notebook")', 3)
    assert first["ladder"][0]["when"] == 'mentions(item.title, "case")'
    assert second["scope"] == 'lower(query.text) == "iphone"'
    assert [s["when"] for s in second["ladder"]] == [
        '!mentions(item.title, "apple")',
        'lower(item.category) == lower("accessories")',
    ]
    assert third["ladder"][0]["when"] == '!mentions(item.title, "tv") || mentions(item.title, "mount")'
    reasons = {left.place: left.reason for left in carried.left_out}
    assert set(reasons) == {f"line {n}" for n in (4, 6, 15, 16, 18, 21, 27)}
    assert "rule is switched off" in reasons["line 21"].lower() and "says nothing" in reasons["line 6"]
    compile_rulebook(carried.document["rules"])


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: [*b,*b,*b,*b]\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (BOMB, "book.yaml"),
        ("[" * 50_000, "book.json"),
        ("- " * 50_000, "book.yaml"),
        ("x" * (5 * 1024 * 1024), "book.yaml"),
        ('{"rules": [NaN]}', "book.json"),
        ("code,when\nR1," + "x" * 1_000_000, "book.csv"),
        ('code,when\nR1,"unclosed', "book.csv"),
        ("name,when\nR1,true", "book.csv"),
        ("", "rules.txt"),
        ("nothing here", "rules.txt"),
        ('{"nodes": 3, "contentType": "application/vnd.gorules.decision"}', "t.json"),
        ("!!python/object/apply:os.system [ls]", "book.yaml"),
    ],
)
def test_files_meant_to_hurt_are_refused(content: str, name: str) -> None:
    with pytest.raises(Invalid):
        rulebook_read(content, name=name)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["a.csv", "a.txt", "a.json", "a.yaml", "a.tsv"]))
def test_no_text_crashes_a_reader(content: str, name: str) -> None:
    try:
        carried = rulebook_read(content, name=name)
    except Invalid:
        return
    json.dumps(carried.document, default=str)


@settings(max_examples=300, deadline=None)
@given(st.text("()[].,\"'$<>=!&|-+ 019abnotinrd", max_size=40))
def test_no_cell_crashes_the_translation(cell: str) -> None:
    try:
        cell_condition(cell, "item.a")
    except NotCarried:
        return
