"""The form for one pair: a closure per node, put together without ever making source text.

A closure takes the fields of a query and of an item, and answers a value, or None for unknown. The shapes
that fill rulebooks (a field against a literal, a field against a field) get closures of their own, which is
where the speed is.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

from rules.language import nodes as n
from rules.language import operators as ops
from rules.language.functions import Function
from rules.language.limits import MAX_RANGE
from rules.language.patterns import compile_pattern

Fields = Mapping[str, Any]
Closure = Callable[[Fields, Fields], Any]

_PLAIN: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Compiler:
    """Compiles trees that share one set of functions."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.functions = functions

    def compile(self, node: n.Node) -> Closure:
        """The closure of a checked tree."""
        match node:
            case n.Unary():
                return _unary(ops.negation if node.op == "!" else ops.negative, self.compile(node.arg))
            case n.Binary():
                return self.binary(node)
            case n.Logic():
                return _logic(node.op, tuple(self.compile(part) for part in node.parts))
            case n.Choice():
                return _choice(self.compile(node.condition), self.compile(node.yes), self.compile(node.no))
            case n.Index():
                return _binary(ops.element, self.compile(node.source_list), self.compile(node.index))
            case n.Macro():
                return _macro(
                    node.kind == "exists", self.compile(node.range), node.var, self.compile(node.body)
                )
            case n.ListOf():
                return _list(tuple(self.compile(item) for item in node.items))
            case n.Call():
                return self.call(node)
        return _leaf(node)

    def binary(self, node: n.Binary) -> Closure:
        left, right = node.left, node.right
        if isinstance(left, n.Field) and isinstance(right, n.Literal) and node.op in _PLAIN:
            return _field_literal(left, _PLAIN[node.op], right.value)
        if isinstance(left, n.Field) and node.op == "in" and _texts(right):
            return _field_in_texts(left, right)
        if isinstance(left, n.Field) and isinstance(right, n.Field) and node.op in _PLAIN:
            return _field_field(left, _PLAIN[node.op], ops.BINARY[node.op], right)
        return _binary(ops.BINARY[node.op], self.compile(left), self.compile(right))

    def call(self, node: n.Call) -> Closure:
        if node.name == "matches":
            pattern = node.args[1]
            assert isinstance(pattern, n.Literal)  # the checker has seen to it
            return _unary(compile_pattern(str(pattern.value)), self.compile(node.args[0]))
        body = self.functions[node.name].body
        args = tuple(self.compile(arg) for arg in node.args)
        if len(args) == 1:
            return _call1(body, args[0])
        return _call2(body, *args) if len(args) == 2 else _call(body, args)


def _leaf(node: n.Node) -> Closure:
    match node:
        case n.Literal():
            return _constant(node.value)
        case n.Field():
            return _field(node.side, node.name)
        case n.Var():
            return _variable(node.name)
        case n.Has():
            return _has(node.target.side, node.target.name)
    raise TypeError(f"not a node of the rule language: {node!r}")


def _constant(value: Any) -> Closure:
    return lambda q, i: value


def _field(side: str, name: str) -> Closure:
    if side == "query":
        return lambda q, i: q.get(name)
    return lambda q, i: i.get(name)


def _variable(name: str) -> Closure:
    key = "\0" + name
    return lambda q, i: q[key]


def _has(side: str, name: str) -> Closure:
    if side == "query":
        return lambda q, i: q.get(name) is not None
    return lambda q, i: i.get(name) is not None


def _unary(body: Callable[[Any], Any], arg: Closure) -> Closure:
    return lambda q, i: body(arg(q, i))


def _binary(body: Callable[[Any, Any], Any], left: Closure, right: Closure) -> Closure:
    return lambda q, i: body(left(q, i), right(q, i))


def _field_literal(field: n.Field, compare: Callable[[Any, Any], Any], value: Any) -> Closure:
    name, kind = field.name, type(value)
    from_query = field.side == "query"

    def query_same(q: Fields, i: Fields) -> Any:
        found = q.get(name)
        return compare(found, value) if type(found) is kind else None

    def item_same(q: Fields, i: Fields) -> Any:
        found = i.get(name)
        return compare(found, value) if type(found) is kind else None

    def number(q: Fields, i: Fields) -> Any:
        found = q.get(name) if from_query else i.get(name)
        return compare(found, value) if type(found) is int or type(found) is float else None

    if kind is int or kind is float:
        return number
    return query_same if from_query else item_same


def _field_field(
    left: n.Field, plain: Callable[[Any, Any], Any], body: Callable[[Any, Any], Any], right: n.Field
) -> Closure:
    first, second = left.name, right.name

    def crossed(q: Fields, i: Fields) -> Any:
        a, b = q.get(first), i.get(second)
        return plain(a, b) if type(a) is str and type(b) is str else body(a, b)

    def back(q: Fields, i: Fields) -> Any:
        a, b = i.get(first), q.get(second)
        return plain(a, b) if type(a) is str and type(b) is str else body(a, b)

    if left.side == right.side:
        return _binary(body, _field(left.side, first), _field(right.side, second))
    return crossed if left.side == "query" else back


def _texts(node: n.Node) -> bool:
    return isinstance(node, n.ListOf) and all(
        isinstance(x, n.Literal) and isinstance(x.value, str) for x in node.items
    )


def _field_in_texts(field: n.Field, node: n.Node) -> Closure:
    read = _field(field.side, field.name)
    known = frozenset(x.value for x in node.children if isinstance(x, n.Literal))
    # Against an empty list nothing is compared, so that a value of any type is simply not in it.
    mismatch = None if known else False

    def inside(q: Fields, i: Fields) -> Any:
        found = read(q, i)
        if type(found) is str:
            return found in known
        return None if found is None else mismatch

    return inside


def _logic(op: str, parts: tuple[Closure, ...]) -> Closure:
    deciding = op == "||"
    otherwise = not deciding
    if len(parts) == 2:
        return _logic2(deciding, *parts)
    if len(parts) == 4:
        return _logic4(deciding, *parts)

    def many(q: Fields, i: Fields) -> Any:
        result: bool | None = otherwise
        for part in parts:
            value = part(q, i)
            if value is deciding:
                return deciding
            if value is not otherwise:
                result = None
        return result

    return many


def _logic2(deciding: bool, left: Closure, right: Closure) -> Closure:
    otherwise = not deciding

    def two(q: Fields, i: Fields) -> Any:
        a = left(q, i)
        if a is deciding:
            return deciding
        b = right(q, i)
        if b is deciding:
            return deciding
        return otherwise if a is otherwise and b is otherwise else None

    return two


def _logic4(deciding: bool, first: Closure, second: Closure, third: Closure, last: Closure) -> Closure:
    otherwise = not deciding

    def four(q: Fields, i: Fields) -> Any:
        a = first(q, i)
        if a is deciding:
            return deciding
        b = second(q, i)
        if b is deciding:
            return deciding
        c = third(q, i)
        if c is deciding:
            return deciding
        d = last(q, i)
        if d is deciding:
            return deciding
        return otherwise if a is b is c is d is otherwise else None

    return four


def _choice(condition: Closure, yes: Closure, no: Closure) -> Closure:
    def chosen(q: Fields, i: Fields) -> Any:
        value = condition(q, i)
        if value is True:
            return yes(q, i)
        return no(q, i) if value is False else None

    return chosen


def _list(items: tuple[Closure, ...]) -> Closure:
    def built(q: Fields, i: Fields) -> Any:
        values = [item(q, i) for item in items]
        return None if None in values else values

    return built


def _call1(body: Callable[..., Any], arg: Closure) -> Closure:
    def called(q: Fields, i: Fields) -> Any:
        a = arg(q, i)
        return None if a is None else body(a)

    return called


def _call2(body: Callable[..., Any], left: Closure, right: Closure) -> Closure:
    def called(q: Fields, i: Fields) -> Any:
        a, b = left(q, i), right(q, i)
        return None if a is None or b is None else body(a, b)

    return called


def _call(body: Callable[..., Any], args: tuple[Closure, ...]) -> Closure:
    def called(q: Fields, i: Fields) -> Any:
        values = [arg(q, i) for arg in args]
        return None if None in values else body(*values)

    return called


def _macro(exists: bool, source: Closure, name: str, body: Closure) -> Closure:
    key = "\0" + name  # no field has such a name, so the variable can travel among the query's fields

    def walked(q: Fields, i: Fields) -> Any:
        values = source(q, i)
        if type(values) is not list or len(values) > MAX_RANGE:
            return None
        inner = dict(q)
        result: bool | None = not exists
        for value in values:
            inner[key] = value
            found = body(inner, i)
            if found is exists:
                return exists
            if type(found) is not bool:
                result = None
        return result

    return walked
