"""Do the grades of the last four weeks look like those before? By slice, with n, a p-value and a stability index."""

from collections.abc import Iterable, Iterator

import numpy as np

from annotation.figures.answers import IMPORTED, Answers
from annotation.figures.resampling import LEVELS, chi_square, psi
from annotation.figures.rows import Figure
from annotation.figures.slices import Slice
from catalog.models import Pair, Traffic

RECENT_DAYS = 28
FEWEST = 30  # answers on either side below which an index would only measure chance
MOST_DEPARTMENTS = 12


def drift_figures(answers: Answers, slices: Iterable[Slice]) -> Iterator[Figure]:
    """`value` is the stability index; `detail` holds both counts and the p-value, and the grades of all answers.

    The shift leaves imported answers out, for when they were given is not known: without others there is none.
    """
    own = answers.flags & IMPORTED == 0
    border = int(answers.at[own].max(initial=0)) - RECENT_DAYS * 86_400
    for part in slices:
        if part.kind == "week":
            continue
        before = _counts(answers, part.keep & own & (answers.at <= border))
        after = _counts(answers, part.keep & own & (answers.at > border))
        yield Figure(
            "grades", part.kind, part.key, part.label, int(before.sum() + after.sum()),
            psi(before, after) if min(before.sum(), after.sum()) >= FEWEST else None,
            detail={"before": before.tolist(), "after": after.tolist(), "p": chi_square(before, after),
                    "all": _counts(answers, part.keep).tolist()},
        )  # fmt: skip


def _counts(answers: Answers, keep: np.ndarray) -> np.ndarray:
    return np.bincount(answers.grade[keep], minlength=LEVELS + 1)[1:].astype(np.float64)


def place_slices(answers: Answers) -> Iterator[Slice]:
    """By traffic stratum and by the largest departments: where a shift of what is judged shows first."""
    strata = dict(
        Traffic.objects.filter(query__in=answers.queries.tolist()).values_list("query_id", "stratum")
    )
    of_query = np.array([strata.get(int(pk), "") for pk in answers.queries])
    for name in ("head", "torso", "tail"):
        keep = (of_query == name)[answers.query]
        if keep.any():
            yield Slice("stratum", name, name, keep)
    departments = _departments(answers)
    names, counts = np.unique(departments[answers.pair], return_counts=True)
    for at in np.argsort(-counts)[:MOST_DEPARTMENTS]:
        if name := str(names[at]):
            yield Slice("department", name[:160], name, (departments == name)[answers.pair])


def _departments(answers: Answers) -> np.ndarray:
    """The department of each pair's item (pairs,)."""
    found, ids = dict[int, str](), answers.pairs.tolist()
    for start in range(0, len(ids), 20_000):
        rows = Pair.objects.filter(pk__in=ids[start : start + 20_000])
        found.update(rows.values_list("pk", "item__current__category"))
    return np.array([found.get(pk) or "" for pk in ids])
