"""Why a condition came out as it did: the sub-expressions that decided, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.language import nodes as n
from rules.language.closures import Closure, Compiler, Fields
from rules.language.facts import walk
from rules.language.functions import Function
from rules.language.words import Speaker, shown


@dataclass(frozen=True, slots=True)
class Trace:
    """`value` is True, False or None for unknown;

    `because` holds what decided it, `found` the values it looked at.
    """

    source: str
    words: str
    value: bool | None
    found: tuple[tuple[str, str], ...] = ()
    because: tuple["Trace", ...] = ()

    def lines(self) -> list[str]:
        """The deciding leaves, one sentence each."""
        if self.because:
            return [line for part in self.because for line in part.lines()]
        verdict = {True: "true", False: "false", None: "unknown"}[self.value]
        facts = "; ".join(f"{name} = {value}" for name, value in self.found)
        return [f"{verdict}: {self.words}" + (f" ({facts})" if facts else "")]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "source": self.source, "words": self.words, "value": self.value,
            "found": dict(self.found), "because": [t.as_dict() for t in self.because],
        }  # fmt: skip


class Tracer:
    """Traces trees over one set of functions, keeping a closure per sub-expression."""

    def __init__(self, functions: Mapping[str, Function]) -> None:
        self.compiler = Compiler(functions)
        self.speaker = Speaker(functions)
        self.closures: dict[str, Closure] = {}
        self.said: dict[str, str] = {}

    def value(self, node: n.Node, query: Fields, item: Fields) -> Any:
        """The value of one sub-expression."""
        closure = self.closures.get(node.source)
        if closure is None:
            closure = self.closures[node.source] = self.compiler.compile(node)
        return closure(query, item)

    def trace(self, node: n.Node, query: Fields, item: Fields) -> Trace:
        """The trace of a condition for one pair."""
        value = self.value(node, query, item)
        truth = value if type(value) is bool else None
        words = self._words(node)
        match node:
            case n.Logic():
                parts = [self.trace(p, query, item) for p in node.parts]
                because = tuple(p for p in parts if p.value is truth) or tuple(parts)
                if truth is (node.op == "||"):
                    because = because[:1]  # one is enough: the first that decides
                return Trace(node.source, words, truth, (), because)
            case n.Unary(op="!", arg=n.Logic()):
                return Trace(node.source, words, truth, (), (self.trace(node.arg, query, item),))
        return Trace(node.source, words, truth, self._found(node, query, item))

    def _words(self, node: n.Node) -> str:
        said = self.said.get(node.source)
        if said is None:
            said = self.said[node.source] = self.speaker.condition(node)
        return said

    def _found(self, node: n.Node, query: Fields, item: Fields) -> tuple[tuple[str, str], ...]:
        """The fields a leaf looked at, with what stood there."""
        fields = dict.fromkeys(x for x in walk(node) if isinstance(x, n.Field))
        found = []
        for field in fields:
            value = (query if field.side == "query" else item).get(field.name)
            found.append((f"{field.side}.{field.name}", "missing" if value is None else shown(value)))
        return tuple(found)
