"""Alpha by slice, weighted kappa by pair of people, each person against the others: with intervals over queries."""

import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt

from annotation.figures.answers import Answers
from annotation.figures.resampling import LEVELS, Array, coincidences, interval, kappas
from annotation.figures.rows import Figure, number
from annotation.figures.slices import Slice

Ints = npt.NDArray[np.int64]
Names = Mapping[int, str]
MOST_PAIRS = 300
FEWEST = 10  # subjects below which a slice's figure would say nothing


def alpha_figures(answers: Answers, slices: Iterable[Slice]) -> Iterator[Figure]:
    """Ordinal alpha of every slice with at least ten subjects that two people judged; overall also interval alpha."""
    for part in slices:
        kept = answers.where(part.keep)
        counts = np.zeros((len(kept.pairs), LEVELS), np.int64)
        np.add.at(counts, (kept.pair, kept.grade - 1), 1)
        sizes = counts.sum(axis=1)
        shared = counts[sizes >= 2]
        if not len(shared) or (len(shared) < FEWEST and part.kind != "overall"):
            continue
        tables = coincidences(kept.pair, kept.grade, kept.pair_query, len(kept.queries))
        low, high = interval(tables)
        detail = _shares(shared) | {"answers": int(shared.sum()), "queries": int(tables.any(axis=1).sum())}
        if part.kind == "overall":
            detail["interval"] = alpha(shared, "interval")
        yield Figure("alpha", part.kind, part.key, part.label, len(shared), alpha(shared), low, high, detail)


def alpha(counts: Ints, level: Literal["ordinal", "interval"] = "ordinal") -> float | None:
    """Krippendorff's alpha of grade counts (subjects, 4), by the library; None where nothing varies."""
    import krippendorff  # noqa: PLC0415

    if len(counts) < 2 or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    domain = np.arange(1, LEVELS + 1)
    return number(krippendorff.alpha(value_counts=counts, value_domain=domain, level_of_measurement=level))


def _shares(counts: Ints) -> dict[str, float | None]:
    """How often all agree; and of the subjects with three answers, how often two of them do."""
    top, sizes = counts.max(axis=1), counts.sum(axis=1)
    threes = sizes == 3
    two = float((top[threes] == 2).mean()) if threes.any() else None
    return {"full": float((top == sizes).mean()), "two_of_three": two}


def both_judged(answers: Answers) -> tuple[Ints, Ints]:
    """Every two answers to one subject, as places in the columns: (first, second), first person numbered lower."""
    order = np.lexsort((answers.person, answers.pair))
    pair, found = answers.pair[order], list[tuple[Ints, Ints]]()
    for lag in range(1, len(answers)):
        same = np.flatnonzero(pair[lag:] == pair[:-lag])
        if not len(same):
            break
        found.append((order[same], order[same + lag]))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    return np.concatenate([a for a, _ in found]), np.concatenate([b for _, b in found])


def kappa_figures(answers: Answers, names: Names) -> Iterator[Figure]:
    """Kappa of every two people (those who share most first), and of each person against all others."""
    first, second = both_judged(answers)
    if not len(first):
        return
    cell = (answers.grade[first] - 1) * LEVELS + answers.grade[second] - 1
    yield from _of_two(answers, names, first, second, cell)
    yield from _of_one(answers, names, first, second, cell)


def _of_two(answers: Answers, names: Names, first: Ints, second: Ints, cell: Ints) -> Iterator[Figure]:
    people = len(answers.people)
    both = answers.person[first] * people + answers.person[second]
    keys, place, counts = np.unique(both, return_inverse=True, return_counts=True)
    for at in np.argsort(-counts)[:MOST_PAIRS]:
        here = place == at
        table = per_query(answers, first[here], cell[here])
        a, b = (int(answers.people[who]) for who in divmod(int(keys[at]), people))
        low, high = interval(table, kappa=True)
        label = f"{names.get(a, '?')} – {names.get(b, '?')}"
        yield Figure("kappa", "two", f"{a}:{b}", label, int(counts[at]), kappa(table.sum(axis=0)), low, high)


def _of_one(answers: Answers, names: Names, first: Ints, second: Ints, cell: Ints) -> Iterator[Figure]:
    """Her answers against each other answer to the same subject, whoever gave it."""
    turned = cell % LEVELS * LEVELS + cell // LEVELS
    for at, pk in enumerate(answers.people.tolist()):
        left, right = answers.person[first] == at, answers.person[second] == at
        table = per_query(answers, first[left], cell[left]) + per_query(answers, second[right], turned[right])
        n = int(table.sum())
        if n:
            low, high = interval(table, kappa=True)
            yield Figure(
                "kappa", "person", str(pk), names.get(pk, "?"), n, kappa(table.sum(axis=0)), low, high
            )


def per_query(answers: Answers, places: Ints, cells: Ints) -> Array:
    """Confusions (queries, 16): each cell counted at the query of the answer at its place."""
    size = LEVELS * LEVELS
    flat = np.bincount(answers.query[places] * size + cells, minlength=len(answers.queries) * size)
    return flat.reshape(-1, size).astype(np.float64)


def kappa(table: Array) -> float | None:
    """Quadratic-weighted kappa of one confusion (16,), by scikit-learn; None where nothing varies."""
    from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415

    if table.sum() < 2 or not np.isfinite(kappas(table[None])[0]):
        return None
    left, right = np.divmod(np.arange(LEVELS * LEVELS), LEVELS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells that nobody used weigh nothing
        value = cohen_kappa_score(
            left, right, weights="quadratic", labels=list(range(LEVELS)), sample_weight=table
        )
    return number(float(value))
