"""Places inside a condition's text, and small changes made there."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rules.language import Condition
from rules.language import nodes as n

if TYPE_CHECKING:
    from rules.lint.book import Entry

_NUMBER = re.compile(r"-?(?:0x[0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)")
_SPELT = re.compile(r"[\w.%]+|[rR]?(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')")
_TEXT = re.compile(r"[rR]?(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')")


def conditions(entry: "Entry") -> Iterator[tuple[str, Condition]]:
    """(place, condition) of the scope and of every step."""
    if entry.rule.spec.get("scope"):
        yield "scope", entry.rule.scope
    for number, step in enumerate(entry.rule.ladder, 1):
        yield f"ladder.{number}.when", step.when


def offset(source: str, place: n.Place) -> int:
    """Where a node starts, counted from 0."""
    lines = source.split("\n")
    return sum(len(line) + 1 for line in lines[: place.line - 1]) + place.column - 1


def spelt(source: str, line: int, column: int) -> str:
    """The word, number or text in quotes that begins at a place; one character where none does."""
    at = offset(source, n.Place(line, column))
    found = _SPELT.match(source, at)
    return found[0] if found else source[at : at + 1]


def with_number(source: str, literal: n.Literal, number: float) -> str | None:
    """`source` with another number where `literal` stands, written in the same type; None where it is not found."""
    at = offset(source, literal.place)
    found = _NUMBER.match(source, at)
    if found is None:
        return None
    if type(literal.value) is int and number == int(number):
        text = str(int(number))
    else:
        text = repr(float(number))
    return source[:at] + text + source[found.end() :]


def with_text(source: str, literal: n.Literal, text: str) -> str | None:
    """`source` with another text in place of a literal one."""
    at = offset(source, literal.place)
    found = _TEXT.match(source, at)
    return None if found is None else source[:at] + n.literal_text(text) + source[found.end() :]


def with_operator(source: str, literal: n.Literal, old: str, new: str) -> str | None:
    """`source` with another comparison in front of a literal number."""
    at = offset(source, literal.place)
    head = source[:at].rstrip()
    if not head.endswith(old) or (len(old) == 1 and head[-2:-1] in "<>="):
        return None
    return head[: -len(old)] + new + source[len(head) :]


def with_field(source: str, field: n.Field, name: str) -> str | None:
    """`source` with another field where `field` stands (every place where it stands is the caller's to ask for)."""
    at = offset(source, field.place)
    old = field.source
    return source[:at] + name + source[at + len(old) :] if source.startswith(old, at) else None


def plain(number: float) -> str:
    """A number without a needless fraction."""
    return str(int(number)) if number == int(number) else f"{number:g}"
