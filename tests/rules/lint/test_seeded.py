"""Nine of nine kinds found in the rulebook sown with them, none in the clean ones, and every mend mends."""

import time
from typing import Any

import pytest

from catalog.sample.rulebook import rulebook
from rules import starter
from rules.engine import Reader
from rules.language import Language
from rules.lint import KINDS, NOTHING_KNOWN, Book, Carried, Kind, fix_apply, lint_book, lint_rule
from tests.rules.lint.seeded import EXPECTED, SEEDED, VOCABULARY


def book_of(forms, vocabulary=NOTHING_KNOWN, tables=None, dimensions=()) -> Book:
    return Book(forms, Reader(Language.with_tables(tables)), vocabulary, dimensions)


def test_nine_of_nine_kinds_are_found_and_nothing_else():
    found = lint_book(book_of(SEEDED, VOCABULARY))
    assert {(f.kind, f.code, f.place) for f in found} == EXPECTED
    assert {f.kind for f in found} == set(Kind) == set(KINDS)
    for finding in found:
        assert finding.message and finding.mend and finding.where
        assert finding.as_dict()["kind"] == finding.kind.value


def test_places_are_exact():
    found = {(f.kind, f.code): f for f in lint_book(book_of(SEEDED, VOCABULARY))}
    number = found[Kind.NUMBER, "S2"]
    assert (number.line, number.column) == (1, SEEDED[1]["ladder"][0]["when"].index("20") + 1)
    assert SEEDED[1]["principle"][number.start : number.end] == "10"
    gap = found[Kind.GAP, "S3"]
    assert (gap.line, gap.column) == (1, SEEDED[2]["ladder"][1]["when"].index("20.0") + 1)
    assert "from 10 to 20 (not itself)" in gap.message
    assert found[Kind.OPPOSITE, "S5"].other == "S6" and found[Kind.OPPOSITE, "S5"].witness
    assert found[Kind.SAME, "S7"].other == "S8"


def test_every_mend_takes_its_finding_away():
    book = book_of(SEEDED, VOCABULARY)
    forms = {form["code"]: form for form in SEEDED}
    tried = 0
    for finding in lint_book(book):
        for fix in finding.fixes:
            mended = fix_apply(forms[finding.code], fix)
            again = lint_book(book_of([{**forms, finding.code: mended}[code] for code in forms], VOCABULARY))
            same = [
                f
                for f in again
                if (f.kind, f.code, f.message) == (finding.kind, finding.code, finding.message)
            ]
            assert not same, (finding, fix)
            tried += 1
    assert tried >= 15


@pytest.mark.parametrize("name", starter.names())
def test_the_starter_rulebooks_are_clean(name):
    found = starter.load(name)
    assert lint_book(book_of(found["rules"], tables=found.get("tables"))) == []


def test_the_sample_rulebook_is_clean():
    found = rulebook()
    examples = [example for form in found["rules"] for example in form["examples"]]
    carried = Carried.of([e["query"] for e in examples], [e["item"] for e in examples])
    only = Carried(carried.fields)
    book = book_of(found["rules"], only, found["tables"], found["dimensions"])
    assert [f.as_dict() for f in lint_book(book)] == []


def test_one_rule_among_a_hundred_is_linted_as_she_types():
    others = [
        {**form, "code": f"X{number}{form['code']}", "yields_to": [], "priority": number % 7}
        for number in range(9)
        for form in SEEDED
    ][:100]
    book = book_of(others, VOCABULARY)
    lint_rule(SEEDED[0], book)
    started = time.process_time()
    for form in SEEDED:
        lint_rule({**form, "title": f"typed {started}"}, book)
    assert (time.process_time() - started) / len(SEEDED) < 0.1


def test_two_rules_are_in_conflict_whichever_is_asked_first() -> None:
    welcome = rule(
        "W1",
        'mentions(query.text, "adapter")',
        'mentions(item.title, "adapter")',
        "L4",
        ("adapter", "adapter"),
    )
    sleeve = rule(
        "W2",
        'kind_of(query.text, "kinds") == "laptop"',
        'mentions(item.title, "sleeve")',
        "L1",
        ("laptop", "leather sleeve"),
    )
    for forms in ((welcome, sleeve), (sleeve, welcome)):
        book = book_of(forms, tables={"kinds": {"laptop": [], "adapter": []}})
        assert [finding.kind for finding in book.findings] == [Kind.OPPOSITE]
        assert all([f.kind for f in lint_rule(form, book)] == [Kind.OPPOSITE] for form in forms)


def rule(code: str, scope: str, when: str, grade: str, example: tuple[str, str]) -> dict[str, Any]:
    query, item = {"text": example[0]}, {"title": example[1]}
    return {
        "code": code, "title": code, "scope": scope, "ladder": [{"when": when, "grade": grade}],
        "examples": [{"query": query, "item": item, "grade": grade}],
    }  # fmt: skip


def test_a_field_is_never_taken_for_one_that_only_shares_its_side():
    carried = Carried.of(queries=[{"colour": "red"}], items=[{"upc": "1", "stock_pot": "2", "colour": "red"}])
    asks = ("item.price == '1'", "item.stock == '2'", "item.color == 'red'", "query.color == 'red'")
    rules = [
        {
            "code": f"N{at}",
            "title": "n",
            "priority": at,
            "ladder": [{"when": when, "grade": "L4", "dimension": "", "reason": ""}],
        }
        for at, when in enumerate(asks)
    ]
    found = {f.code: f.mend for f in lint_book(book_of(rules, carried)) if f.kind == Kind.UNKNOWN}
    assert "Did you mean" not in found["N0"] + found["N1"]
    assert (found["N2"], found["N3"]) == ("Did you mean item.colour?", "Did you mean query.colour?")
