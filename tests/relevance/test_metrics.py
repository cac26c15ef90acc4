"""Metrics by hand-counted tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, f1_score

from relevance.grades import Grade
from relevance.metrics import acc2, acc4, bootstrap_over_queries, macro_f1, per_class_f1, report

L1, L2, L3, L4 = Grade
grades = st.sampled_from(Grade)


def test_counts() -> None:
    truth, predicted = [L1, L2, L3, L4, L4], [L2, L2, L4, L4, None]
    assert acc2(truth, predicted) == pytest.approx(0.8)
    assert acc4(truth, predicted) == pytest.approx(0.4)
    assert per_class_f1(truth, predicted) == pytest.approx({"L1": 0, "L2": 2 / 3, "L3": 0, "L4": 0.5})
    assert macro_f1(truth, predicted) == pytest.approx((2 / 3 + 0.5) / 4)


def test_absent_level_is_left_out() -> None:
    assert macro_f1([L1, L4], [L1, L4]) == 1.0


def test_abstaining_is_wrong() -> None:
    assert acc2([L1], [None]) == acc4([L1], [None]) == macro_f1([L1], [None]) == 0.0


@settings(deadline=None)
@given(st.lists(st.tuples(grades, st.one_of(st.none(), grades)), min_size=1, max_size=40))
def test_against_sklearn(pairs: list[tuple[Grade, Grade | None]]) -> None:
    truth = [int(t) for t, _ in pairs]
    predicted = [int(p) if p else 0 for _, p in pairs]
    mine = macro_f1([t for t, _ in pairs], [p for _, p in pairs])
    present = sorted((set(truth) | set(predicted)) - {0})
    assert mine == pytest.approx(f1_score(truth, predicted, labels=present, average="macro", zero_division=0))
    assert acc4([t for t, _ in pairs], [p for _, p in pairs]) == pytest.approx(
        accuracy_score(truth, predicted)
    )


def test_report_by_capability_and_interval() -> None:
    rows = [
        {
            "query_id": q,
            "truth": L4,
            "predicted": L4 if q % 2 else L1,
            "capability": "rules" if q < 4 else "knowledge",
        }
        for q in range(20)
        for _ in range(3)
    ]
    whole = report(rows, n=200)
    assert whole["n"] == 60 and whole["queries"] == 20 and whole["acc4"] == 0.5
    assert whole["capabilities"]["rules"]["n"] == 12
    assert whole["capabilities"]["visual"] == {"n": 0}
    low, high = whole["intervals"]["acc4"]
    assert 0.2 < low < 0.5 < high < 0.8
    assert (low, high) == bootstrap_over_queries(rows, acc4, 200)


def test_nothing_to_measure() -> None:
    assert report([])["n"] == 0
    assert bootstrap_over_queries([], acc2) == (0.0, 0.0)
