"""cel-python's evaluator as the yardstick, with our functions registered.

Replaced in it, because there it departs from the CEL specification: comparison of whole with decimal numbers
(the specification compares by value; cel-python answers it in one order of operands only), of booleans with
numbers (its BoolType is a Python int), of NaN, arithmetic over mixed types (it takes a whole number to the
right of a decimal one), `in` over such values, `exists`/`all` past two failing elements, a connective that
answers a text, and `contains` of a list. Division by zero of decimals, the arithmetic itself, the
three-valued connectives, conditional, indexing, has and string functions are its own.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any

import celpy
from celpy import celtypes
from celpy.evaluation import CELEvalError, Evaluator

from rules.language.functions import Function

_OWN = ("contains", "startsWith", "endsWith", "matches", "size")


def to_cel(value: Any) -> Any:
    if isinstance(value, bool):
        return celtypes.BoolType(value)
    if isinstance(value, int):
        return celtypes.IntType(value)
    if isinstance(value, float):
        return celtypes.DoubleType(value)
    if isinstance(value, str):
        return celtypes.StringType(value)
    if isinstance(value, list):
        return celtypes.ListType([to_cel(v) for v in value])
    raise TypeError(type(value))


def from_cel(value: Any) -> Any:
    if isinstance(value, bool | celtypes.BoolType):
        return bool(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list):
        return [from_cel(v) for v in value]
    raise TypeError(type(value))


def _kind(value: Any) -> str:
    if isinstance(value, bool | celtypes.BoolType):
        return "bool"
    for base, name in ((int, "number"), (float, "number"), (str, "string"), (list, "list")):
        if isinstance(value, base):
            return name
    raise TypeError("no such overload")


def _same(a: Any, b: Any) -> bool:
    """The specification's equality; a mixture of kinds is an error."""
    kind = _kind(a)
    if kind != _kind(b):
        raise TypeError("no such overload")
    if kind != "list":
        x, y = from_cel(a), from_cel(b)
        return bool(x == y)
    if len(a) != len(b):
        return False
    problem = None
    for x, y in zip(a, b, strict=True):
        try:
            if not _same(x, y):
                return False
        except TypeError as found:
            problem = found
    if problem:
        raise problem
    return True


def _checked(body: Callable[..., Any]) -> Callable[..., Any]:
    def called(*args: Any) -> Any:
        for arg in args:
            if isinstance(arg, CELEvalError):
                return arg
        try:
            return to_cel(body(*args))
        except (TypeError, ValueError, ArithmeticError, IndexError) as problem:
            return CELEvalError("no such overload", type(problem), problem.args)

    return called


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[..., Any]:
    def body(a: Any, b: Any) -> bool:
        if _kind(a) != _kind(b) or _kind(a) == "list":
            raise TypeError("no such overload")
        return compare(from_cel(a), from_cel(b))

    return _checked(body)


def _connective(body: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """cel-python's own connective, whose answer it lets be of any type: here it is a boolean or an error."""

    def joined(a: Any, b: Any) -> Any:
        try:
            found = body(a, b)
        except TypeError as problem:
            return CELEvalError("no such overload", TypeError, problem.args)
        if isinstance(found, bool | celtypes.BoolType | CELEvalError):
            return found
        return CELEvalError("no such overload", TypeError, ())

    return joined


def _contains(a: Any, b: Any) -> bool:
    if _kind(a) != "string" or _kind(b) != "string":
        raise TypeError("no such overload")
    return b in a


def _arithmetic(compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """cel-python's own arithmetic behind a check that both sides are of one numeric type, text or list."""

    def body(a: Any, b: Any) -> Any:
        x, y = from_cel(a), from_cel(b)
        if type(x) is not type(y) or isinstance(x, bool):
            raise TypeError("no such overload")
        return from_cel(compute(a, b))

    return _checked(body)


def _negative(a: Any) -> Any:
    if _kind(a) != "number":
        raise TypeError("no such overload")
    return from_cel(-a)


def _in(a: Any, b: Any) -> bool:
    if not isinstance(b, list):
        raise TypeError("no such overload")
    problem = None
    for element in b:
        try:
            if _same(a, element):
                return True
        except TypeError as found:
            problem = found
    if problem:
        raise problem
    return False


def _index(a: Any, b: Any) -> Any:
    if not isinstance(a, list) or _kind(b) != "number" or isinstance(b, float) or not 0 <= b < len(a):
        raise IndexError("no such element")
    return from_cel(a[b])


def _ours(function: Function) -> Callable[..., Any]:
    def body(*args: Any) -> Any:
        found = function.body(*(from_cel(a) for a in args))
        if found is None:
            raise ValueError("no answer")
        return found

    return _checked(body)


class SpecEvaluator(Evaluator):
    """exists and all as the specification folds them:

    A deciding element wins over any number of failing ones.
    """

    def sub_evaluator(self, ast: Any) -> Evaluator:
        return SpecEvaluator(ast, activation=self.activation)

    def member_dot_arg(self, tree: Any) -> Any:
        name = str(tree.children[1])
        if name not in ("exists", "all"):
            return super().member_dot_arg(tree)
        values = self.visit(tree.children[0])
        if isinstance(values, CELEvalError) or not isinstance(values, list):
            return CELEvalError("no such overload", TypeError, ())
        found = [self.build_ss_macro_eval(tree)(value) for value in values]
        deciding = name == "exists"
        if any(isinstance(x, bool | celtypes.BoolType) and bool(x) is deciding for x in found):
            return celtypes.BoolType(deciding)
        if all(isinstance(x, bool | celtypes.BoolType) for x in found):
            return celtypes.BoolType(not deciding)
        return CELEvalError("no such overload", TypeError, ())


class SpecRunner(celpy.InterpretedRunner):
    def evaluate(self, context: Any) -> Any:
        return SpecEvaluator(ast=self.ast, activation=self.new_activation()).evaluate(context)


class Reference:
    """Evaluates conditions by cel-python: True, False or None."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.environment = celpy.Environment(runner_class=SpecRunner)
        self.functions: dict[str, Callable[..., Any]] = {
            "_==_": _checked(_same),
            "_!=_": _checked(lambda a, b: not _same(a, b)),
            "_<_": _ordered(lambda a, b: a < b), "_<=_": _ordered(lambda a, b: a <= b),
            "_>_": _ordered(lambda a, b: a > b), "_>=_": _ordered(lambda a, b: a >= b),
            "_+_": _arithmetic(operator.add), "_-_": _arithmetic(operator.sub),
            "_*_": _arithmetic(operator.mul), "_/_": _arithmetic(operator.truediv),
            "_%_": _arithmetic(operator.mod), "-_": _checked(_negative),
            "_&&_": _connective(celtypes.logical_and), "_||_": _connective(celtypes.logical_or),
            "contains": _checked(_contains),
            "_in_": _checked(_in), "_[_]": _checked(_index),
            **{name: _ours(f) for name, f in functions.items() if name not in _OWN},
        }  # fmt: skip

    def program(self, source: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], bool | None]:
        program = self.environment.program(self.environment.compile(source), functions=self.functions)

        def run(query: Mapping[str, Any], item: Mapping[str, Any]) -> bool | None:
            sides = {"query": query, "item": item}
            context = {
                side: celtypes.MapType({celtypes.StringType(k): to_cel(v) for k, v in fields.items()})
                for side, fields in sides.items()
            }
            try:
                found = program.evaluate(context)
            except (CELEvalError, TypeError, ValueError):
                return None
            return bool(found) if isinstance(found, bool | celtypes.BoolType) else None

        return run
