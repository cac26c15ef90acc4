"""The rows of a supervised run, stage by stage: knowledge, then what pictures decide, then rules, then judgments."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relevance.grades import Verdict
from relevance.prompt import PairFacts, RuleLine
from training_bridge.recipes import RowOptions
from training_bridge.synthesis.augment import renamed, vocabulary_of
from training_bridge.synthesis.knowledge import knowledge_rows
from training_bridge.synthesis.rows import SftRow, Stage, judged_rows
from training_bridge.synthesis.visual import visual_rows


@dataclass(frozen=True)
class Judged:
    """A judged pair of the training split, with the rules that fire on it and where its verdict comes from."""

    pair: str
    facts: PairFacts
    verdict: Verdict
    rules: Sequence[RuleLine] = ()
    capability: str = "knowledge"


@dataclass(frozen=True)
class Mixture(RowOptions):
    """How many rows of what, as a recipe says it, in which form, drawn how."""

    position: str = "last"
    seed: int = 0


VISUAL_WEIGHT = 3  # people say of few pairs that the picture decided
STAGE_OF: dict[str, Stage] = {"visual": "visual", "rules": "rules", "knowledge": "judged"}


def progressive_rows(
    items: Sequence[Mapping[str, Any]],
    judged: Iterable[Judged],
    definitions: Mapping[str, str],
    mixture: Mixture,
    pictured: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]] = (),
) -> list[SftRow]:
    """Every row of one supervised run, in stage order; the same for the same arguments.

    `items` (flat field dicts of the catalogue) make the knowledge rows and lend words to renamed copies; `pictured` ones,
    with what their pictures show, make the visual rows. A pair stands
    in one stage: 'visual' where its picture decided, 'rules' where a firing settles it, else 'judged'. Each appearance is
    a direct row, and a reasoned one besides for a share of them.
    """
    generator = random.Random(mixture.seed)
    rows = list(
        knowledge_rows(
            items, mixture.knowledge, seed=mixture.seed, definitions=definitions, position=mixture.position
        )
    )
    rows += visual_rows(
        pictured, mixture.visual, seed=mixture.seed, definitions=definitions, position=mixture.position
    )
    vocabulary = vocabulary_of(items)
    for one, as_it_is in _appearances(list(judged), mixture, generator):
        facts = one.facts if as_it_is else renamed(one.facts, vocabulary, generator, mixture.noise)
        rows += _rows_of(one, facts, definitions, mixture, generator)
    return rows


def _appearances(
    judged: Sequence[Judged], mixture: Mixture, generator: random.Random
) -> Iterator[tuple[Judged, bool]]:
    """(pair, whether as it is): plain ones first; then as many copies as asked for, drawn by their grade's weight."""
    for one in judged:
        yield from ((one, True) for _ in range(mixture.plain))
    counts = Counter(one.verdict.grade for one in judged)
    weights = [
        (len(judged) / counts[one.verdict.grade]) ** mixture.balance
        * (VISUAL_WEIGHT if _by_picture(one) else 1)
        for one in judged
    ]
    count = len(judged) * mixture.copies
    for one in generator.choices(judged, weights, k=count) if judged else ():
        yield one, False


def _by_picture(one: Judged) -> bool:
    return one.capability == "visual"


def _rows_of(
    one: Judged, facts: PairFacts, definitions: Mapping[str, str], mixture: Mixture, generator: random.Random
) -> list[SftRow]:
    modes = ["direct", "reasoned"] if generator.random() < mixture.reasoned_share else ["direct"]
    stage = STAGE_OF.get(one.capability, "judged")
    return judged_rows(
        facts,
        one.rules,
        definitions,
        one.verdict,
        one.pair,
        stage=stage,
        position=mixture.position,
        modes=modes,
    )
