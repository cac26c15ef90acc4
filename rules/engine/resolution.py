"""From firings to one verdict:

Exceptions, then priority, then the strictest grade; no firing is an abstention.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from relevance.grades import RELEVANT, Grade
from rules.language import Trace


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule applying to a pair: `step` counts from 1. `trace` is None where traces were not asked for."""

    code: str
    step: int
    grade: Grade
    dimension: str
    reason: str
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """The verdict of a rulebook on a pair.

    `decisive`: the rules that set the grade. `conflict`: rules of equal priority and no exception between
    them stand on both sides of the relevant line. `allowed`: grades a verdict may have and still adhere: the
    resolved one; in a conflict, those of every rule in it; every grade where no rule fires.
    """

    grade: Grade | None
    dimension: str
    firings: tuple[Firing, ...]
    decisive: tuple[str, ...]
    conflict: bool
    allowed: frozenset[Grade]


ABSTAIN = Resolution(None, "", (), (), False, frozenset(Grade))


def resolve(
    firings: Sequence[Firing], priorities: Mapping[str, int], yields: Mapping[str, frozenset[str]]
) -> Resolution:
    """The resolution of firings in rulebook order."""
    if not firings:
        return ABSTAIN
    fired = {firing.code for firing in firings}
    standing = [f for f in firings if not (yields.get(f.code) and yields[f.code] & fired)]
    highest = max(priorities[f.code] for f in standing)
    standing = [f for f in standing if priorities[f.code] == highest]
    grade = min(f.grade for f in standing)
    decisive = [f for f in standing if f.grade == grade]
    grades = frozenset(f.grade for f in standing)
    conflict = bool(grades & RELEVANT) and bool(grades - RELEVANT)
    dimension = next((f.dimension for f in decisive if f.dimension), "")
    allowed = grades if conflict else frozenset({grade})
    return Resolution(grade, dimension, tuple(firings), tuple(f.code for f in decisive), conflict, allowed)


def effective_yields(wanted: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Exceptions without those that run in a circle (lint names them): two rules that yield to each other
    both stand.

    So that at least one firing always stands. Names of rules that the rulebook lacks are left out.
    """
    edges = {code: {o for o in others if o in wanted and o != code} for code, others in wanted.items()}
    reach = {code: _reachable(code, edges) for code in edges}
    return {code: frozenset(o for o in others if code not in reach[o]) for code, others in edges.items()}


def _reachable(start: str, edges: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for other in edges[waiting.pop()] - seen:
            seen.add(other)
            waiting.append(other)
    return seen
