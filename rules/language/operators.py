"""What each operator does to two values. Every one answers None (unknown) where CEL raises an error.

Types are compared by `type(x) is`, never isinstance: True is no whole number here. A list holds language
values.
"""

import math
import operator
from collections.abc import Callable
from typing import Any

from rules.language.limits import INT_MAX, INT_MIN

_NUMBERS = (int, float)
_ORDERED: tuple[type, ...] = (str, bool, int, float)


def equal(a: Any, b: Any) -> bool | None:
    """CEL's ==, numbers by value across whole and decimal; other mixtures of types are unknown."""
    kind = type(a)
    if kind is type(b):
        if kind is list:
            return _equal_lists(a, b)
        return None if a is None or kind not in _ORDERED else bool(a == b)
    return bool(a == b) if kind in _NUMBERS and type(b) in _NUMBERS else None


def _equal_lists(a: list[Any], b: list[Any]) -> bool | None:
    if len(a) != len(b):
        return False
    result: bool | None = True
    for left, right in zip(a, b, strict=True):
        same = equal(left, right)
        if same is False:
            return False
        if same is None:
            result = None
    return result


def different(a: Any, b: Any) -> bool | None:
    """CEL's !=."""
    same = equal(a, b)
    return None if same is None else not same


def _ordering(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool | None]:
    def ordered(a: Any, b: Any) -> bool | None:
        kind, other = type(a), type(b)
        if kind is other:
            return compare(a, b) if kind in _ORDERED else None
        return compare(a, b) if kind in _NUMBERS and other in _NUMBERS else None

    return ordered


def contained(a: Any, b: Any) -> bool | None:
    """CEL's in:

    True at the first equal element; unknown where none is equal and one could not be compared.
    """
    if a is None or type(b) is not list:
        return None
    result: bool | None = False
    for element in b:
        same = equal(a, element)
        if same:
            return True
        if same is None:
            result = None
    return result


def _fitting(value: int) -> int | None:
    return value if INT_MIN <= value <= INT_MAX else None


def add(a: Any, b: Any) -> Any:
    """Sum of two whole or two decimal numbers; two texts or two lists joined."""
    kind = type(a)
    if kind is not type(b):
        return None
    if kind is int:
        return _fitting(a + b)
    return a + b if kind is float or kind is str or kind is list else None


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def computed(a: Any, b: Any) -> Any:
        kind = type(a)
        if kind is not type(b):
            return None
        if kind is int:
            return _fitting(compute(a, b))
        return compute(a, b) if kind is float else None

    return computed


def divide(a: Any, b: Any) -> Any:
    """Whole numbers divide towards zero, and by zero is unknown;

    Decimals follow IEEE: 1.0 / 0.0 is infinite.
    """
    kind = type(a)
    if kind is not type(b):
        return None
    if kind is int:
        if b == 0:
            return None
        whole = abs(a) // abs(b)
        return _fitting(whole if (a < 0) == (b < 0) else -whole)
    return _divide_decimals(a, b) if kind is float else None


def _divide_decimals(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    if a == 0.0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1.0, b)


def remainder(a: Any, b: Any) -> Any:
    """Remainder of two whole numbers, with the sign of the first."""
    if type(a) is not int or type(b) is not int or b == 0:
        return None
    rest = abs(a) % abs(b)
    return rest if a >= 0 else -rest


def negative(a: Any) -> Any:
    """Unary minus."""
    if type(a) is int:
        return _fitting(-a)
    return -a if type(a) is float else None


def negation(a: Any) -> bool | None:
    """CEL's !."""
    return (not a) if type(a) is bool else None


def element(a: Any, b: Any) -> Any:
    """The element of list `a` at `b`, counted from 0; unknown outside."""
    if type(a) is not list or type(b) is not int or not 0 <= b < len(a):
        return None
    return a[b]


BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "==": equal,
    "!=": different,
    "<": _ordering(operator.lt),
    "<=": _ordering(operator.le),
    ">": _ordering(operator.gt),
    ">=": _ordering(operator.ge),
    "in": contained,
    "+": add,
    "-": _arithmetic(operator.sub),
    "*": _arithmetic(operator.mul),
    "/": divide,
    "%": remainder,
}
ORDERINGS = ("<", "<=", ">", ">=")
COMPARISONS = ("==", "!=", *ORDERINGS)
