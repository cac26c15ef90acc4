"""How far a mean over queries can be trusted: whole queries drawn again with replacement. Pure."""

import random
from collections.abc import Mapping, Sequence

DRAWS = 1000


def mean_over_queries(values: Mapping[int, Sequence[float]], seed: int = 0) -> tuple[float, float, float]:
    """(mean, low, high) of all values, with a 95 % interval; answers about one query are drawn together.

    (0, 0, 0) where there is nothing.
    """
    groups = [(sum(held), len(held)) for held in values.values() if held]
    if not groups:
        return 0.0, 0.0, 0.0
    generator = random.Random(seed)
    draws = sorted(_mean(generator.choices(groups, k=len(groups))) for _ in range(DRAWS))
    return _mean(groups), draws[int(0.025 * DRAWS)], draws[int(0.975 * DRAWS)]


def _mean(groups: Sequence[tuple[float, int]]) -> float:
    return sum(total for total, _ in groups) / sum(count for _, count in groups)
