"""What the solver calls impossible never happens, and every witness is one."""

import random
import time

import pytest
import z3

from rules.engine import compile_rulebook
from rules.language import compile_condition
from rules.language.closures import Compiler
from rules.solver import Decided, Study, study_pairs, study_steps
from rules.solver.search import search
from rules.solver.terms import Translator
from tests.rules.language.generate import FUNCTIONS, Maker
from tests.rules.lint.seeded import SEEDED, rule, step

COMPILER = Compiler(FUNCTIONS)


def study(forms, types=None) -> Study:
    book = compile_rulebook(forms)
    return Study(book.rules, book.language, types or {})


def asked(source: str, milliseconds: int = 2_000, types=None):
    condition = compile_condition(source)
    translator = Translator(condition.language.functions, types or {})
    return search(
        translator,
        translator.truth(condition.tree).true,
        lambda q, i: condition.evaluate(q, i) is True,
        milliseconds,
    )


@pytest.mark.parametrize(
    "source",
    [
        "item.price > 10 && item.price < 5",
        "item.color == 'red' && item.color == 'blue'",
        "item.color == 'red' && !has(item.color)",
        "item.color == 'red' && item.color > 5",
        "has(item.a) && !has(item.a)",
        "mentions(item.title, query.head) && !mentions(item.title, query.head)",
        "query.brand == item.brand && lower(query.brand) != lower(item.brand)",
        "within_percent(item.price, query.price, 10) && !within_percent(item.price, query.price, 20)",
        "item.title.startsWith('red') && !item.title.contains('red')",
        "(item.a == 1 ? item.b == 2 : item.b == 3) && item.b == 4",
        "['a', 'b'].exists(x, item.c == x) && item.c == 'c'",
        "size(item.title) < 0 && item.title == 'x'",
        "false || item.a in []",
    ],
)
def test_impossible_is_proved(source):
    assert asked(source).decided == Decided.IMPOSSIBLE


@pytest.mark.parametrize(
    "source",
    [
        "item.price > 10 && item.price < 10.5",
        "item.color != query.color",
        "!has(item.color) && has(query.color)",
        "mentions_kind(item.title, query.head) && word_overlap(query.text, item.title) < 1.0",
        "number(item.size) > 12.0 && lower(query.brand) != lower(item.brand)",
        "item.title.contains('usb') && item.title.endsWith('cable')",
        "mentions_any(item.title, ['case', 'for ' + query.head]) && !mentions(item.title, 'case')",
        "has(item.list) && !(item.a == 1)",
        "item.n * 2 == 14",
    ],
)
def test_a_witness_is_found_and_holds(source):
    answer = asked(source)
    assert answer.decided == Decided.POSSIBLE
    assert compile_condition(source).evaluate(answer.query, answer.item) is True


def test_it_never_contradicts_the_evaluator():
    start = random.Random().randrange(10**9)
    for seed in range(start, start + 60):
        maker = Maker(seed)
        tree = maker.make_bool(3)
        translator = Translator(FUNCTIONS)
        try:
            truth = translator.truth(tree).true
        except z3.Z3Exception as problem:
            raise AssertionError(f"{tree.source}: {problem}") from problem
        run = COMPILER.compile(tree)
        answer = search(translator, truth, lambda q, i, run=run: run(q, i) is True, 60)
        if answer.decided == Decided.POSSIBLE:
            assert run(answer.query, answer.item) is True
        elif answer.decided == Decided.IMPOSSIBLE:
            for _ in range(40):
                query, item = maker.fields(), maker.fields()
                assert not (run(query, item) is True and _plain(query, item)), (tree.source, query, item)


def _plain(*sides) -> bool:
    """Without NaN and the infinities, which have no place among z3's numbers."""
    return all(not isinstance(v, float) or abs(v) < 1e300 for side in sides for v in side.values())


def test_a_number_past_ours_is_no_witness():
    assert asked("item.a > 1e308 && item.a * item.a > 1e308 + 1e308").decided != Decided.IMPOSSIBLE


def test_pairs_and_steps_of_the_seeded_rulebook():
    found = study_pairs(study(SEEDED))
    (opposite,) = [a for a in found if {a.left, a.right} == {"S5", "S6"}]
    assert opposite.decided == Decided.POSSIBLE
    assert compile_rulebook([SEEDED[4], SEEDED[5]]).evaluate(opposite.query, opposite.item).conflict
    assert [(s.code, s.step) for s in study_steps(study(SEEDED)) if s.decided == Decided.IMPOSSIBLE] == [
        ("S4", 2)
    ]


def test_a_step_shadowed_by_two_together_is_found():
    ladder = [
        step("item.price < 10.0", "L4"),
        step("item.price >= 10.0", "L3"),
        step("item.price > 5.0", "L1"),
    ]
    (found,) = study_steps(study([rule("A", ladder)]))
    assert (found.step, found.decided) == (3, Decided.IMPOSSIBLE)


def test_priority_exception_and_one_side_are_never_asked():
    a = rule("A", [step("has(item.a)", "L4")])
    assert not study_pairs(study([a, rule("B", [step("has(item.a)", "L2", "size")], priority=1)]))
    assert not study_pairs(study([a, rule("B", [step("has(item.a)", "L2", "size")], yields_to=["A"])]))
    assert not study_pairs(study([a, rule("B", [step("has(item.a)", "L3")])]))


def test_the_time_of_a_pair_is_bounded():
    parts = " && ".join(f"item.a{n} * item.b{n} * item.c{n} == {n + 3} + item.a{n + 1}" for n in range(12))
    hard = " && ".join(
        f"mentions(item.t{n}, query.h{n + 1}) && !item.t{n}.contains(query.h{n})" for n in range(12)
    )
    forms = [rule("A", [step(parts, "L4")]), rule("B", [step(f"{hard} && {parts}", "L2", "size")])]
    told = []
    started = time.process_time()
    (found,) = study_pairs(study(forms), lambda done, total: told.append((done, total)), milliseconds=200)
    assert time.process_time() - started < 3
    assert found.decided in Decided and told == [(0, 1)]
