"""Two rules held against one another: nothing between opposite sides, and the same condition with different grades."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

from relevance.grades import RELEVANT
from rules.engine import Reader
from rules.language import RuleSyntaxError
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity
from rules.lint.logic import pairs_of
from rules.lint.witness import witness

if TYPE_CHECKING:
    from rules.lint.book import Entry


def findings(left: "Entry", right: "Entry", reader: Reader) -> list[Finding]:
    """Findings of a pair of rules, told of the first. A pair that asks the same is told as that alone."""
    same = _same(left, right)
    if same:
        return same
    if not may_conflict(left, right):
        return []
    try:
        found = witness(left, right, reader)
    except (RuleSyntaxError, OverflowError, TypeError):  # a pair that was put together badly is no witness
        found = None
    return [_opposite(left, right, found)] if found else []


def may_conflict(left: "Entry", right: "Entry") -> bool:
    """Whether neither priority, nor an exception, nor plain facts keep two rules of opposite sides apart."""
    return open_between(left, right) and _can_meet(left, right)


def open_between(left: "Entry", right: "Entry") -> bool:
    """Whether the rules give grades on both sides of the relevant line and neither priority nor exception decides."""
    a, b = left.rule, right.rule
    if a.priority != b.priority or b.code in a.yields_to or a.code in b.yields_to:
        return False
    return bool(_steps_opposite(left, right))


def _steps_opposite(left: "Entry", right: "Entry") -> list[tuple[int, int]]:
    return [
        (i, j)
        for i, step in enumerate(left.rule.ladder)
        for j, other in enumerate(right.rule.ladder)
        if (step.grade in RELEVANT) != (other.grade in RELEVANT)
    ]


def _can_meet(left: "Entry", right: "Entry") -> bool:
    """False where no branch of the one goes with any of the other, on opposite sides."""
    for i, j in _steps_opposite(left, right):
        a, b = left.fires[i], right.fires[j]
        if a is None or b is None or next(pairs_of(a, b), None) is not None:
            return True
    return False


def _same(left: "Entry", right: "Entry") -> list[Finding]:
    found = []
    keys = {key: at for at, key in reversed(list(enumerate(right.keys, 1))) if key}
    for number, key in enumerate(left.keys, 1):
        other = keys.get(key) if key else None
        if other is None:
            continue
        step, their = left.rule.ladder[number - 1], right.rule.ladder[other - 1]
        if step.grade != their.grade:
            found.append(_same_finding(left, right, number, other))
    return found


def _same_finding(left: "Entry", right: "Entry", number: int, other: int) -> Finding:
    step, their = left.rule.ladder[number - 1], right.rule.ladder[other - 1]
    crossed = (step.grade in RELEVANT) != (their.grade in RELEVANT)
    place = f"ladder.{number}"
    severity = Severity.ERROR if crossed and open_between(left, right) else Severity.WARNING
    fixes = [Fix(f"Give {their.grade.name} here, too", (Edit(f"{place}.grade", their.grade.name),))]
    if len(left.rule.ladder) > 1:
        fixes.append(Fix(f"Take step {number} out", (Edit(place, None),)))
    return Finding(
        Kind.SAME, severity, left.code, f"{place}.when",
        f"Step {number} asks the same as step {other} of {right.code}, and gives {step.grade.name} where that one gives "
        f"{their.grade.name}.",
        "Keep one of the two, or let them ask different things.",
        line=1, column=1, other=right.code, fixes=tuple(fixes),
    )  # fmt: skip


def _opposite(left: "Entry", right: "Entry", pair: dict[str, dict[str, object]]) -> Finding:
    a, b = left.rule, right.rule
    grades = [_grades(left), _grades(right)]
    yields = ", ".join([*map(str, a.spec.get("yields_to") or ()), b.code])
    return Finding(
        Kind.OPPOSITE, Severity.ERROR, a.code, "priority",
        f"{a.code} ({grades[0]}) and {b.code} ({grades[1]}) can both fire on one pair, on opposite sides of the relevant "
        "line, and neither priority nor an exception decides between them.",
        f"Raise the priority of one, or let one yield. Both fire on {said_of(pair)}.",
        other=b.code, witness=pair,
        fixes=(
            Fix(f"Let {a.code} yield to {b.code}", (Edit("yields_to", yields),)),
            Fix(f"Put {a.code} above {b.code}", (Edit("priority", str(a.priority + 1)),)),
        ),
    )  # fmt: skip


def _grades(entry: "Entry") -> str:
    return ", ".join(sorted({step.grade.name for step in entry.rule.ladder}, reverse=True))


def said_of(pair: Mapping[str, Mapping[str, object]]) -> str:
    """A made-up pair in words: its {"query", "item"} with what is known of them."""
    sides = []
    for side in ("query", "item"):
        facts = "; ".join(f"{name}: {_short(value)}" for name, value in sorted(pair[side].items()))
        sides.append(f"{'a' if side == 'query' else 'an'} {side} with {facts or 'nothing known'}")
    return " and ".join(sides)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:59] + "…"
