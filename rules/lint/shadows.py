"""Steps that can never decide: an earlier one always does, or nothing can make them true."""

from typing import TYPE_CHECKING

from rules.lint.findings import Edit, Finding, Fix, Kind, Severity
from rules.lint.logic import Branches, Held

if TYPE_CHECKING:
    from rules.lint.book import Entry

_ROW = ("when", "grade", "dimension", "reason")


def findings(entry: "Entry") -> list[Finding]:
    """One finding for each step that is never reached, the scope counted in."""
    found = []
    for number, fires in enumerate(entry.fires, 1):
        if fires is None:
            continue
        possible = [held for branch in fires if not (held := Held(branch)).impossible]
        if not possible:
            found.append(_never(entry, number))
            continue
        earlier = [(at, steps) for at, steps in enumerate(entry.steps[: number - 1], 1) if steps is not None]
        shadowing = [next((at for at, steps in earlier if _follows(held, steps)), 0) for held in possible]
        if all(shadowing):
            found.append(_shadowed(entry, number, sorted(set(shadowing))))
    return found


def proved(entry: "Entry", number: int) -> Finding:
    """The finding for a step of which a solver has proved that no pair reaches it."""
    return Finding(
        Kind.SHADOWED, Severity.ERROR, entry.code, f"ladder.{number}",
        f"Step {number} is never reached: the solver proves that no pair makes it decide.",
        f"Move it up, widen it, narrow a step above it, or take step {number} out.",
        fixes=_removal(entry, number),
    )  # fmt: skip


def _follows(held: Held, steps: Branches) -> bool:
    """Whether one of the branches of an earlier step holds wherever `held` does."""
    return any(all(held.implies(atom) for atom in branch) for branch in steps)


def _never(entry: "Entry", number: int) -> Finding:
    scope = " together with the scope" if entry.rule.spec.get("scope") else ""
    return Finding(
        Kind.SHADOWED, Severity.ERROR, entry.code, f"ladder.{number}",
        f"Step {number} can never be true{scope}: what it asks contradicts itself.",
        "Mend its condition, or take the step out.",
        fixes=_removal(entry, number),
    )  # fmt: skip


def _removal(entry: "Entry", number: int) -> tuple[Fix, ...]:
    if len(entry.rule.ladder) == 1:
        return ()
    return (Fix(f"Take step {number} out", (Edit(f"ladder.{number}", None),)),)


def _shadowed(entry: "Entry", number: int, by: list[int]) -> Finding:
    steps = " and ".join(str(at) for at in by)
    return Finding(
        Kind.SHADOWED, Severity.ERROR, entry.code, f"ladder.{number}",
        f"Step {number} is never reached: wherever it is true, step {steps} has already decided.",
        f"Move it above step {by[0]}, narrow that one, or take step {number} out.",
        fixes=(_above(entry, number, by[0]), *_removal(entry, number)),
    )  # fmt: skip


def _above(entry: "Entry", number: int, target: int) -> Fix:
    """The ladder's rows from `target` on, written anew with the shadowed one first."""
    ladder = entry.rule.spec["ladder"]
    rows = [ladder[number - 1], *ladder[target - 1 : number - 1]]
    edits = tuple(
        Edit(f"ladder.{target + at}.{name}", str(row.get(name) or ""))
        for at, row in enumerate(rows)
        for name in _ROW
    )
    return Fix(f"Move step {number} above step {target}", edits)
