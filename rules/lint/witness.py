"""Pairs on which two rules both fire, found without a solver; each is held against the real evaluator before it counts.

Two sources: the rules' own examples laid over one another, and a pair built up from what the two conditions ask.
"""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rules.engine import Reader, Rulebook
from rules.language import nodes as n
from rules.lint.logic import Branch, Held, pairs_of

if TYPE_CHECKING:
    from rules.lint.book import Entry

Fields = dict[str, Any]
MOST_EXAMPLES = 4  # firing examples of each rule that are combined
MOST_BUILT = 12  # combinations of branches that are built


def witness(left: "Entry", right: "Entry", reader: Reader) -> dict[str, Fields] | None:
    """{"query", "item"} where the two rules alone are in conflict, or None where none was found."""
    both = Rulebook([left.rule, right.rule], reader.language)
    # The order of words in a text counts, so each is laid over the other: what is found names no first rule.
    for query, item in (*_overlaid(left, right), *_overlaid(right, left), *_built(left, right)):
        if both.evaluate(query, item, trace=False).conflict:
            return {"query": query, "item": item}
    return None


def _overlaid(left: "Entry", right: "Entry") -> Iterator[tuple[Fields, Fields]]:
    """Examples of both that fire: one text for both queries, and the item of the one with what the other adds."""
    for a in _firing(left):
        for b in _firing(right):
            query = {**b["query"], **a["query"], **_joined(a["query"], b["query"], "text")}
            for first, second in ((a["item"], b["item"]), (b["item"], a["item"])):
                yield query, {**second, **first}
            yield query, {**a["item"], **b["item"], **_joined(a["item"], b["item"], "title")}


def _firing(entry: "Entry") -> list[Mapping[str, Any]]:
    found = [e for e in entry.rule.examples if e.get("grade")]
    return [{"query": e.get("query") or {}, "item": e.get("item") or {}} for e in found[:MOST_EXAMPLES]]


def _joined(a: Mapping[str, Any], b: Mapping[str, Any], name: str) -> Fields:
    texts = list(dict.fromkeys(str(x[name]) for x in (a, b) if x.get(name)))
    return {name: " ".join(texts)} if texts else {}


def _built(left: "Entry", right: "Entry") -> Iterator[tuple[Fields, Fields]]:
    count = 0
    for a in left.fires:
        for b in right.fires:
            for branch in pairs_of(a or (), b or ()):
                count += 1
                if count > MOST_BUILT:
                    return
                draft = Draft(branch)
                yield draft.query, draft.item


class Draft:
    """Fields put together so that the atoms of a branch hold, as far as they are of the plain kinds."""

    def __init__(self, branch: Branch) -> None:
        self.query: Fields = {}
        self.item: Fields = {}
        held = Held(branch)
        atoms = sorted(branch, key=lambda a: (not a.holds, a.text))
        for atom in atoms:
            self._listed(atom.node, atom.holds, held)
        for atom in atoms:
            self._between(atom.node, atom.holds)
        for atom in atoms:
            self._searched(atom.node, atom.holds)
        for target in held.known:
            if isinstance(target, n.Field):
                self._side(target).setdefault(target.name, "thing")

    def _side(self, field: n.Field) -> Fields:
        return self.query if field.side == "query" else self.item

    def _listed(self, node: n.Node, holds: bool, held: Held) -> None:
        """Texts and numbers that a field is held against."""
        match node:
            case n.Binary(left=left, right=right):
                field = _field_in(left)
                if field is None:
                    return
                if (texts := held.texts.get(left.source)) is not None:
                    kept = sorted(texts - held.barred.get(left.source, frozenset()))
                    self._side(field).setdefault(field.name, kept[0] if kept else "")
                elif (reach := held.ranges.get(left.source)) is not None:
                    self._side(field).setdefault(field.name, _number_in(reach.low, reach.high, right))
                elif isinstance(right, n.Literal) and not holds:
                    other = f"not {right.value}" if isinstance(right.value, str) else right.value
                    self._side(field).setdefault(field.name, other)

    def _between(self, node: n.Node, holds: bool) -> None:
        """Two fields held against one another."""
        match node:
            case n.Binary(op=op, left=left, right=right):
                a, b = _field_in(left), _field_in(right)
                if a is None or b is None:
                    return
                known = self._side(a).get(a.name, self._side(b).get(b.name))
                if op == "==":
                    self._put(a, b, "one" if known is None else known, "another" if not holds else None)
                elif op in ("<", "<=", ">", ">="):
                    start = known if isinstance(known, int | float) else 10
                    self._put(a, b, start, start + (1 if op[0] == "<" else -1))
            case n.Call(name="same_family" | "within_percent", args=(left, right, *_)):
                a, b = _field_in(left), _field_in(right)
                if a is not None and b is not None:
                    first: Any = "one" if node.name == "same_family" else 10
                    self._put(a, b, first, None if holds else ("another" if first == "one" else 1_000))

    def _put(self, a: n.Field, b: n.Field, value: Any, other: Any) -> None:
        """`value` for the first field; the same for the second, or `other` where it is not None."""
        self._side(a).setdefault(a.name, value)
        self._side(b).setdefault(b.name, self._side(a)[a.name] if other is None else other)

    def _searched(self, node: n.Node, holds: bool) -> None:
        """Words that a text must hold."""
        if not (isinstance(node, n.Call) and holds and len(node.args) > 1 and node.name != "same_family"):
            return
        field, wanted = _field_in(node.args[0]), node.args[1]
        if field is None:
            return
        wanted = wanted.items[0] if isinstance(wanted, n.ListOf) and wanted.items else wanted
        if isinstance(wanted, n.Literal):
            word: Any = wanted.value
        elif isinstance(wanted, n.Field):
            word = self._side(wanted).setdefault(wanted.name, "thing")
        else:
            return
        text = self._side(field).get(field.name)
        parts = (
            [str(word)]
            if text is None
            else [str(word), text]
            if node.name == "startsWith"
            else [str(text), str(word)]
        )
        self._side(field)[field.name] = " ".join(dict.fromkeys(parts))


def _field_in(node: n.Node) -> n.Field | None:
    while isinstance(node, n.Call) and node.args:
        node = node.args[0]
    return node if isinstance(node, n.Field) else None


def _number_in(low: float, high: float, beside: n.Node) -> float | int:
    """A number inside a range, whole where the bound is."""
    if math.isinf(low) and math.isinf(high):
        return 1
    number = low + 1 if math.isinf(high) else high - 1 if math.isinf(low) else (low + high) / 2
    whole = isinstance(beside, n.Literal) and type(beside.value) is int
    return int(number) if whole and number == int(number) else number
