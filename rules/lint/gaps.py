"""Ranges of numbers and values that a ladder leaves out between those it decides."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.language import nodes as n
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity
from rules.lint.logic import Atom, Bounded, Branch, Held, Range, bounded, listed
from rules.lint.places import plain, with_number, with_operator
from rules.lint.vocabulary import PROSE, Vocabulary

if TYPE_CHECKING:
    from rules.lint.book import Entry

MOST_VALUES = 40  # a field with more values than these is no choice that a ladder could list


@dataclass(frozen=True, slots=True)
class _Covered:
    """What one branch of a step covers of a quantity, with the atoms that bound it."""

    step: int
    range: Range
    bounds: tuple[Bounded, ...]


Rest = frozenset[tuple[str, bool]]


def findings(entry: "Entry", vocabulary: Vocabulary) -> list[Finding]:
    """Gaps in numbers, then in values."""
    if any(found is None for found in entry.steps):
        return []
    return [*_number_gaps(entry), *_value_gaps(entry, vocabulary)]


def _number_gaps(entry: "Entry") -> Iterator[Finding]:
    ladder = [(step, branch) for step, found in enumerate(entry.steps, 1) for branch in found or ()]
    keys = dict.fromkeys(b.key for _, branch in ladder for atom in branch if (b := bounded(atom)))
    for key in keys:
        groups: dict[Rest, list[_Covered]] = {}
        for step, branch in ladder:
            held = Held(branch)
            bounds = tuple(b for atom in branch if (b := bounded(atom)) and b.key == key)
            rest = _rest(branch, {b.key for b in bounds})
            groups.setdefault(rest, []).append(_Covered(step, held.ranges.get(key, Range()), bounds))
        for rest, covered in groups.items():
            whole = [c for other, more in groups.items() if other <= rest for c in more]
            if any(c.bounds for c in covered):
                yield from _holes(entry, key, whole)


def _rest(branch: Branch, keys: set[str]) -> Rest:
    """The other things a branch asks: those that bound the quantity, and presence that they imply, left out."""
    about = [atom for atom in branch if (b := bounded(atom)) and b.key in keys]
    known = Held(about).known
    return frozenset(
        (atom.text, atom.holds)
        for atom in branch
        if atom not in about
        and not (isinstance(atom.node, n.Has) and atom.holds and atom.node.target in known)
    )


def _holes(entry: "Entry", key: str, covered: list[_Covered]) -> Iterator[Finding]:
    scope = _scope_range(entry, key)
    ordered = sorted(covered, key=lambda c: (c.range.low, c.range.low_open))
    last: _Covered | None = None
    for now in ordered:
        if last is None:
            below = Range(high=scope.low, high_open=not scope.low_open) if scope else Range()
            if hole := _between(below, now.range):
                yield _finding(entry, key, hole, None, now)
            last = now
            continue
        if hole := _between(last.range, now.range):
            yield _finding(entry, key, hole, last, now)
        if (now.range.high, not now.range.high_open) > (last.range.high, not last.range.high_open):
            last = now
    above = Range(low=scope.high, low_open=not scope.high_open) if scope else Range()
    if last is not None and (hole := _between(last.range, above)):
        yield _finding(entry, key, hole, last, None)


def _scope_range(entry: "Entry", key: str) -> Range | None:
    """The range that the scope itself confines a quantity to, where it has just one branch."""
    if entry.scope is None or len(entry.scope) != 1:
        return None
    return Held(entry.scope[0]).ranges.get(key)


def _between(left: Range, right: Range) -> str:
    """The hole between two ranges in words; empty where they touch."""
    if left.high == float("inf") or right.low == float("-inf"):
        return ""
    if left.high < right.low:
        start = f"{plain(left.high)} {'' if left.high_open else '(not itself) '}".rstrip()
        return f"from {start} to {plain(right.low)}{'' if right.low_open else ' (not itself)'}"
    if left.high == right.low and left.high_open and right.low_open:
        return f"at exactly {plain(left.high)}"
    return ""


def _finding(entry: "Entry", key: str, hole: str, left: _Covered | None, right: _Covered | None) -> Finding:
    at = right or left
    assert at is not None  # a hole lies beside something
    edge = _edge(at, lower=right is not None)
    said = f"steps {left.step} and {right.step} leave" if left and right else f"step {at.step} leaves"
    return Finding(
        Kind.GAP, Severity.WARNING, entry.code, f"ladder.{at.step}.when",
        f"{said[0].upper()}{said[1:]} {key} out {hole}: no step decides there.",
        "Let the ranges meet, or add a step for what lies between.",
        line=edge.literal.place.line if edge else 1, column=edge.literal.place.column if edge else 1,
        fixes=tuple(_closing(entry, left, right)),
    )  # fmt: skip


def _edge(covered: _Covered, *, lower: bool) -> Bounded | None:
    ops = (">", ">=", "==") if lower else ("<", "<=", "==")
    return next((b for b in covered.bounds if b.op in ops), None)


def _closing(entry: "Entry", left: _Covered | None, right: _Covered | None) -> Iterator[Fix]:
    """Move one edge to the other; where only their common point is missing, let one of them take it in."""
    upper = _edge(left, lower=False) if left else None
    lower = _edge(right, lower=True) if right else None
    if left is None or right is None or upper is None or lower is None:
        return
    for covered, edge, other in ((right, lower, upper), (left, upper, lower)):
        source = entry.rule.ladder[covered.step - 1].when.source
        if upper.number == lower.number:
            mended = with_operator(source, edge.literal, edge.op, f"{edge.op}=")
            label = f"Let step {covered.step} take in {plain(edge.number)}"
        else:
            mended = with_number(source, edge.literal, other.number)
            label = (
                f"Let step {covered.step} {'begin' if covered is right else 'end'} at {plain(other.number)}"
            )
            # Both ends open (or one step denied): the point itself would still be left out.
            if mended and edge.op in ("<", ">") and other.op in ("<", ">"):
                mended = with_operator(source, edge.literal, edge.op, f"{edge.op}=")
                mended = with_number(mended, _moved(edge.literal), other.number) if mended else None
        if mended is not None:
            yield Fix(label, (Edit(f"ladder.{covered.step}.when", mended),))


def _moved(literal: n.Literal) -> n.Literal:
    """The literal one character further on, after its operator has grown by one."""
    place = n.Place(literal.place.line, literal.place.column + 1)
    return n.Literal(literal.value, place=place)


def _value_gaps(entry: "Entry", vocabulary: Vocabulary) -> Iterator[Finding]:
    ladder = [(step, branch) for step, found in enumerate(entry.steps, 1) for branch in found or ()]
    keys = dict.fromkeys(
        found[0] for _, branch in ladder for atom in branch if (found := listed(atom)) and atom.holds
    )
    for key in keys:
        if any(not _asks(branch, key) for _, branch in ladder):
            continue  # a step that does not ask for the value decides the rest
        named = [
            found[1] for _, branch in ladder for atom in branch if (found := listed(atom)) and found[0] == key
        ]
        union = frozenset[str]().union(*named)
        universe, why = _universe(entry, key, vocabulary)
        missing = sorted(universe - union)
        steps = {step for step, branch in ladder if _asks(branch, key)}
        enough = why == "scope" or (len(steps) > 1 and len(union & universe) * 2 >= len(universe))
        if missing and enough:
            yield _value_finding(entry, key, missing, why, ladder)


def _asks(branch: Branch, key: str) -> bool:
    return any((found := listed(atom)) and found[0] == key and atom.holds for atom in branch)


def _universe(entry: "Entry", key: str, vocabulary: Vocabulary) -> tuple[frozenset[str], str]:
    """The values that a ladder could be expected to list, and who says so."""
    if entry.scope is not None and len(entry.scope) == 1:
        mine = Held(entry.scope[0]).texts.get(key)
        if mine:
            return mine, "scope"
    values = vocabulary.values(key) if key not in PROSE else frozenset()
    return (values, "corpus") if 0 < len(values) <= MOST_VALUES else (frozenset(), "")


def _value_finding(
    entry: "Entry", key: str, missing: list[str], why: str, ladder: list[tuple[int, Branch]]
) -> Finding:
    shown = ", ".join(f"“{value}”" for value in missing[:6]) + (" …" if len(missing) > 6 else "")
    step, atom = next((s, a) for s, b in reversed(ladder) for a in b if _asks(frozenset({a}), key))
    whose = "the scope names" if why == "scope" else "the corpus carries"
    return Finding(
        Kind.GAP, Severity.WARNING, entry.code, f"ladder.{step}.when",
        f"No step decides {key} for {shown}, which {whose}.",
        "Add the values to a step, or a last step for the rest.",
        line=atom.node.place.line, column=atom.node.place.column, fixes=tuple(_taking_in(entry, step, atom, missing)),
    )  # fmt: skip


def _taking_in(entry: "Entry", step: int, atom: Atom, missing: list[str]) -> Iterator[Fix]:
    """The last step takes the missing values in, where its whole condition is that one list or comparison."""
    when, node = entry.rule.ladder[step - 1].when, atom.node
    found = listed(atom)
    if found is None or len(missing) > 6 or not isinstance(node, n.Binary) or when.tree.source != node.source:
        return
    texts = n.ListOf(tuple(n.Literal(text) for text in [*sorted(found[1]), *missing]))
    mended = n.Binary("in", node.left, texts).source
    yield Fix(f"Let step {step} take them in", (Edit(f"ladder.{step}.when", mended),))
