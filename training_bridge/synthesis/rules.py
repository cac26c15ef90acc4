"""Rows that a rule decides: pairs of the catalogue on which rules fire, with what their traces say.

The truth of a judged pair is people's consensus; these rows carry the rules' own verdict, so they are made from pairs that
no person has judged, and never from a pair on which rules stand in conflict.
"""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from relevance.grades import Verdict
from relevance.prompt import PairFacts, RuleLine, render_prompt
from training_bridge.synthesis.reasonings import build_reasoning
from training_bridge.synthesis.rows import SftRow, sft_row


@dataclass(frozen=True)
class Fired:
    """A pair on which rules fired: the lines of its prompt, and the verdict that the rules resolve to."""

    facts: PairFacts
    rules: Sequence[RuleLine]
    verdict: Verdict
    conflict: bool = False
    pair: str | None = None


def rule_rows(
    fired: Iterable[Fired],
    definitions: Mapping[str, str],
    *,
    seed: int = 0,
    position: str = "last",
    reasoned_share: float = 0.5,
) -> Iterator[SftRow]:
    """A row of stage 'rules' for each pair without conflict on which at least one rule fired.

    The lines' order is shuffled: which rule decides is to be read from the line, not from its place.
    """
    generator = random.Random(seed)
    for one in fired:
        if one.conflict or not any(rule.fired for rule in one.rules):
            continue
        lines = list(one.rules)
        generator.shuffle(lines)
        case = replace(one, rules=tuple(lines))
        body = render_prompt(case.facts, case.rules, definitions, position)
        mode = "reasoned" if generator.random() < reasoned_share else "direct"
        reasoning = build_reasoning(case.facts, case.rules, case.verdict)
        yield sft_row(body, reasoning, "rules", case.pair, mode, position)
