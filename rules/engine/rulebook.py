"""A compiled rulebook: one pair with its trace, or a corpus at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from relevance.grades import Grade
from rules.engine.prefilter import Prefilter, residual
from rules.engine.resolution import ABSTAIN, Firing, Resolution, effective_yields, resolve
from rules.engine.rule import MAX_RULES, Reader, Rule, RulebookError
from rules.engine.table import Fired, PairVerdicts, Rows, evaluate_pairs
from rules.engine.templates import render
from rules.language import Language, Schema, Trace, clean_fields
from rules.language.closures import Closure, Compiler
from rules.language.nodes import Literal

_Run = tuple[Rule, Closure | None, tuple[tuple[int, Closure], ...]]


def _run_of(rule: Rule) -> _Run:
    """A rule as it is run behind the prefilter; a scope that always holds there is left out."""
    left = residual(rule)
    scope = (
        rule.scope.run if left == rule.scope.tree else Compiler(rule.scope.language.functions).compile(left)
    )
    return (
        rule,
        None if left == Literal(True) else scope,
        tuple((at, s.when.run) for at, s in enumerate(rule.ladder)),
    )


@dataclass(frozen=True)
class Missed:
    """Why a rule did not fire on a pair: its scope did not hold, or no step did."""

    code: str
    scope: Trace
    steps: tuple[Trace, ...]


class Rulebook:
    """Rules in order, compiled over one release's tables.

    Made by `compile_rulebook`; never changed afterwards.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        language: Language,
        *,
        tables: Mapping[str, Any] | None = None,
        definitions: Mapping[str, str] | None = None,
        dimensions: Sequence[str] = (),
    ) -> None:
        self.rules = tuple(rules)
        self.language = language
        self.tables = dict(tables or {})
        self.definitions = dict(definitions or {})
        self.dimensions = tuple(dimensions)
        self.by_code = {rule.code: rule for rule in self.rules}
        self.priorities = {rule.code: rule.priority for rule in self.rules}
        self.yields = effective_yields({rule.code: rule.yields_to for rule in self.rules})
        self._prefilter = Prefilter(self.rules, map(_run_of, self.rules))

    def evaluate(
        self, query: Mapping[str, Any], item: Mapping[str, Any], *, trace: bool = True
    ) -> Resolution:
        """The verdict for one pair of fields (names without `query.` and `item.`);

        Unknown conditions do not fire.
        """
        q, i = clean_fields(query), clean_fields(item)
        fired = self.fired(q, i)
        if not fired:
            return ABSTAIN
        firings = [self._firing(rule, step, q, i, trace) for rule, step in fired]
        return resolve(firings, self.priorities, self.yields)

    def fired(self, query: Mapping[str, Any], item: Mapping[str, Any]) -> list[tuple[Rule, int]]:
        """(rule, index of its step) of each rule that fires on fields already clean, in rulebook order."""
        found = []
        for rule, scope, ladder in self._prefilter.candidates(query, item):
            if scope is not None and scope(query, item) is not True:
                continue
            for at, when in ladder:
                if when(query, item) is True:
                    found.append((rule, at))
                    break
        return found

    def explain(self, code: str, query: Mapping[str, Any], item: Mapping[str, Any]) -> Missed:
        """Scope and steps of one rule on a pair, each with its trace, whether it fires or not."""
        rule, q, i = self.by_code[code], clean_fields(query), clean_fields(item)
        tracer = self.language.tracer
        steps = tuple(tracer.trace(step.when.tree, q, i) for step in rule.ladder)
        return Missed(code, tracer.trace(rule.scope.tree, q, i), steps)

    def evaluate_table(
        self,
        queries: pa.Table,
        items: pa.Table,
        pairs: tuple[Rows, Rows],
        known: Mapping[str, Fired] | None = None,
        folder: Path | None = None,
        tick: Callable[[int], None] | None = None,
    ) -> PairVerdicts:
        """The verdicts for pairs of rows (query_rows, item_rows), each (pairs,), over Arrow tables of fields.

        Columns are named as fields without their side. Agrees with `evaluate` pair by pair. `known` holds, by
        code, the `fired` of an earlier run over the same pairs for rules that have not changed since: they are
        resolved anew and not asked again. `folder` belongs to these very tables: what is split of their texts is
        kept there. `tick` is told how many pairs are done.
        """
        return evaluate_pairs(
            self.rules, self.yields, self.language, queries, items, pairs, dict(known or {}), folder, tick
        )

    def _firing(self, rule: Rule, at: int, q: Mapping[str, Any], i: Mapping[str, Any], trace: bool) -> Firing:
        step = rule.ladder[at]
        why = self.language.tracer.trace(step.when.tree, q, i) if trace else None
        return Firing(rule.code, at + 1, step.grade, step.dimension, render(step.reason, q, i), why)


def compile_rulebook(
    rules: Sequence[Mapping[str, Any]],
    tables: Mapping[str, Any] | None = None,
    definitions: Mapping[str, str] | None = None,
    *,
    dimensions: Sequence[str] = (),
    schema: Schema | None = None,
) -> Rulebook:
    """A rulebook from rules in JSON form and synonym tables {name:

    {family: [words]}}. Raises RulebookError.
    """
    if len(rules) > MAX_RULES:
        raise RulebookError(f"A rulebook holds at most {MAX_RULES} rules.")
    language = Language.with_tables(tables)
    reader = Reader(language, schema)
    compiled: list[Rule] = []
    seen: set[str] = set()
    for spec in rules:
        rule = reader.rule(spec)
        if rule.code in seen:
            raise RulebookError("Two rules have this code.", rule.code, "code")
        seen.add(rule.code)
        compiled.append(rule)
    return Rulebook(compiled, language, tables=tables, definitions=definitions, dimensions=dimensions)


@dataclass(frozen=True)
class ExampleResult:
    """An example of a rule run against its rule alone; `found` is None where the rule did not fire."""

    code: str
    number: int
    passed: bool
    expected: str
    found: Grade | None
    dimension: str
    message: str


def run_examples(rulebook: Rulebook) -> list[ExampleResult]:
    """Every example of every rule, run as a test: grade null means that the rule must not fire."""
    results = []
    for rule in rulebook.rules:
        alone = Rulebook([rule], rulebook.language)
        for number, example in enumerate(rule.examples, 1):
            results.append(_run_example(alone, rule, number, example))
    return results


def _run_example(alone: Rulebook, rule: Rule, number: int, example: Mapping[str, Any]) -> ExampleResult:
    verdict = alone.evaluate(example.get("query") or {}, example.get("item") or {}, trace=False)
    expected = str(example.get("grade") or "")
    wanted = str(example.get("dimension") or "")
    found = verdict.grade.name if verdict.grade else ""
    passed = found == expected and (not wanted or verdict.dimension == wanted)
    message = (
        ""
        if passed
        else f"expected {expected or 'no firing'} {wanted}".rstrip()
        + (f", found {found or 'no firing'} {verdict.dimension}".rstrip())
    )
    return ExampleResult(rule.code, number, passed, expected, verdict.grade, verdict.dimension, message)
