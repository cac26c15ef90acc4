"""Which rules stand against one another on which pairs of a corpus."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from relevance.grades import RELEVANT
from rules.engine.rule import Rule
from rules.engine.table import Fired, Resolver, Rows


@dataclass(frozen=True)
class Clash:
    """Two rules that both stand on `rows` (n,) of the pairs, on opposite sides of the relevant line; rows ascending."""

    left: str
    right: str
    rows: Rows


def clashes(
    rules: Sequence[Rule],
    yields: Mapping[str, frozenset[str]],
    fired: Mapping[str, Fired],
    conflicts: npt.NDArray[np.bool_],
) -> list[Clash]:
    """Every two rules in conflict, the commonest first. `conflicts` (pairs,) as evaluated over the whole corpus."""
    resolver = Resolver(rules, len(conflicts), {})
    standing = resolver.standing([fired[rule.code] for rule in rules], yields)
    sides = []
    for rule, found in zip(rules, standing, strict=True):
        rows, steps = found.rows[conflicts[found.rows]], found.steps[conflicts[found.rows]]
        relevant = np.array([False, *(step.grade in RELEVANT for step in rule.ladder)])[steps]
        sides.append((rule.code, rows[relevant], rows[~relevant]))
    found_clashes = []
    for at, (left, yes, no) in enumerate(sides):
        for right, other_yes, other_no in sides[at + 1 :]:
            rows = np.union1d(np.intersect1d(yes, other_no), np.intersect1d(no, other_yes)).astype(np.int64)
            if len(rows):
                found_clashes.append(Clash(left, right, rows))
    return sorted(found_clashes, key=lambda clash: -len(clash.rows))
