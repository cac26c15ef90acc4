import random

import pytest
from sklearn.metrics import f1_score

from relevance.grades import Grade
from relevance.metrics import acc2, acc4, bootstrap_over_queries, macro_f1, report

L1, L2, L3, L4 = Grade


def rows(truth, predicted, queries=None):
    queries = queries or [str(at) for at in range(len(truth))]
    return [
        {"query_id": query, "truth": true, "predicted": guess, "capability": "knowledge"}
        for query, true, guess in zip(queries, truth, predicted, strict=True)
    ]


def test_figures_by_hand():
    truth, predicted = [L4, L3, L2, L1], [L4, L4, L1, None]
    assert acc4(truth, predicted) == 0.25
    assert acc2(truth, predicted) == 0.75  # the unparsable one is wrong although L1 is likely


def test_macro_f1_agrees_with_the_field_s_library():
    rng = random.Random(1)
    truth, predicted = rng.choices(list(Grade), k=500), rng.choices(list(Grade), k=500)
    assert macro_f1(truth, predicted) == pytest.approx(f1_score(truth, predicted, average="macro"))


def test_the_interval_is_over_queries_not_pairs():
    truth = [L4] * 200
    predicted = [L4] * 100 + [L1] * 100
    by_pair = bootstrap_over_queries(rows(truth, predicted), "acc4")
    by_query = bootstrap_over_queries(rows(truth, predicted, ["a"] * 100 + ["b"] * 100), "acc4")
    assert by_pair[1] - by_pair[0] < 0.2 and by_query == (0.0, 1.0)
    assert bootstrap_over_queries(rows(truth, predicted), "acc4") == by_pair  # same seed, same interval


def test_report_says_none_where_a_capability_has_no_rows():
    found = report(rows([L4, L1], [L4, None]))
    assert found["capabilities"]["visual"] == {"n": 0} and found["capabilities"]["knowledge"]["n"] == 2
    assert found["unparsable"] == 0.5 and found["acc4"]["value"] == 0.5 and found["queries"] == 2
