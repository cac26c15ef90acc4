"""Which rules can fire on a pair at all, found by looking up a few fields instead of asking every rule.

A rule often begins by wanting a field to be there, or to be one of a few texts. Such a *guard* is a conjunct
without which its scope (or each step of its ladder) cannot be true. Rules are filed by their guards once; a
pair then gives the set of rules whose guards hold, as the bits of a number, and the tuple for each set is
kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from rules.engine.rule import Rule
from rules.language import nodes as n

_KEPT = 4_096
Guards = dict[n.Field, frozenset[str] | None]
"""Per field the texts of which it must be one, or None where it must only be there."""
Entry = TypeVar("Entry")


def guards(node: n.Node) -> Guards:
    """Every guard of a condition."""
    match node:
        case n.Logic(op="&&"):
            found: Guards = {}
            for part in node.parts:
                for target, texts in guards(part).items():
                    found[target] = found.get(target) or texts
            return found
        case n.Has():
            return {node.target: None}
        case n.Binary(op="==", left=n.Field() as target, right=n.Literal(value=str() as text)):
            return {target: frozenset({text})}
        case n.Binary(op="==", left=n.Literal(value=str() as text), right=n.Field() as target):
            return {target: frozenset({text})}
        case n.Binary(op="in", left=n.Field() as target, right=n.ListOf() as listed):
            known = [x.value for x in listed.items if isinstance(x, n.Literal) and isinstance(x.value, str)]
            return {target: frozenset(known)} if len(known) == len(listed.items) else {}
    return {}


def _either(steps: Sequence[Guards]) -> Guards:
    """What holds whichever of the steps is true: fields guarded in all of them."""
    found = dict(steps[0])
    for step in steps[1:]:
        for target in list(found):
            if target not in step:
                del found[target]
                continue
            mine, theirs = found[target], step[target]
            found[target] = mine | theirs if mine is not None and theirs is not None else None
    return found


def rule_guard(rule: Rule) -> tuple[n.Field, frozenset[str] | None] | None:
    """The narrowest guard of a rule: few texts before mere presence, the query's fields before the item's."""
    steps = _either([guards(step.when.tree) for step in rule.ladder])
    found = [*guards(rule.scope.tree).items(), *steps.items()]
    found.sort(key=lambda g: (g[1] is None, len(g[1] or ()), g[0].side == "item"))
    return found[0] if found else None


def residual(rule: Rule) -> n.Node:
    """What is left to ask of a rule's scope once its guard is known to hold."""
    guard = rule_guard(rule)
    tree = rule.scope.tree
    if guard is None:
        return tree
    parts = tree.parts if isinstance(tree, n.Logic) and tree.op == "&&" else (tree,)
    left = tuple(part for part in parts if isinstance(part, n.Logic) or guards(part) != {guard[0]: guard[1]})
    if not left:
        return n.Literal(True)
    return left[0] if len(left) == 1 else n.Logic("&&", left)


@dataclass
class _Shelf:
    """Rules filed under one field."""

    from_query: bool
    name: str
    present: int = 0
    texts: dict[str, int] = field(default_factory=dict)


class Prefilter(Generic[Entry]):
    """Entries, one per rule, given back in the rules' order for the pairs on which they can fire."""

    def __init__(self, rules: Sequence[Rule], entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        self.always = 0
        self.kept: dict[int, tuple[Entry, ...]] = {}
        shelves: dict[n.Field, _Shelf] = {}
        for at, rule in enumerate(rules):
            guard = rule_guard(rule)
            if guard is None:
                self.always |= 1 << at
                continue
            target, texts = guard
            shelf = shelves.setdefault(target, _Shelf(target.side == "query", target.name))
            if texts is None:
                shelf.present |= 1 << at
            for text in texts or ():
                shelf.texts[text] = shelf.texts.get(text, 0) | 1 << at
        self.shelves = tuple((s.from_query, s.name, s.present, s.texts) for s in shelves.values())

    def candidates(self, query: Mapping[str, Any], item: Mapping[str, Any]) -> tuple[Entry, ...]:
        """The entries of the rules whose guards hold on clean fields."""
        mask = self.always
        for from_query, name, present, texts in self.shelves:
            value = query.get(name) if from_query else item.get(name)
            if value is not None:
                mask |= present
                if type(value) is str:
                    mask |= texts.get(value, 0)
        found = self.kept.get(mask)
        if found is None:
            if len(self.kept) >= _KEPT:
                self.kept.clear()
            found = tuple(entry for at, entry in enumerate(self.entries) if mask >> at & 1)
            self.kept[mask] = found
        return found
