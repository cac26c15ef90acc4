"""From a question to a witness: the solver proposes, the real functions teach it, the evaluator has the last word."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

import z3

from rules.language import nodes as n
from rules.solver.terms import BOOL, LIST, NUMBER, TEXT, Applied, Translator

Fields = dict[str, Any]
Check = Callable[[Fields, Fields], bool]
LARGEST = 1e300  # past this a number of z3's may be none of ours
ROUNDS = 12  # lessons before a question is given up
_WORDS = ("alpha", "beta", "gamma")


class Decided(StrEnum):
    """`possible` comes with a witness that the evaluator has confirmed; `impossible` is a proof."""

    POSSIBLE = "possible"
    IMPOSSIBLE = "impossible"
    UNDECIDED = "not decided"


@dataclass(frozen=True)
class Answer:
    """An answer, with the fields of a confirmed witness where it is `possible`."""

    decided: Decided
    query: Fields | None = None
    item: Fields | None = None


def search(translator: Translator, asked: z3.BoolRef, check: Check, milliseconds: int) -> Answer:
    """Whether some pair makes `asked` true; `check` says so of a concrete pair. Never takes much longer than asked."""
    until = time.monotonic() + milliseconds / 1000
    solver = z3.Solver()
    solver.add(*translator.axioms, asked)
    solver.set("timeout", max(1, milliseconds // 2))
    first = solver.check()
    if first == z3.unsat:
        return Answer(Decided.IMPOSSIBLE)
    hints = list(_hints(translator))
    for _ in range(ROUNDS):
        left = int((until - time.monotonic()) * 1000)
        if left <= 0:
            break
        solver.set("timeout", max(1, left // 2))
        if solver.check(*hints) != z3.sat:
            outcome = solver.check()
            if (
                outcome == z3.unsat
            ):  # what it was taught is true of the real functions, so this is a proof as well
                return Answer(Decided.IMPOSSIBLE)
            if outcome != z3.sat:
                break
        model = solver.model()
        for query, item in _candidates(translator, model):
            if check(query, item):
                return Answer(Decided.POSSIBLE, query, item)
        lessons = list(_lessons(translator, model))
        if not lessons:
            break
        solver.add(*lessons)
    return Answer(Decided.UNDECIDED)


def _hints(translator: Translator) -> Iterator[z3.BoolRef]:
    """What makes a witness readable and the real functions easy to foresee; a proof never rests on it."""
    words = [*sorted(translator.literals), *_WORDS]
    for field, value in translator.fields.items():
        yield from (z3.Not(value[kind][0]) for kind in (LIST, BOOL) if kind in value and len(value) > 1)
        if NUMBER in value:
            yield z3.Implies(value[NUMBER][0], value[NUMBER][1] >= 1)
        if TEXT not in value:
            continue
        known, term = value[TEXT]
        if field not in translator.spelt:
            yield z3.Implies(known, z3.Or(*(term == z3.StringVal(word) for word in words)))
    for applied in translator.applied.values():
        if applied.result == BOOL:
            yield applied.answers(*applied.arguments)


def _candidates(translator: Translator, model: z3.ModelRef) -> Iterator[tuple[Fields, Fields]]:
    """Pairs of fields that the model stands for: whole numbers as such or as decimals, lists filled in some ways."""
    for whole in (True, False):
        query, item = _fields(translator, model, whole=whole)
        _compose(translator, model, query, item)
        lists = [
            f for f, v in translator.fields.items() if LIST in v and z3.is_true(model.eval(v[LIST][0], True))
        ]
        if not lists:
            yield query, item
            continue
        title = str(item.get("title") or query.get("text") or "").split()
        for content in (["thing"], title[:3], []):
            for field in lists:
                (query if field.side == "query" else item)[field.name] = content
            yield dict(query), dict(item)


def _fields(translator: Translator, model: z3.ModelRef, *, whole: bool) -> tuple[Fields, Fields]:
    sides: dict[str, Fields] = {"query": {}, "item": {}}
    for field, value in translator.fields.items():
        for kind, (known, term) in value.items():
            if kind != LIST and z3.is_true(model.eval(known, model_completion=True)):
                declared = translator.types.get(f"{field.side}.{field.name}", "")
                decimal = declared == "double" or (declared != "int" and not whole)
                sides[field.side][field.name] = concrete(model, term, decimal=decimal)
    return sides["query"], sides["item"]


def _compose(translator: Translator, model: z3.ModelRef, query: Fields, item: Fields) -> None:
    """Write running texts anew, so that they mention what the model has them mention: here words are put together, where
    the solver would guess letters.
    """
    terms = {
        id(v[TEXT][1]): f for f, v in translator.fields.items() if TEXT in v and f in translator.searched
    }
    texts: dict[n.Field, list[str]] = {}
    for applied in translator.applied.values():
        name, first = applied.function.name(), terms.get(id(applied.arguments[0]))
        if first is None or name not in ("mentions", "mentions_kind", "word_overlap"):
            continue
        said = model.eval(applied.function(*applied.arguments), model_completion=True)
        target = terms.get(id(applied.arguments[1])) if name == "word_overlap" else first
        if target is None:
            continue
        words = texts.setdefault(target, [])
        if name != "word_overlap" and z3.is_true(said):
            words.append(str(concrete(model, applied.arguments[1])))
        elif name == "word_overlap" and z3.is_rational_value(said) and said.numerator_as_long() > 0:
            words.append(str((query if first.side == "query" else item).get(first.name, "")))
    for target, words in texts.items():
        side = query if target.side == "query" else item
        if target.name in side and words:
            side[target.name] = " ".join(dict.fromkeys(words))


def concrete(model: z3.ModelRef, term: Any, *, decimal: bool = False) -> Any:
    """A term's value in a model, as the language has it."""
    found = model.eval(term, model_completion=True)
    if z3.is_string_value(found):
        return "".join(chr(code) for code in _codes(found))
    if z3.is_true(found) or z3.is_false(found):
        return z3.is_true(found)
    if z3.is_algebraic_value(found):
        found = found.approx(12)
    if not z3.is_rational_value(found):
        return None
    number = Fraction(found.numerator_as_long(), found.denominator_as_long())
    if number.denominator == 1 and not decimal:
        return int(number)
    return float(number) if abs(number) <= LARGEST else None


def _codes(found: Any) -> list[int]:
    """Code points of a string value; z3 writes those past ASCII as \\u{...}."""
    codes, text, at = [], found.as_string(), 0
    while at < len(text):
        end = text.find("}", at) if text.startswith("\\u{", at) else -1
        if end > 0:
            codes.append(int(text[at + 3 : end], 16))
            at = end + 1
        else:
            codes.append(ord(text[at]))
            at += 1
    return [code for code in codes if not 0xD800 <= code < 0xE000]


def _lessons(translator: Translator, model: z3.ModelRef) -> Iterator[z3.BoolRef]:
    """What the real functions answer for the arguments that the model has them asked, where the model has it wrong."""
    for applied in translator.applied.values():
        lesson = _lesson(applied, model)
        if lesson is not None and not z3.is_true(model.eval(lesson, model_completion=True)):
            yield lesson


def _lesson(applied: Applied, model: z3.ModelRef) -> z3.BoolRef | None:
    values = [concrete(model, term, decimal=True) for term in applied.arguments]
    if any(value is None for value in values):
        return None
    terms = [model.eval(term, model_completion=True) for term in applied.arguments]
    answer = applied.body(*values)
    if answer is None:
        told: z3.BoolRef = z3.Not(applied.answers(*terms))
        return told
    result = {
        TEXT: lambda: z3.StringVal(answer), NUMBER: lambda: z3.RealVal(str(Fraction(answer))),
        BOOL: lambda: z3.BoolVal(bool(answer)),
    }[applied.result]()  # fmt: skip
    both: z3.BoolRef = z3.And(applied.answers(*terms), applied.function(*terms) == result)
    return both
