"""Circles and dangling names in “yields to”."""

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from rules.lint.findings import Edit, Finding, Fix, Kind, Severity

if TYPE_CHECKING:
    from rules.lint.book import Entry

Yields = Mapping[str, frozenset[str]]


def findings(entry: "Entry", known: Yields) -> list[Finding]:
    """Names that no rule has, and exceptions that lead back to the rule itself. `known`: code -> what it yields to."""
    found = []
    for other in sorted(entry.rule.yields_to):
        if other not in known:
            found.append(_dangling(entry, other, known))
        elif path := _way_back(other, entry.code, known):
            found.append(_circle(entry, other, path))
    return found


def _dangling(entry: "Entry", other: str, known: Yields) -> Finding:
    near = [c for c in difflib.get_close_matches(other, known, 3, 0.5) if c != entry.code][:1]
    fixes = [_without(entry, other)]
    if near:
        fixes.insert(0, Fix(f"Yield to {near[0]}", (Edit("yields_to", _changed(entry, other, near[0])),)))
    return Finding(
        Kind.YIELDS, Severity.WARNING, entry.code, "yields_to",
        f"{entry.code} yields to {other}, and there is no such rule.",
        f"Did you mean {near[0]}?" if near else "Take the name out.",
        other=other, fixes=tuple(fixes),
    )  # fmt: skip


def _circle(entry: "Entry", other: str, path: list[str]) -> Finding:
    way = " → ".join([entry.code, *path])
    return Finding(
        Kind.YIELDS, Severity.ERROR, entry.code, "yields_to",
        f"The exceptions run in a circle: {way}. Rules that yield to each other both stand.",
        "Decide which of them wins, and take the name out on the other side.",
        other=other, fixes=(_without(entry, other),),
    )  # fmt: skip


def _without(entry: "Entry", other: str) -> Fix:
    return Fix(f"Do not yield to {other}", (Edit("yields_to", _changed(entry, other, "")),))


def _changed(entry: "Entry", old: str, new: str) -> str:
    codes = [str(code) for code in entry.rule.spec.get("yields_to") or ()]
    return ", ".join(dict.fromkeys(x for x in (new if c == old else c for c in codes) if x))


def _way_back(start: str, goal: str, known: Yields) -> list[str]:
    """The shortest way of exceptions from `start` to `goal`, both included; empty where there is none."""
    came: dict[str, str] = {start: ""}
    waiting = [start]
    for code in waiting:
        if code == goal:
            path = [code]
            while came[path[0]]:
                path.insert(0, came[path[0]])
            return path
        for following in sorted(known.get(code, ())):
            if following not in came:
                came[following] = code
                waiting.append(following)
    return []
