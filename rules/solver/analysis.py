"""Rules under the solver: pairs on opposite sides of the relevant line, and steps that nothing reaches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from relevance.grades import RELEVANT
from rules.engine import Reader, Rule, Rulebook
from rules.language import Language
from rules.lint import Entry
from rules.lint.witness import witness
from rules.solver.search import Answer, Decided, search
from rules.solver.terms import Translator

PAIR_MILLISECONDS = 400
STEP_MILLISECONDS = 400
Told = Callable[[int, int], None]


@dataclass(frozen=True)
class PairAnswer:
    """Whether two rules can stand on opposite sides of one pair. The witness is confirmed by the evaluator."""

    left: str
    right: str
    decided: Decided
    query: dict[str, Any] | None = None
    item: dict[str, Any] | None = None


@dataclass(frozen=True)
class StepAnswer:
    """Whether a step of a ladder (from 1) can decide at all."""

    code: str
    step: int
    decided: Decided


@dataclass(frozen=True)
class Study:
    """Rules to look at, over one language and the field types of a corpus ({"item.price": "double"})."""

    rules: Sequence[Rule]
    language: Language
    types: Mapping[str, str]

    def translator(self) -> Translator:
        return Translator(self.language.functions, self.types)


def open_pairs(rules: Sequence[Rule]) -> Iterator[tuple[Rule, Rule]]:
    """Pairs with grades on both sides of the relevant line and neither priority nor exception between them."""
    for at, left in enumerate(rules):
        for right in rules[at + 1 :]:
            if (
                left.priority != right.priority
                or left.code in right.yields_to
                or right.code in left.yields_to
            ):
                continue
            if any((a.grade in RELEVANT) != (b.grade in RELEVANT) for a in left.ladder for b in right.ladder):
                yield left, right


def study_pairs(
    study: Study,
    told: Told = lambda done, total: None,
    milliseconds: int = PAIR_MILLISECONDS,
    met: Mapping[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] | None = None,
    known: Mapping[tuple[str, str], PairAnswer] | None = None,
) -> list[PairAnswer]:
    """An answer for every open pair; `told` hears how far it has come. `met` holds witnesses that are known, `known` the
    answers of an earlier study of the very same rules: of those two rules the solver is not asked.
    """
    pairs = list(open_pairs(study.rules))
    found = []
    for done, (left, right) in enumerate(pairs):
        told(done, len(pairs))
        if known and (left.code, right.code) in known:
            found.append(known[left.code, right.code])
            continue
        seen = (met or {}).get((left.code, right.code))
        answer = Answer(Decided.POSSIBLE, *seen) if seen else _pair(study, left, right, milliseconds)
        found.append(PairAnswer(left.code, right.code, answer.decided, answer.query, answer.item))
    return found


def _pair(study: Study, left: Rule, right: Rule, milliseconds: int) -> Answer:
    """The rules' own examples, laid over one another, often are a witness already, and a likelier one."""
    found = witness(Entry(left), Entry(right), Reader(study.language))
    if found is not None:
        return Answer(Decided.POSSIBLE, found["query"], found["item"])
    translator = study.translator()
    a, b = _sides(translator, left), _sides(translator, right)
    asked = z3.Or(z3.And(a[True], b[False]), z3.And(a[False], b[True]))
    both = Rulebook([left, right], study.language)
    return search(
        translator, asked, lambda query, item: both.evaluate(query, item, trace=False).conflict, milliseconds
    )


def _sides(translator: Translator, rule: Rule) -> dict[bool, z3.BoolRef]:
    """{relevant?: that the rule fires with such a grade}."""
    scope = translator.truth(rule.scope.tree).true
    before: list[z3.BoolRef] = []
    found: dict[bool, list[z3.BoolRef]] = {True: [], False: []}
    for step in rule.ladder:
        now = translator.truth(step.when.tree).true
        found[step.grade in RELEVANT].append(z3.And(scope, now, *(z3.Not(x) for x in before)))
        before.append(now)
    return {side: z3.Or(*terms) for side, terms in found.items()}


def study_steps(
    study: Study,
    told: Told = lambda done, total: None,
    milliseconds: int = STEP_MILLISECONDS,
    reached: frozenset[tuple[str, int]] = frozenset(),
) -> list[StepAnswer]:
    """Steps that can never decide (`impossible`) or of which that was not decided; the rest are left out.

    `reached` holds (code, step) of those that decide on a real pair: of them nothing is asked.
    """
    found = []
    for done, rule in enumerate(study.rules):
        told(done, len(study.rules))
        seen = _by_example(study, rule)
        for number in range(1, len(rule.ladder) + 1):
            if number in seen or (rule.code, number) in reached:
                continue
            decided = _step(study, rule, number, milliseconds)
            if decided != Decided.POSSIBLE:
                found.append(StepAnswer(rule.code, number, decided))
    return found


def _by_example(study: Study, rule: Rule) -> set[int]:
    """Steps that decide one of the rule's own examples."""
    alone = Rulebook([rule], study.language)
    sides = [(e.get("query") or {}, e.get("item") or {}) for e in rule.examples]
    return {f.step for query, item in sides for f in alone.evaluate(query, item, trace=False).firings}


def _step(study: Study, rule: Rule, number: int, milliseconds: int) -> Decided:
    translator = study.translator()
    terms = [translator.truth(step.when.tree).true for step in rule.ladder[:number]]
    asked = z3.And(translator.truth(rule.scope.tree).true, terms[-1], *(z3.Not(term) for term in terms[:-1]))
    alone = Rulebook([rule], study.language)

    def reached(query: dict[str, Any], item: dict[str, Any]) -> bool:
        firings = alone.evaluate(query, item, trace=False).firings
        return bool(firings) and firings[0].step == number

    return search(translator, asked, reached, milliseconds).decided
