"""A condition in plain words, for the editor, the trace and the diff of two releases."""

import re
from collections.abc import Mapping
from typing import Any

from rules.language import nodes as n
from rules.language.functions import Function, registry

_COMPARED = {
    "==": "is", "!=": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least",
}  # fmt: skip
_DENIED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_COUNTED: dict[tuple[str, Any], str] = {
    ("==", 0): "are no", (">", 0): "are", ("!=", 0): "are", (">=", 1): "are",
}  # fmt: skip
_ARITHMETIC = {"+": "plus", "-": "minus", "*": "times", "/": "divided by", "%": "modulo"}
_WHOLE = {("query", "text"): "the query", ("query", "tokens"): "the query's words",
          ("query", "negated"): "the words the query rules out"}  # fmt: skip


def _article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def _noun(name: str) -> str:
    return name.replace("_", " ")


def shown(value: Any) -> str:
    """A value as a sentence shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"“{value if len(value) <= 60 else value[:59] + '…'}”"
    if isinstance(value, list):
        return (
            ", ".join(shown(v) for v in value[:12]) + (" …" if len(value) > 12 else "")
            if value
            else "nothing"
        )
    return repr(value)


class Speaker:
    """Says trees over one set of functions."""

    def __init__(self, functions: Mapping[str, Function] | None = None) -> None:
        self.functions = functions if functions is not None else registry()

    def condition(self, node: n.Node) -> str:
        """`node`, which is true or false, as a clause."""
        match node:
            case n.Logic():
                return self._logic(node)
            case n.Unary(op="!"):
                return self._denied(node.arg)
            case n.Has():
                return self._has(node.target, named=True)
            case n.Binary() if node.op in _COMPARED or node.op == "in":
                return self._compared(node.op, node.left, node.right)
            case n.Call() if (function := self.functions.get(node.name)) and function.result == "bool":
                return self._call(node, function.words)
            case n.Macro():
                return self._macro(node)
            case n.Choice():
                parts = [self.condition(x) for x in node.children]
                return f"if {parts[0]}, then {parts[1]}, else {parts[2]}"
            case n.Literal():
                return {True: "always", False: "never"}.get(bool(node.value), "always")
        return f"{self.value(node)} is true"

    def value(self, node: n.Node) -> str:
        """`node`, which is a value, as a noun phrase."""
        match node:
            case n.Literal():
                return shown(node.value)
            case n.Field():
                return _WHOLE.get((node.side, node.name)) or f"the {node.side}'s {_noun(node.name)}"
            case n.Var():
                return _noun(node.name)
            case n.ListOf():
                return ", ".join(self.value(x) for x in node.items) or "nothing"
            case n.Unary(op="-"):
                return f"minus {self.value(node.arg)}"
            case n.Binary() if node.op in _ARITHMETIC:
                return f"{self.value(node.left)} {_ARITHMETIC[node.op]} {self.value(node.right)}"
            case n.Index():
                return f"entry {self.value(node.index)} of {self.value(node.source_list)}"
            case n.Call(name="size") if len(node.args) == 1 and (things := self._things(node.args[0])):
                return f"the number of {things.removeprefix('the ')}"
            case n.Call() if (function := self.functions.get(node.name)) and function.result != "bool":
                return self._call(node, function.words)
            case n.Choice():
                yes, no = self.value(node.yes), self.value(node.no)
                return f"({yes} if {self.condition(node.condition)}, else {no})"
        return f"whether {self.condition(node)}"

    def _logic(self, node: n.Logic) -> str:
        named: set[str] = set()
        said = []
        for part in node.parts:
            inner = self._after(part, named) or self.condition(part)
            said.append(f"({inner})" if isinstance(part, n.Logic) else inner)
            if isinstance(part, n.Has) and part.target.side == "query" and node.op == "&&":
                named.add(part.target.name)
        word = ", and " if node.op == "&&" else ", or "
        return word.join(said) if len(said) == 2 else ", ".join(said[:-1]) + word + said[-1]

    def _after(self, node: n.Node, named: set[str]) -> str:
        """The query's brand has just been named: the comparison with it need not name it again."""
        match node:
            case n.Binary(op="!=" | "==" as op, left=n.Field() as a, right=n.Field() as b) if (
                a.name == b.name
            ):
                if {a.side, b.side} == {"query", "item"} and a.name in named:
                    return f"the item's {_noun(a.name)} is {'another' if op == '!=' else 'the same'} one"
        return ""

    def _denied(self, node: n.Node) -> str:
        match node:
            case n.Unary(op="!"):
                return self.condition(node.arg)
            case n.Has():
                return self._has(node.target, named=False)
            case n.Binary() if node.op in _DENIED:
                return self._compared(_DENIED[node.op], node.left, node.right)
            case n.Binary(op="in"):
                return self._compared("not in", node.left, node.right)
            case n.Call() if (function := self.functions.get(node.name)) and function.denied:
                return self._call(node, function.denied)
        return f"it is not so that {self.condition(node)}"

    def _has(self, field: n.Field, *, named: bool) -> str:
        verb = "names" if field.side == "query" else "has"
        return (
            f"the {field.side} {verb} {_article(_noun(field.name)) if named else 'no ' + _noun(field.name)}"
        )

    def _compared(self, op: str, left: n.Node, right: n.Node) -> str:
        if said := self._counted(op, left, right):
            return said
        a, b = self.value(left), self.value(right)
        if op in ("in", "not in"):
            among = "is one of" if op == "in" else "is none of"
            return f"{a} {among} {b}"
        return f"{a} {_COMPARED[op]} {b}"

    def _counted(self, op: str, left: n.Node, right: n.Node) -> str:
        """A list held against nothing: "there are no words that ..."; empty where it is not that."""
        if not (isinstance(left, n.Call) and left.name == "size" and isinstance(right, n.Literal)):
            return ""
        verb = _COUNTED.get((op, right.value))
        things = self._things(left.args[0]) if verb else ""
        return f"there {verb} {things.removeprefix('the ')}" if things.startswith("the ") else ""

    def _things(self, node: n.Node) -> str:
        """`node` as a noun phrase where it is a list that a function gives, else nothing."""
        function = self.functions.get(node.name) if isinstance(node, n.Call) else None
        return self.value(node) if function and function.result == "list" else ""

    def _macro(self, node: n.Macro) -> str:
        start = "for some" if node.kind == "exists" else "for each"
        return f"{start} {_noun(node.var)} of {self.value(node.range)}, {self.condition(node.body)}"

    def _call(self, node: n.Call, words: str) -> str:
        # Split at the marks of our own wording, so that a value that looks like a mark is left alone.
        parts = re.split(r"\{(\d)\}", words)
        args = [self.value(arg) for arg in node.args]
        said = "".join(args[int(x)] if odd % 2 else x for odd, x in enumerate(parts))
        table = self.functions[node.name].table
        if table is None or table >= len(args) or f"{{{table}}}" in words:
            return said
        return f"{said} (by {args[table]})"


def plain_words(node: n.Node, functions: Mapping[str, Function] | None = None) -> str:
    """`node` as a clause: "the query names a brand, and the item's brand is another one"."""
    return Speaker(functions).condition(node)
