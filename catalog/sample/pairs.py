"""Which pairs are judged: for each query, a spread over the true grades, hard ones preferred."""

import random
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.sample.intents import Intent
from catalog.sample.items import Item
from catalog.sample.truth import Truth, truth_of

SHARES = {4: 0.36, 3: 0.36, 2: 0.27, 1: 0.19}


@dataclass(frozen=True)
class JudgedPair:
    """A pair that the made-up people judge."""

    intent: Intent
    item: Item
    truth: Truth


def pairs_pick(rng: random.Random, intents: list[Intent], items: list[Item]) -> list[JudgedPair]:
    """About 4,000 pairs, 8 to 20 a query, by query then item."""
    found: list[JudgedPair] = []
    for intent in intents:
        found.extend(_of_query(rng, intent, items))
    return found


def _of_query(rng: random.Random, intent: Intent, items: list[Item]) -> Iterable[JudgedPair]:
    wanted = rng.randint(11, 17)
    graded: dict[int, list[JudgedPair]] = {grade: [] for grade in SHARES}
    for item in items:
        truth = truth_of(intent, item)
        graded[truth.grade].append(JudgedPair(intent, item, truth))
    chosen: list[JudgedPair] = []
    for grade, share in SHARES.items():
        chosen.extend(
            _some(rng, graded[grade], max(1, round(wanted * share + rng.uniform(-0.5, 0.5))), intent)
        )
    chosen = chosen[:20]
    if len(chosen) < 8:
        taken = {pair.item.id for pair in chosen}
        rest = [pair for grade in (2, 1) for pair in graded[grade] if pair.item.id not in taken]
        chosen.extend(rng.sample(rest, 8 - len(chosen)))
    return sorted(chosen, key=lambda pair: pair.item.id)


def _some(rng: random.Random, pairs: list[JudgedPair], count: int, intent: Intent) -> list[JudgedPair]:
    """`count` of `pairs`, half of them those whose title shares most words with the query, or that a rule settles."""
    words = set(intent.text.split())
    rng.shuffle(pairs)

    def ease(pair: JudgedPair) -> tuple[int, int]:
        shared = len(words & set(pair.item.title.lower().split()))
        return (-(pair.truth.capability == "rules"), -shared if pair.truth.grade < 4 else shared)

    hard = sorted(pairs[:400], key=ease)[: (count + 1) // 2]
    names = {pair.item.id for pair in hard}
    return hard + [pair for pair in pairs if pair.item.id not in names][: count - len(hard)]
