"""How far a mean over queries can be trusted: whole queries drawn again with replacement. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np

DRAWS = 1000


def mean_over_queries(values: Mapping[int, Sequence[float]], seed: int = 0) -> tuple[float, float, float]:
    """(mean, low, high) of all values, with a 95 % interval; answers about one query are drawn together.

    (0, 0, 0) where there is nothing. Queries alike in sum and count are drawn as one kind: ten thousand have few kinds.
    """
    groups = [(sum(held), len(held)) for held in values.values() if held]
    if not groups:
        return 0.0, 0.0, 0.0
    kinds, many = np.unique(np.array(groups, np.float64), axis=0, return_counts=True)
    totals, counts = kinds.T
    drawn = np.random.default_rng(seed).multinomial(len(groups), many / len(groups), size=DRAWS)
    low, high = np.quantile((drawn @ totals) / (drawn @ counts), [0.025, 0.975])
    return float(many @ totals / (many @ counts)), float(low), float(high)
