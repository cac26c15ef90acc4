"""A rule in its JSON form, read into a checked shape.

The same form is in the database, in YAML and in samples.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relevance.grades import Grade
from rules.language import Condition, Language, RuleSyntaxError, Schema

CAPABILITIES = ("knowledge", "visual", "rules")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
MAX_STEPS = 40
MAX_RULES = 5_000


class RulebookError(ValueError):
    """A rulebook that cannot be compiled.

    `code` names the rule, `place` the part of it ("scope", "ladder.2.when").
    """

    def __init__(
        self, message: str, code: str = "", place: str = "", syntax: RuleSyntaxError | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.place = place
        self.syntax = syntax

    def __str__(self) -> str:
        where = " ".join(x for x in (self.code, self.place) if x)
        return f"{where}: {self.message}" if where else self.message


@dataclass(frozen=True)
class Step:
    """One rung of a ladder: the first whose condition is true fires."""

    when: Condition
    grade: Grade
    dimension: str
    reason: str


@dataclass(frozen=True)
class Rule:
    """A compiled rule. `spec` is the form it was read from."""

    code: str
    title: str
    scope: Condition
    ladder: tuple[Step, ...]
    priority: int
    yields_to: frozenset[str]
    dimension: str
    capability: str
    examples: tuple[Mapping[str, Any], ...]
    spec: Mapping[str, Any]


def grade_of(value: object) -> Grade:
    """A grade from "L2", 2 or Grade.L2. Raises ValueError."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Grade(value)
    return Grade.parse(str(value))


class Reader:
    """Reads rules over one language and schema."""

    def __init__(self, language: Language, schema: Schema | None = None) -> None:
        self.language = language
        self.schema = schema

    def rule(self, spec: Mapping[str, Any]) -> Rule:
        """The compiled rule of `spec`. Raises RulebookError."""
        code = str(spec.get("code", ""))
        if not CODE.fullmatch(code):
            raise RulebookError(
                "A rule's code is 1 to 40 letters, digits, dots, hyphens or underscores.", code
            )
        ladder = spec.get("ladder")
        if not isinstance(ladder, Sequence) or isinstance(ladder, str) or not 0 < len(ladder) <= MAX_STEPS:
            raise RulebookError(f"A rule has a ladder of 1 to {MAX_STEPS} steps.", code, "ladder")
        capability = str(spec.get("capability") or "rules")
        if capability not in CAPABILITIES:
            raise RulebookError(f"A capability is one of {', '.join(CAPABILITIES)}.", code, "capability")
        return Rule(
            code=code,
            title=str(spec.get("title") or code),
            scope=self.condition(spec.get("scope") or "true", code, "scope"),
            ladder=tuple(self.step(step, spec, code, f"ladder.{at}") for at, step in enumerate(ladder, 1)),
            priority=_whole(spec.get("priority", 0), code),
            yields_to=frozenset(str(other) for other in spec.get("yields_to") or ()),
            dimension=str(spec.get("dimension") or ""),
            capability=capability,
            examples=tuple(spec.get("examples") or ()),
            spec=spec,
        )

    def condition(self, source: object, code: str, place: str) -> Condition:
        """A compiled condition of a rule. Raises RulebookError that carries the RuleSyntaxError."""
        if not isinstance(source, str):
            raise RulebookError("A condition is a text.", code, place)
        try:
            return self.language.compile(source, self.schema)
        except RuleSyntaxError as problem:
            raise RulebookError(str(problem), code, place, problem) from problem

    def step(self, step: object, spec: Mapping[str, Any], code: str, place: str) -> Step:
        """One rung;

        Its dimension is the rule's own where it names none and the grade is an explicit mismatch.
        """
        if not isinstance(step, Mapping):
            raise RulebookError("A step has when, grade, dimension and reason.", code, place)
        try:
            grade = grade_of(step.get("grade"))
        except (ValueError, KeyError):
            raise RulebookError("A step's grade is L1, L2, L3 or L4.", code, f"{place}.grade") from None
        dimension = str(step.get("dimension") or (spec.get("dimension") or "" if grade == Grade.L2 else ""))
        when = self.condition(step.get("when", "true"), code, f"{place}.when")
        return Step(when, grade, dimension, str(step.get("reason") or ""))


def _whole(value: object, code: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1_000_000:
        raise RulebookError("A priority is a whole number up to a million.", code, "priority")
    return value
