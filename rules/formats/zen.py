"""Expressions of GoRules ZEN, said in the rule language: a cell of a decision table, or a condition of its own.

In a cell the column's field stands unsaid before the text: `> 5`, `"US", "IE"`, `[500..1_000)`, or as `$` within it.
Everything is read token by token and written anew; what has no counterpart is refused with its name.
"""

import json
import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d[\d_]*(?:\.\d+)?)(?P<dots>\.\.)?"
    r"|(?P<text>\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')"
    r"|(?P<name>[A-Za-z_$][\w$]*(?:\.[A-Za-z_]\w*)*)"
    r"|(?P<mark>\.\.|==|!=|<=|>=|&&|\|\||[-+*/%<>!?:,()\[\]]))"
)
_COMPARED = ("==", "!=", "<", "<=", ">", ">=")
_RECEIVED = {"contains": "contains", "startsWith": "startsWith", "endsWith": "endsWith", "matches": "matches"}
_CALLED = {"len": "size", "lower": "lower", "abs": "abs", "number": "number"}
DEEPEST = 40
LONGEST = 4_000


class NotCarried(Exception):
    """An expression that has no counterpart in the rule language."""


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


def _tokens(source: str) -> list[_Token]:
    if len(source) > LONGEST:
        raise NotCarried(f"The expression is longer than {LONGEST} characters.")
    found: list[_Token] = []
    at = 0
    while source[at:].strip():
        match = _TOKEN.match(source, at)
        if match is None:
            raise NotCarried(f"{source[at:].strip()[:20]!r} cannot be read.")
        at = match.end()
        kind = "number" if match["number"] else str(match.lastgroup)
        found.append(_Token(kind, match[kind]))
        if match["number"] and match["dots"]:
            found.append(_Token("mark", ".."))
    return found


def cell_condition(cell: str, field: str) -> str:
    """The condition that a cell under a column of `field` (in the rule language) makes. Raises NotCarried."""
    reader = _Reader(_tokens(cell), field)
    said = [reader.unary()]
    while reader.take(","):
        said.append(reader.unary())
    reader.done()
    return said[0] if len(said) == 1 else " || ".join(f"({part})" for part in said)


def expression(source: str) -> str:
    """A whole expression in the rule language. Raises NotCarried."""
    reader = _Reader(_tokens(source), "")
    said = reader.choice(0)
    reader.done()
    return said


def literal(source: str) -> str | float | bool | None:
    """The value of an output cell, which has to be written out. Raises NotCarried."""
    tokens = _tokens(source)
    if not tokens:
        return None
    sign = -1 if tokens[0].text == "-" and len(tokens) == 2 else 1
    token = tokens[-1]
    if len(tokens) > (1 if sign == 1 else 2):
        raise NotCarried(f"{source[:40]!r} is computed, not written out.")
    if token.kind == "number":
        return sign * float(token.text.replace("_", ""))
    if token.kind == "text":
        return _plain(token.text)
    if token.text in ("true", "false"):
        return token.text == "true"
    if token.text == "null":
        return None
    raise NotCarried(f"{source[:40]!r} is computed, not written out.")


def _plain(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), quoted[1:-1])


class _Reader:
    """Reads tokens from left to right and writes the rule language; `field` is what a cell leaves unsaid."""

    def __init__(self, tokens: list[_Token], field: str) -> None:
        self.tokens = tokens
        self.field = field
        self.at = 0

    def peek(self) -> _Token:
        return self.tokens[self.at] if self.at < len(self.tokens) else _Token("end", "")

    def take(self, *texts: str) -> str:
        token = self.peek()
        if token.kind in ("mark", "name") and token.text in texts:
            self.at += 1
            return token.text
        return ""

    def need(self, text: str) -> None:
        if not self.take(text):
            raise NotCarried(f"{text!r} was expected before {self.peek().text or 'the end'!r}.")

    def done(self) -> None:
        if self.peek().kind != "end":
            raise NotCarried(f"{self.peek().text!r} has no place there.")

    # ---- a cell: the field stands before it

    def unary(self) -> str:
        """`> 5`, `[1..5)`, `in ["a"]`, `"a"`, a whole expression over $, joined by and / or."""
        said = self.one()
        while joined := self.take("and", "&&", "or", "||"):
            said = f"{said} {'&&' if joined in ('and', '&&') else '||'} {self.one()}"
        return f"({said})" if " || " in said and " && " in said else said

    def one(self) -> str:
        if compared := self.take(*_COMPARED):
            return f"{self.field} {compared} {self.sum(1)}"
        if self.take("not"):
            if self.take("in"):
                return f"!({self.inside(self.field, 1)})"
            return f"!({self.one()})"
        if self.take("in"):
            return self.inside(self.field, 1)
        if self.interval_ahead():
            return self.interval(self.field)
        whole = any(token.text == "$" or token.text.startswith("$.") for token in self.tokens)
        said = self.comparison(1)
        return said if whole or self.compares(said) else f"{self.field} == {said}"

    def compares(self, said: str) -> bool:
        return any(f" {mark} " in said for mark in (*_COMPARED, "in")) or said.startswith("!")

    # ---- an expression

    def choice(self, depth: int) -> str:
        said = self.either(depth)
        if not self.take("?"):
            return said
        yes = self.choice(depth + 1)
        self.need(":")
        return f"({said} ? {yes} : {self.choice(depth + 1)})"

    def either(self, depth: int) -> str:
        parts = [self.both(depth)]
        while self.take("or", "||"):
            parts.append(self.both(depth))
        return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"

    def both(self, depth: int) -> str:
        parts = [self.comparison(depth)]
        while self.take("and", "&&"):
            parts.append(self.comparison(depth))
        return " && ".join(parts)

    def comparison(self, depth: int) -> str:
        if depth > DEEPEST:
            raise NotCarried("The expression is too deep.")
        if self.take("not", "!"):
            return f"!({self.comparison(depth + 1)})"
        left = self.sum(depth)
        if compared := self.take(*_COMPARED):
            return f"{left} {compared} {self.sum(depth)}"
        if self.take("in"):
            return self.inside(left, depth)
        if self.take("not"):
            self.need("in")
            return f"!({self.inside(left, depth)})"
        return left

    def inside(self, left: str, depth: int) -> str:
        return self.interval(left) if self.interval_ahead() else f"{left} in {self.sum(depth)}"

    def interval_ahead(self) -> bool:
        """`[1..5)`, with either kind of bracket."""
        ahead = self.tokens[self.at : self.at + 6]
        return bool(ahead) and ahead[0].text in ("[", "(", "]") and any(t.text == ".." for t in ahead[:4])

    def interval(self, left: str) -> str:
        opens = self.peek().text
        self.at += 1
        low = self.sum(1)
        self.need("..")
        high = self.sum(1)
        closes = self.peek().text
        if closes not in ("]", ")", "["):
            raise NotCarried("The interval does not end.")
        self.at += 1
        return f"({left} {'>=' if opens == '[' else '>'} {low} && {left} {'<=' if closes == ']' else '<'} {high})"

    def sum(self, depth: int) -> str:
        said = self.value(depth)
        while mark := self.take("+", "-", "*", "/", "%"):
            said = f"{said} {mark} {self.value(depth)}"
        return said

    def value(self, depth: int) -> str:
        token = self.peek()
        if depth > DEEPEST:
            raise NotCarried("The expression is too deep.")
        if self.take("("):
            said = self.choice(depth + 1)
            self.need(")")
            return f"({said})"
        if self.take("["):
            return self.list(depth + 1)
        if self.take("-"):
            return f"-{self.value(depth + 1)}"
        if token.kind in ("number", "text", "name"):
            self.at += 1
            return self.call(token.text, depth) if token.kind == "name" else _written(token)
        raise NotCarried(f"{token.text or 'The end'!r} has no place there.")

    def list(self, depth: int) -> str:
        parts: list[str] = []
        while not self.take("]"):
            parts.append(self.sum(depth))
            if not self.take(","):
                self.need("]")
                break
        return f"[{', '.join(parts)}]"

    def call(self, name: str, depth: int) -> str:
        if not self.take("("):
            return self.named(name)
        arguments: list[str] = []
        while not self.take(")"):
            arguments.append(self.choice(depth + 1))
            if not self.take(","):
                self.need(")")
                break
        if name in _RECEIVED and len(arguments) == 2:
            return f"{arguments[0]}.{_RECEIVED[name]}({arguments[1]})"
        if name in _CALLED and len(arguments) == 1:
            return f"{_CALLED[name]}({arguments[0]})"
        raise NotCarried(f"The function {name} has no counterpart.")

    def named(self, name: str) -> str:
        if name in ("true", "false"):
            return name
        if name == "null":
            raise NotCarried("null has no counterpart: a missing field is asked for by has(...).")
        if name == "$" and self.field:
            return self.field
        if name.startswith(("query.", "item.")) and name.count(".") == 1:
            return name
        raise NotCarried(f"The field {name} is neither query.<name> nor item.<name>.")


def _written(token: _Token) -> str:
    if token.kind == "number":
        return token.text.replace("_", "")
    return json.dumps(_plain(token.text), ensure_ascii=False)
