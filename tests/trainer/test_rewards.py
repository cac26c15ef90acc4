"""Rewards as tables of completions and expected figures."""

import pytest

from relevance.reasoning import STEPS
from training_bridge.trainer.dpo import choose_pair
from training_bridge.trainer.evaluate import pass_at
from training_bridge.trainer.rewards import rules_reward, steps_reward, verdict_reward


def text(verdict: str, rules: str = "none", item: str = "b") -> str:
    return f"\nquery: a\nitem: {item}\ncategory: c\nattributes: d\nrules: {rules}\nverdict: {verdict}"


TRUE_STEPS = dict(zip(STEPS, ("a", "b", "c", "d", "none"), strict=True))


@pytest.mark.parametrize(
    ("completion", "grade", "dimension", "expected"),
    [
        (text("[L4]"), "L4", "", 1.0),
        (text("[L3]"), "L4", "", 0.25),
        (text("[L1]"), "L4", "", 0.0),
        (text("[L2-colour]"), "L2", "colour", 1.0),
        (text("[L2-size]"), "L2", "colour", 0.25),
        (text("[L2-size]"), "L2", "unstated", 1.0),
        ("it matches [L4]", "L4", "", -0.5),
        ([{"role": "assistant", "content": text("[L4]")}], "L4", "", 1.0),
    ],
)
def test_verdict(completion: object, grade: str, dimension: str, expected: float) -> None:
    assert verdict_reward([completion], grade=[grade], dimension=[dimension]) == [expected]


@pytest.mark.parametrize(
    ("completion", "expected"),
    [(text("[L1]"), 0.625), (text("[L1]", item="other"), 0.5), ("nothing", 0.0)],
)
def test_steps(completion: str, expected: float) -> None:
    assert steps_reward([completion], steps=[TRUE_STEPS]) == [expected]


@pytest.mark.parametrize(
    ("cited", "truth", "expected"),
    [
        ("none", [], 0.25), ("(R03) L2", ["R03"], 0.25), ("(R03)", ["R03", "R07"], 0.125), ("(R09)", ["R03"], 0.0),
        ("(R03); (R09)", ["R03"], 0.0), ("none", ["R03"], 0.0),
    ],
)  # fmt: skip
def test_rules(cited: str, truth: list[str], expected: float) -> None:
    assert rules_reward([text("[L4]", cited)], rules=[truth]) == [expected]


def test_batch_in_list_out() -> None:
    assert verdict_reward([text("[L4]"), text("[L1]")], grade=["L4", "L4"], dimension=["", ""]) == [1.0, 0.0]


def test_wrong_verdict_is_never_chosen() -> None:
    row = {"prompt": "p", "grade": "L4", "dimension": "", "reference": text("[L4]", item="reference")}
    own = choose_pair(row, [text("[L1]"), text("[L4]")])
    assert (
        own
        and own["chosen"] == text("[L4]")
        and own["rejected"] == text("[L1]")
        and own["source"] == "judgment"
    )
    borrowed = choose_pair(row, [text("[L1]"), "unreadable"])
    assert borrowed and borrowed["chosen"] == row["reference"]
    assert choose_pair(row, [text("[L4]"), text("[L4]", item="x")]) is None
    assert choose_pair({**row, "reference": None}, [text("[L1]")]) is None


def test_pass_at() -> None:
    assert pass_at(2, 8, 1) == pytest.approx(0.25)
    assert pass_at(2, 8, 8) == 1.0
    assert pass_at(0, 8, 8) == 0.0
    assert pass_at(1, 4, 2) == pytest.approx(0.5)
