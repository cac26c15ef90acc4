"""The statistics themselves, held against the libraries and against a published example."""

from collections import Counter
from collections.abc import Hashable

import krippendorff
import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from annotation.agreement import alpha_of
from annotation.figures import dawid_skene
from annotation.figures.resampling import alphas, chi_square, coincidences, interval, kappas, psi, wilson

# Dawid and Skene (1979), table 1: five anaesthetists assess 45 patients, the first of them three times.
PATIENTS = """
111 1 1 1 1/333 4 3 3 4/112 2 1 2 2/222 3 1 2 1/222 3 2 2 2/222 3 3 2 2/122 2 1 1 1/333 3 4 3 3/222 2 2 2 3/232 2 2 2 3/
444 4 4 4 4/222 3 3 4 3/111 1 1 1 1/222 3 2 1 2/121 1 1 1 1/111 2 1 1 1/111 1 1 1 1/111 1 1 1 1/222 2 2 2 1/222 1 3 2 2/
222 2 2 2 2/222 2 2 2 1/222 3 2 2 2/221 2 2 2 2/111 1 1 1 1/111 1 1 1 1/232 2 2 2 2/111 1 1 1 1/111 1 1 1 1/112 1 1 2 1/
111 1 1 1 1/333 3 2 3 3/111 1 1 1 1/222 2 2 2 2/222 3 2 3 2/433 4 3 4 3/221 2 2 3 2/232 3 2 3 3/333 3 4 3 2/111 1 1 1 1/
111 1 1 1 1/121 2 1 1 1/232 2 2 2 2/121 1 1 1 1/222 2 2 2 2
"""


def patients() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rows = []
    for patient, line in enumerate("".join(PATIENTS.split("\n")).split("/")):
        first, *others = line.split()
        rows += [(patient, 0, int(answer) - 1) for answer in first]
        rows += [(patient, at, int(answer) - 1) for at, answer in enumerate(others, 1)]
    table = np.array(rows, np.int64)
    return table[:, 0], table[:, 1], table[:, 2]


def test_dawid_and_skene_s_own_example() -> None:
    subjects, people, answers = patients()
    assert len(subjects) == 45 * 7 and int(people.max()) == 4
    found = dawid_skene.fit(subjects, people, answers, tolerance=1e-12)
    # The paper's estimates: 40, 42, 11 and 7 % of the patients; the first observer is right on .89 of class 1.
    assert np.round(found.prior, 2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert (
        round(float(found.confusion[0, 0, 0]), 2) == 0.89
        and round(float(found.confusion[0, 0, 1]), 2) == 0.11
    )
    assert np.allclose(found.posterior.sum(axis=1), 1) and np.allclose(found.confusion.sum(axis=2), 1)
    assert [int(found.posterior[patient].argmax()) + 1 for patient in (0, 2, 7, 10)] == [1, 2, 3, 4]


def test_a_guesser_weighs_less_than_two_who_know() -> None:
    draw = np.random.default_rng(1)
    truth = draw.integers(0, 4, 400)
    good = [np.where(draw.random(400) < 0.9, truth, draw.integers(0, 4, 400)) for _ in range(2)]
    answers = np.concatenate([*good, draw.integers(0, 4, 400)])
    subjects, people = np.tile(np.arange(400), 3), np.repeat(np.arange(3), 400)
    found = dawid_skene.fit(subjects, people, answers, smoothing=0.01)
    accuracy = [float(np.trace(found.confusion[person]) / 4) for person in range(3)]
    assert accuracy[0] > 0.85 and accuracy[1] > 0.85 and accuracy[2] < 0.35
    assert (found.posterior.argmax(axis=1) == truth).mean() > 0.9


@pytest.mark.parametrize("seed", range(5))
def test_alpha_is_the_library_s(seed: int) -> None:
    draw = np.random.default_rng(seed)
    units, grades = draw.integers(0, 60, 150), draw.integers(1, 5, 150)
    tables = coincidences(units, grades, np.arange(60) % 7, 7)
    counts: dict[Hashable, Counter[int]] = {unit: Counter() for unit in range(60)}
    for unit, grade in zip(units.tolist(), grades.tolist(), strict=True):
        counts[unit][grade] += 1
    shared = {unit: tally for unit, tally in counts.items() if tally.total() >= 2}
    assert alphas(tables.sum(axis=0)[None])[0] == pytest.approx(alpha_of(shared, "ordinal"))


@pytest.mark.parametrize("seed", range(5))
def test_kappa_is_scikit_learn_s(seed: int) -> None:
    draw = np.random.default_rng(seed)
    left, right = draw.integers(1, 5, 200), draw.integers(1, 5, 200)
    table = np.zeros((4, 4))
    np.add.at(table, (left - 1, right - 1), 1)
    expected = cohen_kappa_score(left, right, weights="quadratic", labels=[1, 2, 3, 4])
    assert kappas(table.reshape(1, 16))[0] == pytest.approx(expected)


def test_the_interval_is_drawn_over_queries_and_covers_the_value() -> None:
    draw = np.random.default_rng(3)
    units = np.repeat(np.arange(300), 3)
    truth = draw.integers(1, 5, 300)
    grades = np.where(draw.random(900) < 0.8, truth[units], draw.integers(1, 5, 900))
    tables = coincidences(units, grades, np.arange(300) // 10, 30)
    value = float(alphas(tables.sum(axis=0)[None])[0])
    low, high = interval(tables)
    assert low is not None and high is not None and low < value < high and high - low < 0.3
    assert (low, high) == interval(tables)  # seeded
    one_query = coincidences(units, grades, np.zeros(300, np.int64), 1)
    assert interval(one_query) == (None, None)


def test_nothing_that_varies_has_no_figure() -> None:
    same = coincidences(np.repeat(np.arange(5), 2), np.full(10, 4), np.zeros(5, np.int64), 1)
    assert np.isnan(alphas(same)[0]) and np.isnan(kappas(np.zeros((1, 16)))[0])
    assert krippendorff.alpha is not None


def test_drift_and_shares() -> None:
    even, moved = np.array([100.0, 100, 100, 100]), np.array([10.0, 20, 70, 300])
    assert psi(even, even) == 0 and psi(even, moved) > 0.25
    assert (chi_square(even, moved) or 1) < 1e-6 and (chi_square(even, even * 2) or 0) > 0.99
    assert (
        chi_square(even, np.zeros(4)) is None
        and chi_square(np.array([5.0, 0, 0, 0]), np.array([9.0, 0, 0, 0])) is None
    )
    low, high = wilson(9, 10)
    assert low is not None and high is not None and 0.55 < low < 0.9 < high < 1
    assert wilson(0, 0) == (None, None)
