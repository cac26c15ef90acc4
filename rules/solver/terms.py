"""Conditions as z3 terms with three truth values.

A value is, for each type it may have, a pair of *known* (a z3 Bool) and a z3 term; at most one type is known. A condition
is a pair of "is true" and "is false". What z3 has no theory for is an uninterpreted function, recorded as an application,
so that the solver can be taught what the real function answers for the very values it tried.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import z3

from rules.language import nodes as n
from rules.language.functions import Function
from rules.language.patterns import compile_pattern

TEXT, NUMBER, BOOL, LIST = "text", "number", "bool", "list"
_SCHEMA = {"string": (TEXT,), "int": (NUMBER,), "double": (NUMBER,), "bool": (BOOL,), "list": (LIST,)}
_RESULT = {"string": TEXT, "bool": BOOL, "int": NUMBER, "double": NUMBER, "number": NUMBER}
_PARAM = {"string": TEXT, "int": NUMBER, "double": NUMBER, "number": NUMBER, "bool": BOOL, "list": LIST}
_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
}  # fmt: skip
TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)
MOST_ITEMS = 60  # literal lists that a macro is unrolled over


class Truth(NamedTuple):
    true: z3.BoolRef
    false: z3.BoolRef


Known = tuple[z3.BoolRef, Any]
Value = dict[str, Known]


@dataclass(frozen=True)
class Applied:
    """A call whose outcome only the real function knows. `outcome` and `answers` are z3 applications of the same
    arguments; `body` is the real function.
    """

    arguments: tuple[Any, ...]
    function: z3.FuncDeclRef
    answers: z3.FuncDeclRef
    body: Callable[..., Any]
    result: str


@dataclass
class Translator:
    """Translates trees over one set of functions and the field types of a corpus.

    `searched` are fields of running text that must mention something, `spelt` those whose very letters matter.
    """

    functions: Mapping[str, Function]
    types: Mapping[str, str] = field(default_factory=dict)
    fields: dict[n.Field, Value] = field(default_factory=dict)
    applied: dict[str, Applied] = field(default_factory=dict)
    axioms: list[z3.BoolRef] = field(default_factory=list)
    searched: set[n.Field] = field(default_factory=set)
    spelt: set[n.Field] = field(default_factory=set)
    literals: set[str] = field(default_factory=set)
    scope: dict[str, Value] = field(default_factory=dict)

    def truth(self, node: n.Node) -> Truth:
        """`node` as a condition."""
        match node:
            case n.Literal():
                return Truth(z3.BoolVal(node.value is True), z3.BoolVal(node.value is False))
            case n.Unary(op="!"):
                inner = self.truth(node.arg)
                return Truth(inner.false, inner.true)
            case n.Logic():
                parts = [self.truth(part) for part in node.parts]
                every, some = [p.true for p in parts], [p.false for p in parts]
                if node.op == "&&":
                    return Truth(z3.And(*every), z3.Or(*some))
                return Truth(z3.Or(*every), z3.And(*some))
            case n.Has():
                known = z3.Or(*(flag for flag, _ in self.field(node.target).values()))
                return Truth(known, z3.Not(known))
            case n.Choice():
                asked, yes, no = (self.truth(x) for x in node.children)
                return Truth(
                    z3.Or(z3.And(asked.true, yes.true), z3.And(asked.false, no.true)),
                    z3.Or(z3.And(asked.true, yes.false), z3.And(asked.false, no.false)),
                )
            case n.Binary() if node.op in _COMPARE or node.op in ("!=", "in"):
                return self.compared(node)
            case n.Macro():
                return self.macro(node)
        return self.boolean(self.value(node))

    def boolean(self, value: Value) -> Truth:
        if BOOL not in value:
            return Truth(FALSE, FALSE)
        known, term = value[BOOL]
        return Truth(z3.And(known, term), z3.And(known, z3.Not(term)))

    def free(self, text: str) -> Truth:
        """A condition about which nothing is said: true, false or unknown as the solver likes."""
        known, term = z3.Bool(f"known {text}"), z3.Bool(f"free {text}")
        return Truth(z3.And(known, term), z3.And(known, z3.Not(term)))

    def compared(self, node: n.Binary) -> Truth:
        if node.op == "in":
            return self.contained(node)
        if node.op == "!=":
            same = self.compared(n.Binary("==", node.left, node.right))
            return Truth(same.false, same.true)
        left, right = self.value(node.left), self.value(node.right)
        trues, falses = [], []
        for kind in (TEXT, NUMBER, BOOL, LIST):
            if kind not in left or kind not in right:
                continue
            (known_a, a), (known_b, b) = left[kind], right[kind]
            if kind == LIST or (kind == BOOL and node.op != "=="):
                free = self.free(f"{kind} {self.named(node)}")
                trues.append(z3.And(known_a, known_b, free.true))
                falses.append(z3.And(known_a, known_b, free.false))
                continue
            holds = _COMPARE[node.op](a, b)
            trues.append(z3.And(known_a, known_b, holds))
            falses.append(z3.And(known_a, known_b, z3.Not(holds)))
        return Truth(z3.Or(*trues), z3.Or(*falses)) if trues else Truth(FALSE, FALSE)

    def contained(self, node: n.Binary) -> Truth:
        if not isinstance(node.right, n.ListOf):
            return self.free(self.named(node))
        parts = [self.compared(n.Binary("==", node.left, item)) for item in node.right.items]
        if not parts:
            known = z3.Or(*(flag for flag, _ in self.value(node.left).values()))
            return Truth(FALSE, known)
        return Truth(z3.Or(*(p.true for p in parts)), z3.And(*(p.false for p in parts)))

    def macro(self, node: n.Macro) -> Truth:
        if not isinstance(node.range, n.ListOf) or len(node.range.items) > MOST_ITEMS:
            return self.free(self.named(node))
        parts, outer = [], self.scope.get(node.var)
        for item in node.range.items:
            self.scope[node.var] = self.value(item)
            parts.append(self.truth(node.body))
        self.scope.pop(node.var, None)
        if outer is not None:
            self.scope[node.var] = outer
        trues, falses = [p.true for p in parts], [p.false for p in parts]
        if node.kind == "exists":
            return Truth(z3.Or(*trues), z3.And(*falses))
        return Truth(z3.And(*trues), z3.Or(*falses))

    def named(self, node: n.Node) -> str:
        """A name for what is left free: its text, and what its variables stand for here."""
        return (
            f"{node.source} | {sorted((k, str(v)) for k, v in self.scope.items())}"
            if self.scope
            else node.source
        )

    def value(self, node: n.Node) -> Value:
        """`node` as a value, per type that it may have."""
        match node:
            case n.Literal():
                return self.literal(node.value)
            case n.Field():
                return self.field(node)
            case n.Var():
                return self.scope.get(node.name, {})
            case n.ListOf():
                return {LIST: (TRUE, None)}
            case n.Unary(op="-"):
                return self.number(node.arg, lambda term: -term)
            case n.Binary(op="+" | "-" | "*" | "/" | "%"):
                return self.arithmetic(node)
            case n.Call():
                return self.call(node)
            case n.Index():
                return self.unknown(node)
            case n.Choice():
                return self.choice(node)
        truth = self.truth(node)
        return {BOOL: (z3.Or(truth.true, truth.false), truth.true)}

    def number(self, node: n.Node, change: Callable[[Any], Any]) -> Value:
        """A changed number, known where `node` is one."""
        found = self.value(node).get(NUMBER)
        return {NUMBER: (found[0], change(found[1]))} if found else {}

    def literal(self, value: object) -> Value:
        if isinstance(value, bool):
            return {BOOL: (TRUE, z3.BoolVal(value))}
        if isinstance(value, str):
            self.literals.add(value)
            return {TEXT: (TRUE, z3.StringVal(value))}
        return {NUMBER: (TRUE, z3.RealVal(repr(value)))}

    def field(self, node: n.Field) -> Value:
        """A field's variables: of the corpus's type where it has one, else of any, one of them known at most."""
        if node not in self.fields:
            name = f"{node.side}.{node.name}"
            kinds = _SCHEMA.get(self.types.get(name, ""), (TEXT, NUMBER, BOOL, LIST))
            value = {kind: (z3.Bool(f"has {kind} {name}"), _variable(kind, name)) for kind in kinds}
            if len(kinds) > 1:
                self.axioms.append(z3.AtMost(*(known for known, _ in value.values()), 1))
            self.fields[node] = value
        return self.fields[node]

    def unknown(self, node: n.Node) -> Value:
        text = self.named(node)
        flags = {kind: z3.Bool(f"is {kind} {text}") for kind in (TEXT, NUMBER, BOOL, LIST)}
        self.axioms.append(z3.AtMost(*flags.values(), 1))
        return {kind: (flag, _variable(kind, text)) for kind, flag in flags.items()}

    def choice(self, node: n.Choice) -> Value:
        asked, yes, no = self.truth(node.condition), self.value(node.yes), self.value(node.no)
        found: Value = {}
        for kind in {*yes, *no} - {LIST}:
            known_a, a = yes.get(kind, (FALSE, None))
            known_b, b = no.get(kind, (FALSE, None))
            term = a if b is None else b if a is None else z3.If(asked.true, a, b)
            found[kind] = (z3.Or(z3.And(asked.true, known_a), z3.And(asked.false, known_b)), term)
        return found

    def arithmetic(self, node: n.Binary) -> Value:
        """Sums of numbers are the solver's own where it agrees with ours; both sides may still be of two number types,
        or overflow, which makes the outcome unknown: the flag is left free.
        """
        left, right = self.value(node.left), self.value(node.right)
        found: Value = {}
        if node.op == "+" and TEXT in left and TEXT in right:
            found[TEXT] = (z3.And(left[TEXT][0], right[TEXT][0]), z3.Concat(left[TEXT][1], right[TEXT][1]))
        if NUMBER in left and NUMBER in right:
            (known_a, a), (known_b, b) = left[NUMBER], right[NUMBER]
            same = z3.Bool(f"one type {self.named(node)}")
            found[NUMBER] = (z3.And(known_a, known_b, same), self.computed(node, a, b))
        if node.op == "+" and LIST in left and LIST in right:
            found[LIST] = (z3.Bool(f"list {self.named(node)}"), None)
        return found

    def computed(self, node: n.Binary, a: Any, b: Any) -> Any:
        if node.op in ("+", "-", "*"):
            return {"+": a + b, "-": a - b, "*": a * b}[node.op]
        decimal = node.op == "/" and any(
            isinstance(x, n.Literal) and type(x.value) is float and x.value for x in (node.right,)
        )
        return a / b if decimal else z3.Real(f"free {self.named(node)}")

    def call(self, node: n.Call) -> Value:
        special = getattr(self, f"call_{node.name}", None)
        if special is not None:
            found: Value | None = special(node)
            if found is not None:
                return found
        function = self.functions[node.name]
        kinds = [_PARAM.get(kind.rstrip("?"), "") for kind in function.params[: len(node.args)]]
        if LIST in kinds or "" in kinds or function.result not in _RESULT:
            return self.opaque(node, function)
        arguments = [self.value(arg).get(kind) for arg, kind in zip(node.args, kinds, strict=True)]
        if any(argument is None for argument in arguments):
            return {}
        if node.name in ("mentions", "mentions_kind", "word_overlap"):
            both = node.args if node.name == "word_overlap" else node.args[:1]
            self.searched.update(arg for arg in both if isinstance(arg, n.Field))
        return self.apply(node.name, [a for a in arguments if a], function.body, _RESULT[function.result])

    def opaque(self, node: n.Call, function: Function) -> Value:
        kind = _RESULT.get(function.result, LIST)
        text = self.named(node)
        return {kind: (z3.Bool(f"known {text}"), _variable(kind, text))}

    def apply(self, name: str, arguments: list[Known], body: Callable[..., Any], result: str) -> Value:
        """An uninterpreted function of the arguments, and one that says whether it answers at all."""
        terms = tuple(term for _, term in arguments)
        sorts = [term.sort() for term in terms]
        function = z3.Function(name, *sorts, _sort(result))
        answers = z3.Function(f"answers {name}", *sorts, z3.BoolSort())
        applied = Applied(terms, function, answers, body, result)
        self.applied[f"{name} {terms}"] = applied
        return {result: (z3.And(*(known for known, _ in arguments), answers(*terms)), function(*terms))}

    def call_contains(self, node: n.Call) -> Value:
        return self.native(node, lambda a, b: z3.Contains(a, b))

    def call_startsWith(self, node: n.Call) -> Value:
        return self.native(node, lambda a, b: z3.PrefixOf(b, a))

    def call_endsWith(self, node: n.Call) -> Value:
        return self.native(node, lambda a, b: z3.SuffixOf(b, a))

    def native(self, node: n.Call, body: Callable[[Any, Any], Any]) -> Value:
        a, b = (self.value(arg).get(TEXT) for arg in node.args)
        if a is None or b is None:
            return {}
        self.spelt.update(arg for arg in node.args if isinstance(arg, n.Field))
        return {BOOL: (z3.And(a[0], b[0]), body(a[1], b[1]))}

    def call_matches(self, node: n.Call) -> Value:
        text, pattern = self.value(node.args[0]).get(TEXT), node.args[1]
        if text is None or not isinstance(pattern, n.Literal):
            return {}
        self.spelt.update(arg for arg in node.args if isinstance(arg, n.Field))
        return self.apply(f"matches {pattern.value}", [text], compile_pattern(str(pattern.value)), BOOL)

    def call_mentions_any(self, node: n.Call) -> Value | None:
        wanted = node.args[1]
        if not isinstance(wanted, n.ListOf) or not 0 < len(wanted.items) <= MOST_ITEMS:
            return None
        parts = [self.truth(n.Call("mentions", (node.args[0], item))) for item in wanted.items]
        true, false = z3.Or(*(p.true for p in parts)), z3.And(*(p.false for p in parts))
        return {BOOL: (z3.Or(true, false), true)}

    def call_size(self, node: n.Call) -> Value:
        value = self.value(node.args[0])
        found = self.unknown(node)[NUMBER]
        self.axioms.append(found[1] >= 0)
        if TEXT in value and LIST not in value:
            return {NUMBER: (value[TEXT][0], z3.ToReal(z3.Length(value[TEXT][1])))}
        return {NUMBER: found}

    def call_number(self, node: n.Call) -> Value:
        """A number is its own number; of a text only the function knows."""
        value = self.value(node.args[0])
        found = []
        if NUMBER in value:
            found.append(value[NUMBER])
        if TEXT in value:
            body = self.functions[node.name].body
            found.append(self.apply(node.name, [value[TEXT]], body, NUMBER)[NUMBER])
        if not found:
            return {}
        if len(found) == 1:
            return {NUMBER: found[0]}
        (known_a, a), (known_b, b) = found
        return {NUMBER: (z3.Or(known_a, known_b), z3.If(known_a, a, b))}

    call_double = call_number

    def call_abs(self, node: n.Call) -> Value:
        return self.number(node.args[0], lambda term: z3.If(term < 0, -term, term))

    def call_within_percent(self, node: n.Call) -> Value:
        sides = [self.value(arg).get(NUMBER) for arg in node.args]
        if any(side is None for side in sides):
            return {}
        (known_a, a), (known_b, b), (known_p, p) = [side for side in sides if side]
        away, whole = z3.If(a < b, b - a, a - b), z3.If(b < 0, -b, b)
        return {BOOL: (z3.And(known_a, known_b, known_p), away * 100 <= whole * p)}


def _sort(kind: str) -> z3.SortRef:
    return {TEXT: z3.StringSort, NUMBER: z3.RealSort, BOOL: z3.BoolSort}[kind]()


def _variable(kind: str, name: str) -> Any:
    if kind == LIST:
        return None
    return z3.Const(f"{kind} {name}", _sort(kind))
