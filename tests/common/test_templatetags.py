"""Figures and facts as pages print them."""

from typing import Any

import pytest

from webapp.common.templatetags.lore import figure, spelt


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"), ("", "–"), ({}, "–"), (True, "yes"), (False, "no"), (0, "0"), (0.25, "0.25"), ("x", "x"),
        ({"train": 180, "test": 90}, "train 180, test 90"), (["R01", "R02"], "R01, R02"),
        ({"pairs": {"dev": 3, "test": None}, "none": []}, "pairs (dev 3, test –), none –"),
    ],
)  # fmt: skip
def test_a_json_value_is_spelt_as_a_person_reads_it(value: Any, said: str) -> None:
    assert spelt(value) == said


def test_a_figure_drops_its_leading_nought() -> None:
    assert (figure(0.8124), figure(-0.5, 1), figure(None)) == (".812", "-.5", "–")
