"""A number in the principle that differs from the one in the condition: 10 % against 20 %.

Prose is read through the numbers it names and no further. Numbers of a given instance ("for example ...") are left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rules.language import nodes as n
from rules.language.facts import walk
from rules.language.operators import COMPARISONS
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity
from rules.lint.places import conditions, plain, with_number

if TYPE_CHECKING:
    from rules.lint.book import Entry

_PROSE = re.compile(
    r"(?<![\w.,-])(\d+(?:,\d{3})*(?:\.\d+)?)(?![\w]*[A-Za-z]\d)(\s*(?:%|per ?cent\b))?", re.ASCII
)
_INSTANCE = re.compile(
    r"(?i)(?:\be\.g\.|\bfor (?:example|instance)\b|\bsuch as\b)[^.;)]*(?:\.\d[^.;)]*)*|`[^`]*`"
)
_WORDS = {
    "half": 0.5, "two": 2, "twice": 2, "double": 2, "both": 2, "three": 3, "third": 3, "four": 4, "quarter": 0.25,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "dozen": 12,
}  # fmt: skip
_TRIVIAL = (0.0, 1.0)
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class _Written:
    """A number as the condition writes it. `percent`: it is a percentage by its place."""

    value: float
    percent: bool
    place: str
    literal: n.Literal
    source: str


@dataclass(frozen=True, slots=True)
class _Named:
    """A number as the principle names it, at start..end."""

    value: float
    percent: bool
    start: int
    end: int


def findings(entry: "Entry") -> list[Finding]:
    """One finding for each number of the principle that no condition has, set against the one that it likely means."""
    principle = str(entry.rule.spec.get("principle") or "")
    named = list(_named(principle))
    if not named:
        return []
    written, spare = _written(entry)
    free = [w for w in written if not any(_same(p, w) for p in named) and not _in_words(w.value, principle)]
    found = []
    for number in named:
        # Where a condition has a percentage, a percentage of the prose is that one and no plain number.
        percents = [w for w in written if w.percent] if number.percent else []
        if any(_same(number, w) for w in percents or written) or (number.value in spare and not percents):
            continue
        partner = _partner(number, free)
        if partner is not None:
            free.remove(partner)
            found.append(_finding(entry, principle, number, partner))
    return found


def _named(principle: str) -> Iterator[_Named]:
    blank = _INSTANCE.sub(lambda match: " " * len(match[0]), principle)
    for match in _PROSE.finditer(blank):
        value = float(match[1].replace(",", ""))
        yield _Named(value, bool(match[2]), match.start(1), match.end(1))


def _written(entry: "Entry") -> tuple[list[_Written], set[float]]:
    """Numbers that conditions hold something against, and numbers that they name otherwise (inside texts, in sums)."""
    found: list[_Written] = []
    spare: set[float] = set()
    for place, condition in conditions(entry):
        for node in walk(condition.tree):
            if isinstance(node, n.Literal) and isinstance(node.value, str):
                spare.update(float(x) for x in re.findall(r"\d+(?:\.\d+)?", node.value, re.ASCII))
            elif isinstance(node, n.Literal) and type(node.value) in (int, float):
                spare.add(float(node.value))
            for literal, percent in _held_against(node):
                if literal.value not in _TRIVIAL:
                    found.append(_Written(float(literal.value), percent, place, literal, condition.source))
    bare = {w.value for w in found}
    return found, spare - bare


def _held_against(node: n.Node) -> Iterator[tuple[n.Literal, bool]]:
    if isinstance(node, n.Binary) and node.op in (*COMPARISONS, "in"):
        for side in (node.left, node.right):
            for x in side.items if isinstance(side, n.ListOf) else (side,):
                if isinstance(x, n.Literal) and type(x.value) in (int, float):
                    yield x, False
    elif isinstance(node, n.Call) and node.name == "within_percent":
        limit = node.args[2]
        if isinstance(limit, n.Literal) and type(limit.value) in (int, float):
            yield limit, True


def _same(named: _Named, written: _Written) -> bool:
    ways = [named.value]
    if named.percent and not written.percent:
        share = named.value / 100
        ways += [share, 1 + share, 1 - share]
    return any(abs(way - written.value) <= _NEAR * max(1.0, abs(way)) for way in ways)


def _in_words(value: float, principle: str) -> bool:
    said = {_WORDS[word] for word in re.findall(r"[a-z]+", principle.lower()) if word in _WORDS}
    return value in said


def _partner(named: _Named, free: list[_Written]) -> _Written | None:
    """What a number of the prose likely means: a plain one never a percentage."""
    alike = [w for w in free if w.percent == named.percent]
    return next(iter(alike or (free if named.percent else ())), None)


def _finding(entry: "Entry", principle: str, named: _Named, written: _Written) -> Finding:
    unit = " %" if named.percent else ""
    wanted = named.value
    if named.percent and not written.percent and abs(written.value) < 2:
        wanted = 1 + named.value / 100 if written.value > 1 else named.value / 100
    fixes = []
    mended = with_number(written.source, written.literal, wanted)
    if mended is not None:
        fixes.append(Fix(f"Write {plain(wanted)} in the condition", (Edit(written.place, mended),)))
    if not named.percent or written.percent:
        prose = principle[: named.start] + plain(written.value) + principle[named.end :]
        fixes.append(Fix(f"Write {plain(written.value)} in the principle", (Edit("principle", prose),)))
    return Finding(
        Kind.NUMBER, Severity.WARNING, entry.code, written.place,
        f"The principle says {plain(named.value)}{unit}, the condition {plain(written.value)}"
        f"{' %' if written.percent else ''}.",
        "Decide which is meant, and write it in both.",
        line=written.literal.place.line, column=written.literal.place.column,
        start=named.start, end=named.end, fixes=tuple(fixes),
    )  # fmt: skip
