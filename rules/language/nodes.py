"""The checked tree of a condition: small immutable nodes, positions left out of equality."""

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
        from rules.language.unparse import unparse

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
