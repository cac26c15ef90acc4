"""Verifiable rewards: pure functions `f(completions, **columns) -> list[float]`, one figure for each completion.

Weights are powers of two, so that sums compare exactly and a group of equal rewards is seen as one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from relevance.grades import RELEVANT, Grade, Verdict
from relevance.reasoning import STEPS, Reasoning, parse
from training_bridge.trainer.chat import completion_text

Reward = Callable[..., list[float]]
VERDICT, SIDE, STEP, RULES, UNPARSABLE = 1.0, 0.25, 0.125, 0.25, -0.5
_OPEN = ("", "unstated")


def verdict_reward(
    completions: Sequence[Any], grade: Sequence[str], dimension: Sequence[str], **_: Any
) -> list[float]:
    """1 for the true verdict, .25 for the right side of relevant, -.5 for a text that cannot be read, else 0.

    A mismatch dimension is asked for where the truth states one.
    """
    rows = zip(completions, grade, dimension, strict=True)
    return [_verdict(_read(text), Grade.parse(truth), stated) for text, truth, stated in rows]


def steps_reward(completions: Sequence[Any], steps: Sequence[Mapping[str, str]], **_: Any) -> list[float]:
    """.125 for each of the five steps that says what is true of the pair, word for word."""
    return [
        sum(STEP for name in STEPS if read is not None and read.steps[name] == truth[name])
        for read, truth in zip(map(_read, completions), steps, strict=True)
    ]


def rules_reward(completions: Sequence[Any], rules: Sequence[Sequence[str]], **_: Any) -> list[float]:
    """.25 when exactly the rules that fired are cited, .125 when some of them and no other are, else 0."""
    return [_cited(_read(text), set(truth)) for text, truth in zip(completions, rules, strict=True)]


REWARDS: tuple[Reward, ...] = (verdict_reward, steps_reward, rules_reward)


def is_right(read: Reasoning | None, grade: Grade, dimension: str = "") -> bool:
    """Whether a reasoning holds the true verdict, its dimension included where the truth states one."""
    return read is not None and read.verdict is not None and _same(read.verdict, grade, dimension)


def _read(completion: Any) -> Reasoning | None:
    read = parse(completion_text(completion).strip())
    return read if isinstance(read, Reasoning) else None


def _same(verdict: Verdict, grade: Grade, dimension: str) -> bool:
    return verdict.grade == grade and (dimension in _OPEN or verdict.dimension == dimension)


def _verdict(read: Reasoning | None, grade: Grade, dimension: str) -> float:
    if read is None or read.verdict is None:
        return UNPARSABLE
    if _same(read.verdict, grade, dimension):
        return VERDICT
    return SIDE if (read.verdict.grade in RELEVANT) == (grade in RELEVANT) else 0.0


def _cited(read: Reasoning | None, truth: set[str]) -> float:
    if read is None:
        return 0.0
    cited = set(read.rules_cited)
    if cited == truth:
        return RULES
    return RULES / 2 if cited and cited < truth else 0.0
