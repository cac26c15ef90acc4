"""The tree of a condition: small immutable nodes, positions left out of equality; and its text as CEL."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

Value: TypeAlias = "str | int | float | bool | list[Value] | None"
"""A value of the language. None stands for *unknown*: missing, null, or the outcome of an error."""


@dataclass(frozen=True)
class Place:
    """Where a node starts (from 1) and how deep the tree under it is."""

    line: int = 1
    column: int = 1
    depth: int = 1


@dataclass(frozen=True)
class Node:
    """Common to all nodes. Two nodes are equal when they say the same, wherever they stand."""

    place: Place = field(default=Place(), compare=False, kw_only=True, repr=False)

    @property
    def children(self) -> tuple["Node", ...]:
        return ()

    @cached_property
    def source(self) -> str:
        """Canonical text: the same for equal nodes, and readable CEL."""
        return unparse(self)


@dataclass(frozen=True)
class Literal(Node):
    value: str | int | float | bool


@dataclass(frozen=True)
class ListOf(Node):
    items: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.items


@dataclass(frozen=True)
class Field(Node):
    """`query.brand`, `item.title`; side is "query" or "item"."""

    side: str
    name: str


@dataclass(frozen=True)
class Var(Node):
    """The variable of an exists or all."""

    name: str


@dataclass(frozen=True)
class Unary(Node):
    """op is "!" or "-"."""

    op: str
    arg: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.arg,)


@dataclass(frozen=True)
class Binary(Node):
    """Comparison (== != < <= > >= in) or arithmetic (+ - * / %)."""

    op: str
    left: Node
    right: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True)
class Logic(Node):
    """A flat chain of "&&" or of "||"."""

    op: str
    parts: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.parts


@dataclass(frozen=True)
class Choice(Node):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.yes, self.no)


@dataclass(frozen=True)
class Call(Node):
    """A function; `receiver` is true for `text.contains("x")`, whose text is the first argument."""

    name: str
    args: tuple[Node, ...]
    receiver: bool = False

    @property
    def children(self) -> tuple[Node, ...]:
        return self.args


@dataclass(frozen=True)
class Has(Node):
    target: Field

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.target,)


@dataclass(frozen=True)
class Index(Node):
    """`query.tokens[0]`."""

    source_list: Node
    index: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.source_list, self.index)


@dataclass(frozen=True)
class Macro(Node):
    """`range.exists(var, body)` or `range.all(var, body)`."""

    kind: str
    range: Node
    var: str
    body: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.range, self.body)


_LEVELS = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3, "+": 4, "-": 4}
_PRODUCT = 5
_UNARY = 6
_ATOM = 7


def literal_text(value: object) -> str:
    """A literal as CEL writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float) and "." not in repr(value) and "e" not in repr(value):
        return f"{value!r}"
    return repr(value)


def unparse(node: Node) -> str:
    """The canonical text of `node`; parsing it gives an equal tree."""
    return _write(node, 0)


def _write(node: Node, outer: int) -> str:
    text, level = _text(node)
    return f"({text})" if level < outer else text


def _text(node: Node) -> tuple[str, int]:
    match node:
        case Logic():
            level = _LEVELS[node.op]
            return f" {node.op} ".join(_write(p, level + 1) for p in node.parts), level
        case Binary():
            level = _LEVELS.get(node.op, _PRODUCT)
            return f"{_write(node.left, level)} {node.op} {_write(node.right, level + 1)}", level
        case Choice():
            return f"{_write(node.condition, 1)} ? {_write(node.yes, 1)} : {_write(node.no, 0)}", 0
        case Unary():
            # A sign in front of a number would be read back as part of the number.
            inner = _write(node.arg, _UNARY)
            needs = node.op == "-" and isinstance(node.arg, Literal)
            return (f"-({inner})" if needs else f"{node.op}{inner}"), _UNARY
        case _:
            return _atom(node), _ATOM


def _receiver(node: Node) -> str:
    """A number before a dot would be read as a decimal one."""
    bare = isinstance(node, Literal) and type(node.value) in (int, float)
    return f"({unparse(node)})" if bare else _write(node, _ATOM)


def _atom(node: Node) -> str:
    match node:
        case Literal():
            return literal_text(node.value)
        case ListOf():
            return "[" + ", ".join(map(unparse, node.items)) + "]"
        case Field():
            plain = node.name.isascii() and node.name.isidentifier()
            return f"{node.side}.{node.name}" if plain else f"{node.side}[{literal_text(node.name)}]"
        case Var():
            return node.name
        case Has():
            return f"has({unparse(node.target)})"
        case Index():
            return f"{_receiver(node.source_list)}[{unparse(node.index)}]"
        case Macro():
            return f"{_receiver(node.range)}.{node.kind}({node.var}, {unparse(node.body)})"
        case Call():
            return _call(node)
        case _:
            raise TypeError(f"not a node of the rule language: {node!r}")


def _call(node: Call) -> str:
    if node.receiver:
        rest = ", ".join(map(unparse, node.args[1:]))
        return f"{_receiver(node.args[0])}.{node.name}({rest})"
    return f"{node.name}({', '.join(map(unparse, node.args))})"
