"""Rulebooks:

Firing, resolution, reasons, adherence, and the corpus-wide form against the form for one pair.
"""

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from relevance.grades import Grade
from rules.engine import RulebookError, adherence, compile_rulebook, run_examples
from rules.language import field_name


def rule(code: str, when: str, grade: str, **more: Any) -> dict[str, Any]:
    step = {
        "when": when,
        "grade": grade,
        "dimension": more.pop("dimension", ""),
        "reason": more.pop("reason", ""),
    }
    return {"code": code, "scope": "true", "ladder": [step], **more}


BRAND = rule(
    "R1", "query.brand != item.brand", "L2", dimension="brand", reason="{item.brand}, not {query.brand}"
)
COLOUR = rule("R2", "query.color != item.color", "L2", dimension="colour")
TITLE = rule("R3", "mentions(item.title, query.text)", "L4")
PAIR = (
    {"text": "red cup", "brand": "Acme", "color": "red"},
    {"title": "Red cup", "brand": "Zen", "color": "blue"},
)


def test_no_firing_is_an_abstention() -> None:
    verdict = compile_rulebook([BRAND]).evaluate({"text": "cup"}, {"title": "Cup"})
    assert verdict.grade is None
    assert verdict.firings == ()
    assert verdict.allowed == set(Grade)
    assert not verdict.conflict


def test_wrong_brand_and_wrong_colour_are_no_conflict() -> None:
    verdict = compile_rulebook([BRAND, COLOUR]).evaluate(*PAIR)
    assert (verdict.grade, verdict.dimension, verdict.conflict) == (Grade.L2, "brand", False)
    assert verdict.decisive == ("R1", "R2")
    assert verdict.firings[0].reason == "Zen, not Acme"
    assert verdict.firings[0].trace is not None
    assert verdict.firings[0].trace.value is True


def test_two_sides_of_the_line_are_a_conflict() -> None:
    verdict = compile_rulebook([BRAND, TITLE]).evaluate(*PAIR)
    assert verdict.conflict
    assert verdict.grade == Grade.L2
    assert verdict.allowed == {Grade.L2, Grade.L4}


def test_priority_settles_it() -> None:
    verdict = compile_rulebook([BRAND, {**TITLE, "priority": 5}]).evaluate(*PAIR)
    assert (verdict.grade, verdict.conflict) == (Grade.L4, False)
    assert verdict.allowed == {Grade.L4}
    assert len(verdict.firings) == 2


def test_an_exception_settles_it_whatever_the_priority() -> None:
    verdict = compile_rulebook([{**BRAND, "priority": 9, "yields_to": ["R3"]}, TITLE]).evaluate(*PAIR)
    assert (verdict.grade, verdict.conflict) == (Grade.L4, False)


def test_rules_that_yield_in_a_circle_both_stand() -> None:
    book = compile_rulebook([{**BRAND, "yields_to": ["R3"]}, {**TITLE, "yields_to": ["R1", "gone"]}])
    assert book.evaluate(*PAIR).conflict


def test_a_ladder_fires_once_from_the_top() -> None:
    ladder = [
        {"when": "item.n > 10", "grade": "L4"},
        {"when": "item.n > 5", "grade": 3},
        {"when": "true", "grade": "L1"},
    ]
    book = compile_rulebook([{"code": "A", "scope": "has(item.n)", "ladder": ladder}])
    steps = [[f.step for f in book.evaluate({}, {"n": n}).firings] for n in (11, 7, 1, None)]
    assert steps == [[1], [2], [3], []]


def test_an_unknown_step_lets_the_next_one_be_asked() -> None:
    ladder = [{"when": "item.gone > 10", "grade": "L4"}, {"when": "true", "grade": "L1"}]
    book = compile_rulebook([{"code": "A", "scope": "true", "ladder": ladder}])
    assert book.evaluate({}, {}).firings[0].step == 2
    assert book.explain("A", {}, {}).steps[0].value is None


def test_reasons_are_filled_by_plain_replacement() -> None:
    book = compile_rulebook(
        [rule("A", "true", "L1", reason="{item.a} {item.b} {0} {item.__class__} {query.text!r}")]
    )
    reason = book.evaluate({"text": "x"}, {"a": "{query.text}"}).firings[0].reason
    assert reason == "{query.text} unknown {0} unknown {query.text!r}"


@pytest.mark.parametrize(
    ("spec", "place"),
    [
        ({"code": "", "ladder": []}, ""),
        ({"code": "A", "ladder": []}, "ladder"),
        ({"code": "A", "ladder": "x"}, "ladder"),
        ({"code": "A", "scope": "item.title ==", "ladder": [{"when": "true", "grade": "L1"}]}, "scope"),
        ({"code": "A", "ladder": [{"when": "foo()", "grade": "L1"}]}, "ladder.1.when"),
        ({"code": "A", "ladder": [{"when": "true", "grade": "L9"}]}, "ladder.1.grade"),
        ({"code": "A", "ladder": [{"when": "true"}]}, "ladder.1.grade"),
        ({"code": "A", "ladder": [{"when": 3, "grade": "L1"}]}, "ladder.1.when"),
        ({"code": "A", "priority": "high", "ladder": [{"when": "true", "grade": "L1"}]}, "priority"),
        ({"code": "A", "capability": "magic", "ladder": [{"when": "true", "grade": "L1"}]}, "capability"),
    ],
)
def test_a_bad_rule_names_its_place(spec: dict[str, Any], place: str) -> None:
    with pytest.raises(RulebookError) as caught:
        compile_rulebook([spec])
    assert caught.value.place == place


def test_two_rules_of_one_code_are_refused() -> None:
    with pytest.raises(RulebookError):
        compile_rulebook([BRAND, BRAND])


def test_examples_run_as_tests() -> None:
    good = {"query": {"brand": "a"}, "item": {"brand": "b"}, "grade": "L2", "dimension": "brand"}
    silent: dict[str, Any] = {"query": {}, "item": {}, "grade": None}
    book = compile_rulebook([{**BRAND, "examples": [good, silent, {**good, "grade": "L4"}]}])
    assert [e.passed for e in run_examples(book)] == [True, True, False]
    assert run_examples(book)[2].message == "expected L4 brand, found L2 brand"


def test_adherence_counts_pairs_with_a_firing() -> None:
    book = compile_rulebook([BRAND])
    fired, silent = book.evaluate(*PAIR), book.evaluate({}, {})
    found = adherence(
        [(Grade.L2, fired), (Grade.L4, fired), (None, fired), (Grade.L1, silent)],
        [["R1"], [], ["R1", "R9"], []],
    )
    assert (found.pairs, found.kept, found.cited, found.due) == (3, 1, 2, 3)
    assert adherence([]).share is None


SCOPES = [
    "true",
    "has(query.brand)",
    "has(query.color) && has(item.color)",
    "mentions(query.text, item.brand)",
]
STEPS = [
    "query.brand != item.brand",
    "item.price > 50",
    "item.title.contains('w3')",
    "query.color == item.color",
    "word_overlap(query.text, item.title) < 0.4",
    "same_family(query.color, item.color)",
    "'w1' in query.tokens",
    "query.tokens.exists(t, mentions(item.title, t))",
    "item.price > query.price",
    "item.stock",
]


def random_rules(pick: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "code": f"R{k}",
            "scope": pick.choice(SCOPES),
            "priority": pick.randrange(3),
            "yields_to": [f"R{pick.randrange(20)}"],
            "ladder": [
                {
                    "when": pick.choice(STEPS),
                    "grade": pick.choice("1234") and f"L{pick.randint(1, 4)}",
                    "dimension": pick.choice(["", "brand", "colour"]),
                }
                for _ in range(pick.randint(1, 3))
            ],
        }
        for k in range(20)
    ]


def random_corpus(pick: random.Random) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    def text() -> str:
        return " ".join(f"w{pick.randrange(6)}" for _ in range(3)) + pick.choice(["", " Acme", " Zen"])

    def common() -> dict[str, Any]:
        return {
            "brand": pick.choice([None, "Acme", "Zen"]),
            "color": pick.choice([None, "red", "blue", "navy"]),
            "price": pick.choice([None, 10, 60, 99]),
        }

    queries = [{"text": (t := text()), "tokens": t.split(), **common()} for _ in range(15)]
    items = [{"title": text(), "stock": pick.choice([None, True, False]), **common()} for _ in range(25)]
    return queries, items


@pytest.mark.parametrize("seed", range(8))
def test_the_corpus_form_agrees_with_the_form_for_one_pair(seed: int) -> None:
    pick = random.Random(seed)
    book = compile_rulebook(random_rules(pick), {"colours": [["navy", "blue"]]})
    queries, items = random_corpus(pick)
    rows = np.random.default_rng(seed)
    pairs = rows.integers(0, len(queries), 200), rows.integers(0, len(items), 200)
    table = book.evaluate_table(pa.Table.from_pylist(queries), pa.Table.from_pylist(items), pairs)
    for row, (q, i) in enumerate(zip(*pairs, strict=True)):
        verdict = book.evaluate(queries[q], items[i], trace=False)
        assert int(table.grades[row]) == int(verdict.grade or 0)
        assert table.dimension_names[table.dimensions[row]] == verdict.dimension
        assert (bool(table.conflicts[row]), table.allowed_at(row)) == (verdict.conflict, verdict.allowed)
        first = table.codes[table.decisive[row]] if table.decisive[row] >= 0 else None
        assert first == next(iter(verdict.decisive), None)
        steps = {
            code: int(f.steps[f.rows == row][0]) for code, f in table.fired.items() if (f.rows == row).any()
        }
        assert steps == {f.code: f.step for f in verdict.firings}


def test_after_an_edit_only_that_rule_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rules.engine.table.BLOCK", 60)
    pick = random.Random(3)
    specs = random_rules(pick)
    queries, items = (pa.Table.from_pylist(rows) for rows in random_corpus(pick))
    pairs = np.arange(200) % len(queries), np.arange(200) % len(items)
    before = compile_rulebook(specs).evaluate_table(queries, items, pairs)
    specs[4] = {**specs[4], "ladder": [{"when": "item.price > 5", "grade": "L1"}], "scope": "true"}
    book = compile_rulebook(specs)
    known = {code: fired for code, fired in before.fired.items() if code != "R4"}
    again, afresh = (
        book.evaluate_table(queries, items, pairs, known),
        book.evaluate_table(queries, items, pairs),
    )
    assert (again.grades == afresh.grades).all()
    assert (again.decisive == afresh.decisive).all()
    assert not (again.grades == before.grades).all()
    for code, fired in afresh.fired.items():
        assert fired.rows.tolist() == again.fired[code].rows.tolist()


def test_no_pairs_give_empty_columns() -> None:
    none = np.zeros(0, np.int64)
    table = compile_rulebook([BRAND]).evaluate_table(
        pa.table({"text": ["a"]}), pa.table({"title": ["b"]}), (none, none)
    )
    assert table.grades.shape == (0,)


def test_attribute_names() -> None:
    assert [field_name(x) for x in ("Product colour", "3D", "Größe (cm)", "颜色")] == [
        "product_colour",
        "_3d",
        "grösse_cm",
        "颜色",
    ]
