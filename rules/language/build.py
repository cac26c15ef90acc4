"""The grammar's reductions, each turned into one node. Depth and number of nodes are bounded here."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from lark import Token

from rules.language import limits
from rules.language import nodes as n
from rules.language.errors import RuleSyntaxError

Child = Any  # lark hands over tokens, nodes, and the tuples that a shorter reduction returned

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    '"': '"', "'": "'", "\\": "\\", "`": "`", "?": "?",
}  # fmt: skip
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[xX][0-9a-fA-F]{2}|[0-3][0-7]{2}|.)", re.S)
_SIDES = ("query", "item")
_MACROS = ("exists", "all")


def refuse(at: n.Node | Token | n.Place, message: str, hint: str = "") -> RuleSyntaxError:
    """An error at a node, a token or a place."""
    if isinstance(at, n.Node):
        at = at.place
    return RuleSyntaxError(message, at.line or 1, at.column or 1, hint)


def _place(first: n.Node | Token, children: Iterable[n.Node]) -> n.Place:
    start = first.place if isinstance(first, n.Node) else first
    deepest = max((c.place.depth for c in children), default=0)
    if deepest >= limits.MAX_DEPTH:
        raise refuse(
            first, f"The condition is nested more than {limits.MAX_DEPTH} deep.", "Split it into steps."
        )
    return n.Place(start.line or 1, start.column or 1, deepest + 1)


def unescape(text: str, at: Token) -> str:
    """The characters that a quoted text stands for."""

    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code in _SIMPLE:
            return _SIMPLE[code]
        if len(code) == 1:
            raise refuse(
                at, f"\\{code} is not an escape.", 'Write \\\\ for a backslash, or r"..." for a pattern.'
            )
        number = int(code, 8) if code.isdigit() and len(code) == 3 else int(code[1:], 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise refuse(at, f"\\{code} is not a character.")
        return chr(number)

    return _ESCAPE.sub(one, text)


class Build:
    """One method per rule of the grammar; a rule without a method of interest passes its only child on."""

    def expr(self, c: Sequence[Child]) -> n.Node:
        if len(c) == 1:
            return _closed(c[0])
        parts = [_closed(x) for x in c[::2]]
        return n.Choice(*parts, place=_place(c[0], parts))

    def _chain(self, op: str, c: Sequence[Child]) -> n.Node:
        if len(c) == 1:
            return c[0]  # type: ignore[no-any-return]
        # The grammar nests to the left, so a growing chain comes back as the first child; one in brackets is
        # closed.
        left, right = c[0], _closed(c[2])
        parts = left.parts if isinstance(left, _Open) and left.op == op else (_closed(left),)
        return _Open(op, (*parts, right), place=_place(parts[0], (*parts, right)))

    def conditionalor(self, c: Sequence[Child]) -> n.Node:
        return self._chain("||", c)

    def conditionaland(self, c: Sequence[Child]) -> n.Node:
        return self._chain("&&", c)

    def _operator(self, c: Sequence[Child]) -> tuple[n.Node, str]:
        return c[0], str(c[1])

    relation_lt = relation_le = relation_gt = relation_ge = relation_eq = relation_ne = relation_in = (
        _operator
    )
    addition_add = addition_sub = multiplication_mul = multiplication_div = multiplication_mod = _operator

    def _binary(self, c: Sequence[Child]) -> n.Node:
        if len(c) == 1:
            return c[0]  # type: ignore[no-any-return]
        (left, op), right = c
        return n.Binary(op, left, right, place=_place(left, (left, right)))

    relation = addition = multiplication = _binary

    def _sign(self, c: Sequence[Child]) -> Token:
        return c[0]  # type: ignore[no-any-return]

    unary_not = unary_neg = _sign

    def unary(self, c: Sequence[Child]) -> n.Node:
        if len(c) == 1:
            return c[0]  # type: ignore[no-any-return]
        return n.Unary(str(c[0]), c[1], place=_place(c[0], (c[1],)))

    def _same(self, c: Sequence[Child]) -> Child:
        return c[0]

    member = primary = _same

    def exprlist(self, c: Sequence[Child]) -> tuple[n.Node, ...]:
        return tuple(child for child in c if isinstance(child, n.Node))

    def paren_expr(self, c: Sequence[Child]) -> n.Node:
        return c[1]  # type: ignore[no-any-return]

    def ident(self, c: Sequence[Child]) -> n.Node:
        return n.Var(str(c[0]), place=_place(c[0], ()))

    def member_dot(self, c: Sequence[Child]) -> n.Node:
        owner, name = c[0], c[2]
        if isinstance(owner, n.Var) and owner.name in _SIDES:
            return n.Field(owner.name, str(name), place=owner.place)
        if isinstance(owner, n.Field):
            raise refuse(
                name, f"A field has no parts: .{name} cannot follow {owner.source}.", "Write item.name."
            )
        raise refuse(name, f".{name} cannot follow here.", "Fields are written query.name or item.name.")

    def member_index(self, c: Sequence[Child]) -> n.Node:
        owner, inner = c[0], c[2]
        if isinstance(owner, n.Var) and owner.name in _SIDES:
            if isinstance(inner, n.Literal) and isinstance(inner.value, str):
                return n.Field(owner.name, inner.value, place=owner.place)
            raise refuse(
                inner, f"{owner.name}[...] takes a field's name in quotes.", f'Write {owner.name}["name"].'
            )
        return n.Index(owner, inner, place=_place(owner, (owner, inner)))

    def ident_arg(self, c: Sequence[Child]) -> n.Node:
        name, args = c[0], next((x for x in c if isinstance(x, tuple)), ())
        if str(name) == "has":
            return self._has(name, args)
        return n.Call(str(name), args, place=_place(name, args))

    def _has(self, name: Token, args: tuple[n.Node, ...]) -> n.Node:
        if len(args) != 1 or not isinstance(args[0], n.Field):
            raise refuse(name, "has() takes one field.", "Write has(item.name).")
        return n.Has(args[0], place=_place(name, args))

    def member_dot_arg(self, c: Sequence[Child]) -> n.Node:
        owner, name, args = c[0], c[2], next((x for x in c[3:] if isinstance(x, tuple)), ())
        if str(name) in _MACROS:
            return self._macro(owner, name, args)
        return n.Call(str(name), (owner, *args), receiver=True, place=_place(owner, (owner, *args)))

    def _macro(self, owner: n.Node, name: Token, args: tuple[n.Node, ...]) -> n.Node:
        if len(args) != 2 or not isinstance(args[0], n.Var) or args[0].name in _SIDES:
            raise refuse(name, f"{name}() takes a name and a condition.", f"Write list.{name}(x, x == ...).")
        return n.Macro(str(name), owner, args[0].name, args[1], place=_place(owner, (owner, args[1])))

    def list_lit(self, c: Sequence[Child]) -> n.Node:
        items = next((x for x in c if isinstance(x, tuple)), ())
        return n.ListOf(items, place=_place(c[0], items))

    def _not_here(self, c: Sequence[Child]) -> n.Node:
        at = next((x for x in c if isinstance(x, Token | n.Node)), n.Place())
        raise refuse(at, "Maps and messages are not part of the rule language.", "Compare fields one by one.")

    map_lit = member_object = fieldinits = mapinits = _not_here

    def _dotted(self, c: Sequence[Child]) -> n.Node:
        raise refuse(c[0], "Nothing stands before this dot.", "Write query.name or item.name.")

    dot_ident = dot_ident_arg = _dotted

    def literal(self, c: Sequence[Child]) -> n.Node:
        token = c[0]
        return n.Literal(_literal(token), place=_place(token, ()))


class _Open(n.Logic):
    """A chain still growing; whatever holds it closes it, so that `(a && b) && c` keeps its shape."""


def _closed(node: n.Node) -> n.Node:
    return n.Logic(node.op, node.parts, place=node.place) if isinstance(node, _Open) else node


def _literal(token: Token) -> str | int | float | bool:
    text = str(token)
    match token.type:
        case "BOOL_LIT":
            return text == "true"
        case "INT_LIT":
            return _integer(token)
        case "FLOAT_LIT":
            value = float(text)
            if value in (float("inf"), float("-inf")):
                raise refuse(token, f"{text} is too large for a decimal number.")
            return value
        case "STRING_LIT" | "MLSTRING_LIT":
            return _string(token)
        case "NULL_LIT":
            raise refuse(
                token, "Nothing is ever equal to null here.", "Write has(item.name) or !has(item.name)."
            )
    raise refuse(
        token, f"{text} is of a type that the rule language does not have.", "Write a text or a plain number."
    )


def _integer(token: Token) -> int:
    text = str(token)
    hexadecimal = "0x" in text
    too_long = len(text) > 25  # int() itself refuses thousands of digits; no 64-bit number needs more than 20
    value = limits.INT_MAX + 1 if too_long else int(text, 16 if hexadecimal else 10)
    if not limits.INT_MIN <= value <= limits.INT_MAX:
        raise refuse(token, "This whole number does not fit in 64 bits.", "Write it as a decimal: 1.0e20.")
    return value


def _string(token: Token) -> str:
    text = str(token)
    raw = text[0] in "rR"
    text = text[1:] if raw else text
    mark = 3 if len(text) >= 6 and text[:3] in ('"""', "'''") else 1
    body = text[mark:-mark]
    return body if raw else unescape(body, token)
