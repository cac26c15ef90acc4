"""When a condition is true, as alternatives of plain facts: what lint reasons with.

A condition is true exactly where one of its *branches* holds; a branch is a set of atoms that are all true, or all false
where denied. Under three truth values that is sound: an unknown atom makes neither itself nor its denial hold.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rules.language import nodes as n
from rules.language.facts import walk

MOST = 48  # branches of one condition; past this nothing is concluded from it
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}


@dataclass(frozen=True, slots=True)
class Atom:
    """A part of a condition that is true (`holds`) or false; equal to another that says the same."""

    text: str
    holds: bool
    node: n.Node = field(compare=False, repr=False)

    @property
    def denied(self) -> "Atom":
        return Atom(self.text, not self.holds, self.node)


Branch = frozenset[Atom]
Branches = tuple[Branch, ...]


@lru_cache(maxsize=8_192)
def branches(node: n.Node, holds: bool = True) -> Branches | None:
    """The branches under which `node` is true (or false); None where there are too many to look at."""
    match node:
        case n.Literal():
            return (frozenset(),) if node.value is holds else ()
        case n.Unary(op="!"):
            return branches(node.arg, not holds)
        case n.Logic():
            every = (node.op == "&&") == holds
            parts = [branches(part, holds) for part in node.parts]
            return _both(parts) if every else _either(parts)
        case n.Choice():
            yes = _both([branches(node.condition, True), branches(node.yes, holds)])
            no = _both([branches(node.condition, False), branches(node.no, holds)])
            return _either([yes, no])
    return (frozenset({_atom(node, holds)}),)


def _both(parts: Sequence[Branches | None]) -> Branches | None:
    found: Branches = (frozenset(),)
    for part in parts:
        if part is None or len(found) * len(part) > MOST:
            return None
        found = tuple(dict.fromkeys(left | right for left in found for right in part))
    return found


def _either(parts: Sequence[Branches | None]) -> Branches | None:
    found: list[Branch] = []
    for part in parts:
        if part is None:
            return None
        found.extend(part)
    return tuple(dict.fromkeys(found)) if len(found) <= MOST else None


def conjoined(*nodes: n.Node) -> Branches | None:
    """The branches under which all of `nodes` are true."""
    return _both([branches(node) for node in nodes])


def _atom(node: n.Node, holds: bool) -> Atom:
    """One spelling for what says the same: a literal stands right, != is a denied ==, a denied < is >=."""
    if isinstance(node, n.Binary) and node.op in _MIRROR:
        left, right, op = node.left, node.right, node.op
        swap = isinstance(left, n.Literal) if isinstance(left, n.Literal) != isinstance(right, n.Literal) else (
            op in ("==", "!=") and left.source > right.source
        )  # fmt: skip
        if swap:
            left, right, op = right, left, _MIRROR[op]
        if op == "!=":
            op, holds = "==", not holds
        elif op in _OPPOSITE and not holds:
            op, holds = _OPPOSITE[op], True
        node = n.Binary(op, left, right, place=node.place)
    return Atom(node.source, holds, node)


@dataclass(slots=True)
class Range:
    """Numbers from `low` to `high`; an open end leaves its bound out."""

    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def narrow(self, op: str, number: float) -> None:
        if op in (">", ">=", "==") and (number, op == ">") > (self.low, self.low_open):
            self.low, self.low_open = number, op == ">"
        if op in ("<", "<=", "==") and (number < self.high or (number == self.high and op == "<")):
            self.high, self.high_open = number, op == "<"

    @property
    def empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def within(self, other: "Range") -> bool:
        lower = (self.low, self.low_open) >= (other.low, other.low_open)
        upper = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return lower and upper


@dataclass(frozen=True, slots=True)
class Bounded:
    """An atom that holds an expression against a number, or a difference in per cent against a limit."""

    key: str
    op: str
    number: float
    literal: n.Literal


def bounded(atom: Atom) -> Bounded | None:
    """`number(item.price) < 10` and `within_percent(a, b, 10)` as bounds, denied ones turned round."""
    match atom.node:
        case n.Binary(op="<" | "<=" | ">" | ">=" | "==" as op, left=left, right=n.Literal() as right):
            if type(right.value) not in (int, float) or (op == "==" and not atom.holds):
                return None
            return Bounded(left.source, op, float(right.value), right)
        case n.Call(name="within_percent", args=(a, b, n.Literal() as limit)):
            key = f"the difference of {a.source} from {b.source} in %"
            return Bounded(key, "<=" if atom.holds else ">", float(limit.value), limit)
    return None


def listed(atom: Atom) -> tuple[str, frozenset[str]] | None:
    """(expression, texts) of `item.size == "S"` and `item.size in ["S", "M"]`, whether it holds or is denied."""
    match atom.node:
        case n.Binary(op="==", left=left, right=n.Literal(value=str() as text)):
            return left.source, frozenset({text})
        case n.Binary(op="in", left=left, right=n.ListOf(items=items)):
            texts = [x.value for x in items if isinstance(x, n.Literal) and isinstance(x.value, str)]
            return (left.source, frozenset(texts)) if texts and len(texts) == len(items) else None
    return None


def _strict(node: n.Node) -> bool:
    """Whether every field under `node` must be known for it to be true or false."""
    return not any(isinstance(x, n.Macro | n.Choice | n.Logic | n.Has) for x in walk(node))


class Held:
    """What follows from a branch."""

    def __init__(self, branch: Iterable[Atom]) -> None:
        self.atoms = frozenset(branch)
        self.ranges: dict[str, Range] = {}
        self.texts: dict[str, frozenset[str]] = {}
        self.barred: dict[str, frozenset[str]] = {}
        self.known: set[n.Node] = set()
        for atom in self.atoms:
            self._take(atom)

    def _take(self, atom: Atom) -> None:
        if isinstance(atom.node, n.Has) and atom.holds:
            self.known.add(atom.node.target)
        elif _strict(atom.node):
            self.known.update(x for x in walk(atom.node) if isinstance(x, n.Field))
        if (bound := bounded(atom)) is not None:
            self.ranges.setdefault(bound.key, Range()).narrow(bound.op, bound.number)
        if (found := listed(atom)) is not None:
            key, texts = found
            if atom.holds:
                self.texts[key] = self.texts[key] & texts if key in self.texts else texts
            else:
                self.barred[key] = self.barred.get(key, frozenset()) | texts

    @property
    def impossible(self) -> bool:
        """Whether no pair can make all its atoms hold."""
        if any(atom.denied in self.atoms for atom in self.atoms if atom.holds):
            return True
        if any(r.empty for r in self.ranges.values()):
            return True
        if any(not texts - self.barred.get(key, frozenset()) for key, texts in self.texts.items()):
            return True
        absent = (a.node.target for a in self.atoms if isinstance(a.node, n.Has) and not a.holds)
        return any(target in self.known for target in absent)

    def implies(self, atom: Atom) -> bool:
        """Whether `atom` holds wherever this branch does."""
        if atom in self.atoms:
            return True
        if isinstance(atom.node, n.Has):
            return atom.holds and atom.node.target in self.known
        if (bound := bounded(atom)) is not None and bound.key in self.ranges:
            wanted = Range()
            wanted.narrow(bound.op, bound.number)
            return self.ranges[bound.key].within(wanted)
        if (found := listed(atom)) is not None:
            key, texts = found
            mine = self.texts.get(key)
            if atom.holds:
                return mine is not None and mine - self.barred.get(key, frozenset()) <= texts
            return (mine is not None and not mine & texts) or texts <= self.barred.get(key, frozenset())
        return False


def canonical(found: Branches) -> frozenset[frozenset[tuple[str, bool]]]:
    """Equal for conditions that say the same: a field whose presence follows anyway need not be asked for."""
    return frozenset(_bare(branch) for branch in found if not Held(branch).impossible)


def _bare(branch: Branch) -> frozenset[tuple[str, bool]]:
    known = Held(atom for atom in branch if not isinstance(atom.node, n.Has)).known
    kept = (a for a in branch if not (isinstance(a.node, n.Has) and a.holds and a.node.target in known))
    return frozenset((atom.text, atom.holds) for atom in kept)


def pairs_of(left: Branches, right: Branches) -> Iterator[Branch]:
    """Unions of a branch of each that are not impossible."""
    for a in left:
        for b in right:
            if not Held(a | b).impossible:
                yield a | b
