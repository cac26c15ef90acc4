"""The check between parsing and compiling:

Names, arguments and types, each error with its place and a mend.
"""

import difflib
from collections.abc import Iterable, Mapping

from rules.language import nodes as n
from rules.language.build import refuse
from rules.language.errors import RuleSyntaxError, Warned
from rules.language.functions import Function, signature
from rules.language.limits import MAX_MACROS, MAX_NODES
from rules.language.operators import ORDERINGS
from rules.language.patterns import BadPattern, compile_pattern
from rules.language.schema import Schema

_NUMERIC = frozenset({"int", "double", "number"})
_SAID = {
    "string": "text", "int": "a whole number", "double": "a decimal number", "number": "a number",
    "bool": "true or false", "list": "a list", "any": "a value",
}  # fmt: skip
_CASE_MENDS = {
    "toLower": "lower",
    "lowercase": "lower",
    "upper": "upperAscii",
    "len": "size",
    "length": "size",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """A did-you-mean for `word` out of `known`, or an empty text."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else ""


class Checker:
    """Checks one tree; `warnings` gathers what compiles and is probably not meant."""

    def __init__(self, functions: Mapping[str, Function], schema: Schema | None) -> None:
        self.functions = functions
        self.schema = schema
        self.warnings: list[Warned] = []
        self.variables: list[str] = []
        self.count = 0

    def condition(self, node: n.Node) -> None:
        """Raise RuleSyntaxError unless `node` is a well-formed condition."""
        self.wants(node, "bool", "A condition must be true or false")

    def wants(self, node: n.Node, kind: str, why: str) -> None:
        found = self.type_of(node)
        if not _fits(found, kind):
            raise refuse(node, f"{why}, but {_short(node)} is {_SAID[found]}.", _mend(found, kind, node))

    def type_of(self, node: n.Node) -> str:
        """The static type of `node`: a type name, or "any"."""
        self.count += 1
        if self.count > MAX_NODES:
            raise refuse(
                node, f"The condition has more than {MAX_NODES} parts.", "Move long lists into a table."
            )
        match node:
            case n.Literal():
                return {str: "string", bool: "bool", int: "int", float: "double"}[type(node.value)]
            case n.Field():
                return self.field(node)
            case n.Var():
                return self.variable(node)
            case n.Unary() | n.Binary() | n.Logic() | n.Choice() | n.Index():
                return self.operation(node)
            case n.Has():
                self.field(node.target)
                return "bool"
            case n.Macro():
                return self.macro(node)
            case n.Call():
                return self.call(node)
            case n.ListOf():
                for item in node.items:
                    self.type_of(item)
                return "list"
        raise refuse(node, "This is not part of the rule language.")

    def field(self, node: n.Field) -> str:
        name = f"{node.side}.{node.name}"
        if self.schema is None:
            return "any"
        found = self.schema.type_of(name)
        if found is None:
            near = nearest(node.name, self.same_side(node.side))
            message, hint = f"Nothing carries a field {name}.", near.replace("mean ", f"mean {node.side}.")
            if self.schema.strict:
                raise refuse(node, message, hint)
            self.warnings.append(Warned(message, node.place.line, node.place.column, hint))
        return found or "any"

    def same_side(self, side: str) -> list[str]:
        assert self.schema is not None
        return [known.partition(".")[2] for known in self.schema.names() if known.startswith(f"{side}.")]

    def variable(self, node: n.Var) -> str:
        if node.name in self.variables:
            return "any"
        if node.name in ("query", "item"):
            raise refuse(node, f"{node.name} by itself has no value.", f"Name a field: {node.name}.name.")
        known = [*self.variables, *(self.schema.names() if self.schema else ()), "query", "item"]
        hint = nearest(node.name, known) or f'A field is written item.{node.name}, a text "{node.name}".'
        raise refuse(node, f"{node.name} is not known here.", hint)

    def operation(self, node: n.Node) -> str:
        match node:
            case n.Logic():
                for part in node.parts:
                    self.wants(part, "bool", f"Each side of {node.op} must be true or false")
                return "bool"
            case n.Unary(op="!"):
                self.wants(node.arg, "bool", "! takes something that is true or false")
                return "bool"
            case n.Unary():
                self.wants(node.arg, "number", "- takes a number")
                return "number"
            case n.Choice():
                self.wants(node.condition, "bool", "Before ? stands something that is true or false")
                yes, no = self.type_of(node.yes), self.type_of(node.no)
                return yes if yes == no else "any"
            case n.Index():
                self.wants(node.source_list, "list", "[...] takes a list")
                self.wants(node.index, "int", "A place in a list is a whole number")
                return "any"
            case n.Binary():
                return self.binary(node)
        raise refuse(node, "This is not part of the rule language.")

    def binary(self, node: n.Binary) -> str:
        left, right = self.type_of(node.left), self.type_of(node.right)
        if node.op == "in":
            if not _fits(right, "list"):
                raise refuse(
                    node.right, f"After in stands a list, but this is {_SAID[right]}.", 'Write ["a", "b"].'
                )
            return "bool"
        if node.op in ("+", "-", "*", "/", "%"):
            return self.arithmetic(node, left, right)
        if not _comparable(left, right):
            raise self.mixed(node, left, right, "compared with")
        if node.op in ORDERINGS and "list" in (left, right):
            raise refuse(
                node, f"A list has no order, so {node.op} cannot be asked of it.", "Compare its size(...)."
            )
        return "bool"

    def arithmetic(self, node: n.Binary, left: str, right: str) -> str:
        allowed = {"+": ("string", "list")}.get(node.op, ())
        for side, kind in ((node.left, left), (node.right, right)):
            if kind != "any" and kind not in _NUMERIC and kind not in allowed:
                raise refuse(side, f"{node.op} does not take {_SAID[kind]}.", _mend(kind, "number", side))
        certain = {left, right} - {"any", "number"}
        if len(certain) > 1:
            raise self.mixed(node, left, right, "combined with")
        return certain.pop() if certain else ("any" if "any" in (left, right) else "number")

    def mixed(self, node: n.Binary, left: str, right: str, verb: str) -> RuleSyntaxError:
        hint = (
            "Use number(...) on the text, or put the number in quotes." if "string" in (left, right) else ""
        )
        if {left, right} == {"int", "double"}:
            hint = "Write 10.0 instead of 10, or double(...)."
        return refuse(node, f"{_SAID[left].capitalize()} cannot be {verb} {_SAID[right]}.", hint)

    def macro(self, node: n.Macro) -> str:
        self.wants(node.range, "list", f"{node.kind}() walks a list")
        if len(self.variables) >= MAX_MACROS:
            raise refuse(
                node, f"exists and all may stand in one another {MAX_MACROS} deep.", "Split the rule."
            )
        self.variables.append(node.var)
        self.wants(node.body, "bool", f"The second part of {node.kind}() must be true or false")
        self.variables.pop()
        return "bool"

    def call(self, node: n.Call) -> str:
        function = self.functions.get(node.name)
        if function is None:
            hint = _CASE_MENDS.get(node.name, "")
            hint = (
                f"Did you mean {hint}?"
                if hint
                else nearest(node.name, [*self.functions, "has", "exists", "all"])
            )
            raise refuse(node, f"There is no function {node.name}.", hint)
        form = f"It is written {signature(function)}."
        if (node.receiver and function.style == "global") or (
            not node.receiver and function.style == "receiver"
        ):
            raise refuse(node, f"{node.name} is not called this way.", form)
        if not function.least <= len(node.args) <= len(function.params):
            raise refuse(
                node, f"{node.name} takes {len(function.params)} values, not {len(node.args)}.", form
            )
        for arg, kind in zip(node.args, function.params, strict=False):
            self.wants(arg, kind.rstrip("?"), f"{node.name} takes {_SAID[kind.rstrip('?')]} here")
        if node.name == "matches":
            self.pattern(node.args[1])
        return function.result

    def pattern(self, node: n.Node) -> None:
        if not isinstance(node, n.Literal):
            raise refuse(
                node, "The pattern of matches must be written out in quotes.", "Use contains for a field."
            )
        try:
            compile_pattern(str(node.value))
        except BadPattern as problem:
            raise refuse(
                node, f"The pattern cannot be used: {problem}.", "See the RE2 syntax in the help."
            ) from None


def _fits(found: str, wanted: str) -> bool:
    if "any" in (found, wanted) or found == wanted:
        return True
    return (found in _NUMERIC and wanted == "number") or (found == "number" and wanted in _NUMERIC)


def _comparable(left: str, right: str) -> bool:
    return "any" in (left, right) or left == right or (left in _NUMERIC and right in _NUMERIC)


def _mend(found: str, wanted: str, node: n.Node) -> str:
    if found == "string" and wanted == "number":
        return f"Write number({_short(node)})."
    if wanted == "bool" and found != "bool":
        return "Compare it with something, for example by ==."
    return ""


def _short(node: n.Node) -> str:
    text = node.source
    return text if len(text) <= 40 else text[:39] + "…"
