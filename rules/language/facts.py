"""What lint asks of a condition: which fields, values, numbers and functions it names."""

from collections.abc import Iterator
from dataclasses import dataclass

from rules.language import nodes as n
from rules.language.operators import COMPARISONS

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Bound:
    """`item.size >= 10`: a number that a condition holds a field against."""

    field: str
    op: str
    number: float


@dataclass(frozen=True, slots=True)
class Facts:
    """`values` gives the literal texts per field, whether compared, listed or searched for."""

    fields: frozenset[str]
    functions: frozenset[str]
    values: dict[str, frozenset[str]]
    bounds: tuple[Bound, ...]
    numbers: frozenset[float]


def walk(node: n.Node) -> Iterator[n.Node]:
    """`node` and all under it, from the top."""
    yield node
    for child in node.children:
        yield from walk(child)


def field_name(node: n.Field) -> str:
    """`query.brand`."""
    return f"{node.side}.{node.name}"


def gather(node: n.Node) -> Facts:
    """The facts of one tree."""
    every = list(walk(node))
    values: dict[str, set[str]] = {}
    bounds: list[Bound] = []
    for part in every:
        if isinstance(part, n.Binary):
            _compared(part, values, bounds)
        elif isinstance(part, n.Call):
            _searched(part, values)
    numbers = {float(x.value) for x in every if isinstance(x, n.Literal) and type(x.value) in (int, float)}
    return Facts(
        fields=frozenset(field_name(x) for x in every if isinstance(x, n.Field)),
        functions=frozenset(x.name for x in every if isinstance(x, n.Call)),
        values={name: frozenset(found) for name, found in values.items()},
        bounds=tuple(bounds),
        numbers=frozenset(numbers),
    )


def _under(node: n.Node) -> n.Field | None:
    """The field that a value is read from, through one function such as lower() or number()."""
    if isinstance(node, n.Call) and len(node.args) == 1:
        node = node.args[0]
    return node if isinstance(node, n.Field) else None


def _literals(node: n.Node) -> list[str]:
    items = node.items if isinstance(node, n.ListOf) else (node,)
    return [x.value for x in items if isinstance(x, n.Literal) and isinstance(x.value, str)]


def _compared(node: n.Binary, values: dict[str, set[str]], bounds: list[Bound]) -> None:
    left, right, op = node.left, node.right, node.op
    if op in ("+", "-", "*", "/", "%"):
        return  # a text joined to a field is not held against it
    if isinstance(left, n.Literal) and op in COMPARISONS:
        left, right, op = right, left, _MIRROR.get(op, op)
    field = _under(left)
    if field is None:
        if op == "in" and isinstance(left, n.Literal) and isinstance(right, n.Field):
            values.setdefault(field_name(right), set()).update(_literals(left))
        return
    if found := _literals(right):
        values.setdefault(field_name(field), set()).update(found)
    if op in COMPARISONS and isinstance(right, n.Literal) and type(right.value) in (int, float):
        bounds.append(Bound(field_name(field), op, float(right.value)))


def _searched(node: n.Call, values: dict[str, set[str]]) -> None:
    if node.name in ("mentions", "mentions_kind", "mentions_any", "same_family") and len(node.args) > 1:
        field, found = _under(node.args[0]), _literals(node.args[1])
        if field is not None and found:
            values.setdefault(field_name(field), set()).update(found)
