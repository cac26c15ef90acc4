"""Fields and values that no query or item carries, tables and families that there are not: in conditions, in reasons, and
named in the principle.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rules.engine import fields_of
from rules.language import Condition
from rules.language import nodes as n
from rules.language.facts import field_name, walk
from rules.lint import tables
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity
from rules.lint.places import conditions, with_field, with_text
from rules.lint.vocabulary import PROSE, Vocabulary

if TYPE_CHECKING:
    from rules.lint.book import Entry

_NAMED = re.compile(r"`((?:query|item)\.\w+)`")
_QUOTED = re.compile(r"“([^”\n]{1,60})”|\"([^\"\n]{1,60})\"")
_COMPARED = ("==", "!=", "in")
_LOOKED_THROUGH = 20_000


def findings(entry: "Entry", vocabulary: Vocabulary) -> list[Finding]:
    """Where no corpus is at hand, tables alone are looked up."""
    found = condition_findings(entry.code, conditions(entry), vocabulary)
    if not vocabulary.fields:
        return found
    return [*found, *_reasons(entry, vocabulary), *_prose(entry, vocabulary)]


def condition_findings(
    code: str, asked: Iterable[tuple[str, Condition]], vocabulary: Vocabulary
) -> list[Finding]:
    """Of the conditions (place, condition) of one rule; each name once a rule, where it stands first."""
    told: set[object] = set()
    found: list[Finding] = []
    for place, condition in asked:
        if vocabulary.fields:
            found += _condition(code, place, condition, vocabulary, told)
        found += tables.findings(code, place, condition)
    return found


def _condition(
    code: str, place: str, condition: Condition, vocabulary: Vocabulary, told: set[object]
) -> Iterator[Finding]:
    for node in walk(condition.tree):
        if isinstance(node, n.Field) and node not in told and field_name(node) not in vocabulary.fields:
            told.add(node)
            yield _field(code, place, condition.source, node, vocabulary)
        for field, literal, folded in _values(node):
            key = (field, literal)
            if key in told or field_name(field) not in vocabulary.fields:
                continue
            told.add(key)
            yield from _value(code, place, condition.source, (field, literal, folded), vocabulary)


def _near(field: str, vocabulary: Vocabulary) -> list[str]:
    """The field of the same side that is spelt most like one: `item.` is no part of the spelling."""
    side, _, name = field.partition(".")
    known = {
        other.removeprefix(f"{side}."): other for other in vocabulary.fields if other.startswith(f"{side}.")
    }
    return [known[found] for found in difflib.get_close_matches(name, known, 1, 0.75)]


def _field(code: str, place: str, source: str, node: n.Field, vocabulary: Vocabulary) -> Finding:
    name = field_name(node)
    near = _near(name, vocabulary)
    mended = with_field(source, node, near[0]) if near else None
    side = "query" if node.side == "query" else "item"
    return Finding(
        Kind.UNKNOWN, Severity.WARNING, code, place,
        f"No {side} of this corpus carries {name}: whatever is asked of it stays unknown.",
        f"Did you mean {near[0]}?" if near else "Choose a field that is carried, or leave the rule for later.",
        line=node.place.line, column=node.place.column,
        fixes=(Fix(f"Write {near[0]}", (Edit(place, mended),)),) if mended is not None else (),
    )  # fmt: skip


def _values(node: n.Node) -> Iterator[tuple[n.Field, n.Literal, bool]]:
    """(field, literal, whether case is set aside) of literal texts that a field itself is compared with."""
    if not isinstance(node, n.Binary) or node.op not in _COMPARED:
        return
    for side, other in ((node.left, node.right), (node.right, node.left)):
        folded = isinstance(side, n.Call) and side.name == "lower"
        field = side.args[0] if isinstance(side, n.Call) and folded else side
        if isinstance(field, n.Field):
            for x in other.items if isinstance(other, n.ListOf) else (other,):
                if isinstance(x, n.Literal) and isinstance(x.value, str):
                    yield field, x, folded


def _value(
    code: str, place: str, source: str, told: tuple[n.Field, n.Literal, bool], vocabulary: Vocabulary
) -> Iterator[Finding]:
    field, literal, folded = told
    name, text = field_name(field), str(literal.value)
    carried = vocabulary.values(name) if name not in PROSE else frozenset()
    if not carried or text in carried or text in vocabulary.expected(name):
        return
    if folded:
        carried = frozenset(value.casefold() for value in carried)
        if text in carried or text in {value.casefold() for value in vocabulary.expected(name)}:
            return
    near = _nearest(text, carried)
    mended = with_text(source, literal, near) if near else None
    yield Finding(
        Kind.UNKNOWN, Severity.WARNING, code, place,
        f"No {field.side} of this corpus carries “{text}” in {name}.",
        f"Did you mean “{near}”?" if near else "Choose a value that is carried, or take it out.",
        line=literal.place.line, column=literal.place.column,
        fixes=(Fix(f"Write “{near}”", (Edit(place, mended),)),) if mended is not None else (),
    )  # fmt: skip


def _nearest(text: str, carried: frozenset[str]) -> str:
    """The carried value that differs in case alone, else the nearest one, or an empty text."""
    folded = text.casefold()
    same = sorted(value for value in carried if value.casefold() == folded)
    if same:
        return same[0]
    found = difflib.get_close_matches(text, sorted(carried)[:_LOOKED_THROUGH], 1, 0.75)
    return found[0] if found else ""


def _reasons(entry: "Entry", vocabulary: Vocabulary) -> Iterator[Finding]:
    asked = frozenset[str]().union(*(condition.facts.fields for _, condition in conditions(entry)))
    for number, step in enumerate(entry.rule.ladder, 1):
        for name in sorted(fields_of(step.reason) - vocabulary.fields - asked):
            near = _near(name, vocabulary)
            place = f"ladder.{number}.reason"
            mended = step.reason.replace("{" + name + "}", "{" + near[0] + "}") if near else ""
            yield Finding(
                Kind.UNKNOWN, Severity.WARNING, entry.code, place,
                f"The reason of step {number} shows {name}, which nothing carries: it will read “unknown”.",
                f"Did you mean {near[0]}?" if near else "Leave the field out of the reason.",
                fixes=(Fix(f"Write {near[0]}", (Edit(place, mended),)),) if near else (),
            )  # fmt: skip


def _prose(entry: "Entry", vocabulary: Vocabulary) -> Iterator[Finding]:
    principle = str(entry.rule.spec.get("principle") or "")
    for match in _NAMED.finditer(principle):
        if match[1] not in vocabulary.fields:
            near = _near(match[1], vocabulary)
            mended = principle[: match.start(1)] + near[0] + principle[match.end(1) :] if near else ""
            yield Finding(
                Kind.UNKNOWN, Severity.WARNING, entry.code, "principle",
                f"The principle names {match[1]}, which nothing carries.",
                f"Did you mean {near[0]}?" if near else "Name a field that is carried.",
                start=match.start(1), end=match.end(1),
                fixes=(Fix(f"Write {near[0]}", (Edit("principle", mended),)),) if near else (),
            )  # fmt: skip
    yield from _quoted(entry, principle, vocabulary)


def _quoted(entry: "Entry", principle: str, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Values in quotes, where the rule's conditions compare with values: one that neither they nor the corpus know."""
    trees = [condition.tree for _, condition in conditions(entry)]
    compared = {field_name(f) for tree in trees for node in walk(tree) for f, *_ in _values(node)} - PROSE
    texts = [
        str(x.value).strip().casefold() for tree in trees for x in walk(tree) if isinstance(x, n.Literal)
    ]
    if not compared:
        return
    known = {value.casefold() for name in compared for value in vocabulary.values(name)}
    for match in _QUOTED.finditer(principle):
        text = (match[1] or match[2]).strip().casefold()
        if text in known or any(text in other or (other and other in text) for other in texts):
            continue
        yield Finding(
            Kind.UNKNOWN, Severity.WARNING, entry.code, "principle",
            f"The principle speaks of {match[0]}; no condition of the rule names it, and nothing carries it in "
            f"{' or '.join(sorted(compared))}.",
            "Write the value that is meant in both places.",
            start=match.start(), end=match.end(),
        )  # fmt: skip
