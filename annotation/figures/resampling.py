"""Agreement as sums that can be drawn again: coincidences and confusions per query, bootstrapped over queries. Pure.

Krippendorff's coincidences and a confusion of two people both add up over subjects, so those of a query are one row of 16
numbers, and a bootstrap sample is a weighted sum of rows: a thousand resamples are one matrix product. The published
values come from `krippendorff` and scikit-learn; a test holds these formulas against both.
"""

import math

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEVELS = 4
SAMPLES = 1000
CHUNK = 4_000_000  # weights held at a time


def coincidences(units: Ints, grades: Ints, groups: Ints, group_count: int) -> Array:
    """Coincidence matrices (groups, 16) of answers given as (unit, grade 1..4); `groups` (units,) is each unit's query.

    A unit with one answer adds nothing.
    """
    counts = np.zeros((len(groups), LEVELS))
    np.add.at(counts, (units, grades - 1), 1.0)
    sizes = counts.sum(axis=1)
    shared = np.flatnonzero(sizes >= 2)
    counts, sizes = counts[shared], sizes[shared]
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs[:, np.arange(LEVELS), np.arange(LEVELS)] -= counts
    pairs /= (sizes - 1)[:, None, None]
    found = np.zeros((group_count, LEVELS * LEVELS))
    np.add.at(found, groups[shared], pairs.reshape(-1, LEVELS * LEVELS))
    return found


def alphas(tables: Array) -> Array:
    """Ordinal alpha (n,) of coincidence matrices (n, 16); NaN where nothing varies."""
    tables = tables.reshape(-1, LEVELS, LEVELS)
    margin = tables.sum(axis=2)
    total = margin.sum(axis=1)
    distance = _ordinal(margin)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = (tables * distance).sum(axis=(1, 2))
        expected = (margin[:, :, None] * margin[:, None, :] * distance).sum(axis=(1, 2)) / (total - 1)
        found = 1 - observed / expected
    found[~np.isfinite(found)] = np.nan
    return np.asarray(found, np.float64)


def _ordinal(margin: Array) -> Array:
    """Squared ordinal distances (n, 4, 4): the answers between two grades, each end counted half."""
    upto = np.cumsum(margin, axis=1)
    low = np.minimum.outer(np.arange(LEVELS), np.arange(LEVELS))
    high = np.maximum.outer(np.arange(LEVELS), np.arange(LEVELS))
    between = upto[:, high] - upto[:, low] + margin[:, low]
    squared = (between - (margin[:, low] + margin[:, high]) / 2) ** 2
    squared[:, np.arange(LEVELS), np.arange(LEVELS)] = 0
    return np.asarray(squared, np.float64)


def kappas(tables: Array) -> Array:
    """Quadratic-weighted kappa (n,) of confusions (n, 16); NaN where nothing varies."""
    tables = tables.reshape(-1, LEVELS, LEVELS)
    weights = (np.arange(LEVELS)[:, None] - np.arange(LEVELS)[None, :]) ** 2
    rows, columns, total = tables.sum(axis=2), tables.sum(axis=1), tables.sum(axis=(1, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = (rows[:, :, None] * columns[:, None, :] * weights).sum(axis=(1, 2)) / total
        found = 1 - (tables * weights).sum(axis=(1, 2)) / expected
    found[~np.isfinite(found)] = np.nan
    return np.asarray(found, np.float64)


def interval(
    tables: Array, *, kappa: bool = False, samples: int = SAMPLES, seed: int = 0, share: float = 0.95
) -> tuple[float | None, float | None]:
    """Percentile bootstrap over queries of alpha (or kappa) from per-query tables (queries, 16); None below two queries."""
    used = tables[tables.any(axis=1)]
    if len(used) < 2:
        return None, None
    draw, found = np.random.default_rng(seed), []
    step = max(1, CHUNK // len(used))
    for start in range(0, samples, step):
        size = min(step, samples - start)
        weights = draw.multinomial(len(used), np.full(len(used), 1 / len(used)), size=size).astype(np.float64)
        found.append((kappas if kappa else alphas)(weights @ used))
    values = np.concatenate(found)
    values = values[np.isfinite(values)]
    if not len(values):
        return None, None
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def wilson(right: int, n: int, z: float = 1.96) -> tuple[float | None, float | None]:
    """Wilson's interval of a share: stays within 0..1 and is honest for few answers."""
    if not n:
        return None, None
    share, square = right / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    return max(0.0, centre - half), min(1.0, centre + half)


def psi(before: Array, after: Array) -> float:
    """Population stability index of two counts (4,): 0 the same, .1 a little, .25 a lot. Each cell counts half more."""
    p = (before + 0.5) / (before.sum() + 0.5 * len(before))
    q = (after + 0.5) / (after.sum() + 0.5 * len(after))
    return float(((q - p) * np.log(q / p)).sum())


def chi_square(before: Array, after: Array) -> float | None:
    """p-value that both counts (4,) come from one distribution; None below two grades or with an empty side."""
    from scipy.stats import chi2_contingency  # noqa: PLC0415  (heavy: jobs alone want it)

    used = (before + after) > 0
    if used.sum() < 2 or not before.sum() or not after.sum():
        return None
    return float(chi2_contingency(np.array([before[used], after[used]])).pvalue)
