"""How near a pair is to the edge of a rule: the least change of its conditions that would turn the outcome.

A plain condition costs 1 to change; one about numbers costs the less the nearer they are, measured against what is usual
among the pairs at hand. What is joined by "and" comes true when all of it does and fails with any of it, "or" the other
way round, so the costs of a whole condition are sums and least ones of its parts'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.engine.rule import Rule
from rules.engine.table import Fired, Rows, asked, frame_of, part_of, views_of
from rules.language import Language, View
from rules.language import nodes as n
from rules.language.columns import FALSE, TRUE
from rules.language.operators import COMPARISONS, ORDERINGS

Costs: TypeAlias = npt.NDArray[np.float32]
Corpus: TypeAlias = tuple[pa.Table, pa.Table, tuple[Rows, Rows]]
CLOSEST = 2_000  # pairs without a firing whose ladder is looked at, the nearest to the scope first
_AT_THE_EDGE = 0.001
_STRIDE = 7_919


@dataclass(frozen=True)
class Cost:
    """What it costs (pairs,) to make a condition true, 0 where it is, and to make it false, 0 where it is."""

    true: Costs
    false: Costs


def inside(rule: Rule, language: Language, corpus: Corpus, fired: Fired) -> Costs:
    """The cost (n,) of turning each firing (n,): that the rule fires there no longer, or with another step."""
    parts = [np.zeros(0, np.float32)]
    for start, view in views_of(frame_of(language, *corpus[:2]), corpus[2]):
        parts.append(_inside(rule, view, part_of(fired, start, len(view))))
    return np.concatenate(parts)


def outside(rule: Rule, language: Language, corpus: Corpus, fired: Fired) -> tuple[Rows, Costs]:
    """The pairs at which the rule nearly fires, and what it would cost to make it: of all but those in `fired` the
    ones nearest its scope.
    """
    rows, costs = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
    for start, view in views_of(frame_of(language, *corpus[:2]), corpus[2]):
        near, found = _outside(rule, view, part_of(fired, start, len(view)).rows)
        rows.append(near + start)
        costs.append(found)
    return np.concatenate(rows), np.concatenate(costs)


def _inside(rule: Rule, view: View, fired: Fired) -> Costs:
    if not len(fired.rows):
        return np.zeros(0, np.float32)
    _, part, place = asked(rule, view)
    found = cost(view, rule.scope.tree).false[fired.rows]
    at = np.searchsorted(place, fired.rows)
    for number, step in enumerate(rule.ladder, 1):
        here = cost(part, step.when.tree)
        turned = np.where(fired.steps == number, here.false[at], here.true[at])
        found = np.minimum(found, np.where(fired.steps >= number, turned, np.inf))
    return found.astype(np.float32)


def _outside(rule: Rule, view: View, fired: Rows) -> tuple[Rows, Costs]:
    scope = cost(view, rule.scope.tree).true.copy()
    scope[fired] = np.inf
    # Of many that are as near, some from everywhere.
    spread = np.arange(len(view)) * _STRIDE % max(1, len(view))
    near = np.lexsort((spread, scope))[:CLOSEST]
    near = np.sort(near[np.isfinite(scope[near])])
    part = view.subset(near)
    found = scope[near] + _least([cost(part, step.when.tree).true for step in rule.ladder])
    return near[np.isfinite(found)], found[np.isfinite(found)]


def cost(view: View, node: n.Node) -> Cost:
    """The costs of one condition over a view."""
    match node:
        case n.Logic():
            parts = [cost(view, part) for part in node.parts]
            true, false = [part.true for part in parts], [part.false for part in parts]
            both = node.op == "&&"
            return Cost(_sum(true) if both else _least(true), _least(false) if both else _sum(false))
        case n.Unary(op="!"):
            inner = cost(view, node.arg)
            return Cost(inner.false, inner.true)
        case n.Literal(value=bool() as value):
            never, always = np.full(len(view), np.inf, np.float32), np.zeros(len(view), np.float32)
            return Cost(always, never) if value else Cost(never, always)
    states = view.truth(node)
    size = _size(view, node)
    return Cost(
        np.where(states == TRUE, 0, size).astype(np.float32),
        np.where(states == FALSE, 0, size).astype(np.float32),
    )


def _sum(parts: Sequence[Costs]) -> Costs:
    return reduce(np.add, parts)


def _least(parts: Sequence[Costs]) -> Costs:
    return reduce(np.minimum, parts)


def _size(view: View, node: n.Node) -> npt.NDArray[np.float64]:
    """The cost (pairs,) of turning a plain condition: 1, or less where numbers are near one another."""
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = _apart(view, node)
        if apart is None:
            return np.ones(len(view))
        some = apart[(apart > 0) & np.isfinite(apart)]
        usual = float(np.median(some)) if len(some) else 1.0
        size = np.maximum(apart / (apart + usual), _AT_THE_EDGE)
    if isinstance(node, n.Binary) and node.op not in ORDERINGS:
        size = np.where(apart == 0, 1.0, size)  # what is equal is not nearly different
    return np.where(np.isnan(size), 1.0, size)


def _apart(view: View, node: n.Node) -> npt.NDArray[np.float64] | None:
    """How far apart (pairs,) the numbers of a condition are, not a number where they are none; None for other ones."""
    match node:
        case n.Binary() if node.op in COMPARISONS:
            left, right = view.numbers(node.left), view.numbers(node.right)
            return None if left is None or right is None else np.abs(left - right)
        case n.Call(name="within_percent"):
            left, right, percent = (view.numbers(arg) for arg in node.args)
            if left is None or right is None or percent is None:
                return None
            return np.abs(np.abs(left - right) * 100 / np.abs(right) - percent)
    return None
