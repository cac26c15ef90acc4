"""Random conditions and random pairs: every operator and function, on right and on wrong types alike."""

import math
import random
from collections.abc import Callable
from typing import Any

from rules.language import nodes as n
from rules.language.functions import registry

WORDS = [
    "red",
    "Red Shoe",
    "",
    "shoes",
    "shoe",
    "naïve",
    "STRASSE",
    "straße",
    "日本の靴",
    "靴",
    "a.b",
    "12",
    "1,299.50",
    "15.6 inch",
    "ＦＵＬＬ",
    "red\tshoe",
    "İstanbul",
    "a\"b'c\\d",
    "\u200dx",
    "-3",
]
PATTERNS = ["^r", "shoe$", "[0-9]+", "(?i)RED", ".", "^$", "靴", r"\bred\b"]
INTS = [0, 1, -1, 2, 3, 7, 10, 100, 110, 2**31, 2**63 - 1, -(2**63), 2**53, 2**53 + 1]
DOUBLES = [0.0, -0.0, 1.0, 0.5, -1.5, 2.0, 7.0, 100.0, 1e308, 2.0**53, 3.5]
FIELDS = ["a", "b", "c", "d", "e"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
TABLES = {
    "brands": {"acme": ["red", "shoes"], "other": ["shoe", "12"]},
    "kinds": [["red", "靴", "naïve"]],
    "units": {"inch": ["in", '"', "shoe"]},
}
FUNCTIONS = registry(TABLES)


class Maker:
    """Makes trees of a wanted type; now and then one of another type, so that errors are met."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.variables: list[str] = []
        self.boolean: list[Callable[[int], n.Node]] = [
            self.comparison,
            self.comparison,
            self.logic,
            self.logic,
            self.negation,
            self.has,
            self.inside,
            self.macro,
            self.boolean_call,
            self.boolean_call,
            self.boolean_call,
        ]

    def make(self, kind: str, depth: int) -> n.Node:
        pick = self.random
        if pick.random() < 0.06:
            kind = pick.choice(["bool", "string", "int", "double", "list"])
        if depth <= 0 or pick.random() < 0.12:
            return self.leaf(kind)
        if pick.random() < 0.05:
            return n.Choice(
                self.make("bool", depth - 1), self.make(kind, depth - 1), self.make(kind, depth - 1)
            )
        if pick.random() < 0.04:
            return n.Index(self.make("list", depth - 1), n.Literal(pick.choice([0, 1, 2, -1])))
        made: n.Node = getattr(self, f"make_{kind}")(depth)
        return made

    def leaf(self, kind: str) -> n.Node:
        pick = self.random
        if self.variables and pick.random() < 0.4:
            return n.Var(pick.choice(self.variables))
        if pick.random() < 0.6:
            return n.Field(pick.choice(["query", "item"]), pick.choice(FIELDS))
        match kind:
            case "bool":
                return n.Literal(pick.random() < 0.5)
            case "string":
                return n.Literal(pick.choice(WORDS))
            case "int":
                return n.Literal(pick.choice(INTS))
            case "double":
                return n.Literal(pick.choice(DOUBLES))
        return self.make_list(0)

    def make_bool(self, depth: int) -> n.Node:
        return self.random.choice(self.boolean)(depth - 1)

    def make_string(self, depth: int) -> n.Node:
        name = self.random.choice(["+", "lowerAscii", "upperAscii", "trim", "lower", "kind_of"])
        if name == "+":
            return n.Binary("+", self.make("string", depth - 1), self.make("string", depth - 1))
        if name == "kind_of":
            return n.Call(name, (self.make("string", depth - 1), self.table()))
        return n.Call(name, (self.make("string", depth - 1),), FUNCTIONS[name].style == "receiver")

    def table(self) -> n.Node:
        """A table's name, now and then of none that there is."""
        return n.Literal(self.random.choice([*TABLES, *TABLES, "unheard of"]))

    def make_int(self, depth: int) -> n.Node:
        op = self.random.choice(["+", "-", "*", "/", "%", "neg", "size", "int", "abs"])
        if op == "neg":
            return n.Unary("-", self.make("int", depth - 1))
        if op in ("size", "int", "abs"):
            inner = {"size": ["string", "list"], "int": ["string", "double"], "abs": ["int", "double"]}[op]
            return n.Call(op, (self.make(self.random.choice(inner), depth - 1),))
        return n.Binary(op, self.make("int", depth - 1), self.make("int", depth - 1))

    def make_double(self, depth: int) -> n.Node:
        op = self.random.choice(
            ["+", "-", "*", "/", "neg", "number", "first_number", "double", "word_overlap"]
        )
        if op == "neg":
            return n.Unary("-", self.make("double", depth - 1))
        if op == "word_overlap":
            return n.Call(op, (self.make("string", depth - 1), self.make("string", depth - 1)))
        if op in ("number", "first_number", "double"):
            return n.Call(op, (self.make(self.random.choice(["string", "int"]), depth - 1),))
        return n.Binary(op, self.make("double", depth - 1), self.make("double", depth - 1))

    def make_list(self, depth: int) -> n.Node:
        if depth > 0 and self.random.random() < 0.5:
            return self.list_call(depth - 1)
        if depth > 0 and self.random.random() < 0.2:
            return n.Binary("+", self.make("list", depth - 1), self.make("list", depth - 1))
        # Never an empty one: cel-python fails to print it in an error. Empty lists come from fields.
        kind = self.random.choice(["string", "int", "double", "bool"])
        return n.ListOf(tuple(self.make(kind, min(depth, 1) - 1) for _ in range(self.random.randint(1, 3))))

    def list_call(self, depth: int) -> n.Node:
        name = self.random.choice(["words", "model_names", "families_in", "missing_words", "amounts"])
        args = [self.make("string", depth)]
        if name == "missing_words":
            args.append(self.make("string", depth))
        if name == "families_in" or (name == "missing_words" and self.random.random() < 0.5):
            args.append(self.table())
        if name == "amounts":
            args.append(n.Literal(self.random.choice(["inch", '"', "shoe", "\\d", ""])))
        return n.Call(name, tuple(args))

    def comparison(self, depth: int) -> n.Node:
        op = self.random.choice(COMPARISONS)
        kind = self.random.choice(
            ["string", "int", "double", "bool", "list" if op in ("==", "!=") else "string"]
        )
        other = kind if self.random.random() < 0.8 else self.random.choice(["int", "double", "string"])
        return n.Binary(op, self.make(kind, depth), self.make(other, depth))

    def logic(self, depth: int) -> n.Node:
        parts = tuple(self.make("bool", depth) for _ in range(self.random.randint(2, 4)))
        return n.Logic(self.random.choice(["&&", "||"]), parts)

    def negation(self, depth: int) -> n.Node:
        return n.Unary("!", self.make("bool", depth))

    def has(self, depth: int) -> n.Node:
        return n.Has(n.Field(self.random.choice(["query", "item"]), self.random.choice(FIELDS)))

    def inside(self, depth: int) -> n.Node:
        kind = self.random.choice(["string", "int", "double"])
        return n.Binary("in", self.make(kind, depth), self.make("list", depth))

    def macro(self, depth: int) -> n.Node:
        if len(self.variables) >= 2:
            return self.has(depth)
        name = "xy"[len(self.variables)]
        source = self.make("list", depth)
        self.variables.append(name)
        body = self.make("bool", depth)
        self.variables.pop()
        return n.Macro(self.random.choice(["exists", "all"]), source, name, body)

    def boolean_call(self, depth: int) -> n.Node:
        names = [f.name for f in FUNCTIONS.values() if f.result == "bool"]
        name = self.random.choice(names)
        function = FUNCTIONS[name]
        if name == "matches":
            receiver = self.random.random() < 0.5
            return n.Call(
                name, (self.make("string", depth), n.Literal(self.random.choice(PATTERNS))), receiver
            )
        kinds = [
            p.rstrip("?").replace("number", self.random.choice(["int", "double"])) for p in function.params
        ]
        args = tuple(
            self.make(kind, depth) for kind in kinds[: self.random.randint(function.least, len(kinds))]
        )
        return n.Call(name, args, function.style == "receiver")

    def value(self) -> Any:
        """A field's value: any type, missing, null, and the awkward numbers."""
        pick = self.random
        return pick.choice(
            [
                None,
                pick.choice(WORDS),
                pick.choice(WORDS),
                pick.choice(WORDS),
                pick.choice(INTS),
                pick.choice(DOUBLES),
                pick.random() < 0.5,
                [pick.choice(WORDS) for _ in range(pick.randrange(4))],
                pick.choice([math.nan, math.inf]),
                [pick.choice(INTS[:8]) for _ in range(pick.randrange(3))],
            ]
        )

    def fields(self) -> dict[str, Any]:
        return {name: value for name in FIELDS if (value := self.value()) is not None}


def _name_of(node: n.Node) -> str:
    match node:
        case n.Binary() | n.Logic():
            return node.op
        case n.Unary():
            return f"unary {node.op}"
        case n.Call():
            return node.name
        case n.Macro():
            return node.kind
    return {n.Has: "has", n.Choice: "?:", n.Index: "[]"}.get(type(node), "")


def names_in(node: n.Node) -> list[str]:
    """The operators and functions of a tree, as the counts name them."""
    names = [name] if (name := _name_of(node)) else []
    for child in node.children:
        names.extend(names_in(child))
    return names
