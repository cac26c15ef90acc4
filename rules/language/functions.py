"""The functions a condition may call: names, types, what they do, and how a person would say it.

A function is called with language values only, never with an unknown one, and answers None where it has no
answer.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.language import terms, texts
from rules.language.limits import INT_MAX, INT_MIN, MAX_RANGE

Body = Callable[..., Any]
Families = Mapping[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Function:
    """`params` are type names: string, number, int, double, bool, list, any; a trailing ? makes one optional.

    `style` is "receiver" (text.contains(x)), "global" (lower(x)) or "both". `words` says the call in plain
    words, the arguments as {0}, {1}...; `denied` is the same for its opposite. `over` is the same function
    asked of many pairs at once (see `terms.Terms.missing_over`), for those too many to be asked one by one.
    `table` is the place of the argument that names a table of words, None where none does.
    """

    name: str
    params: tuple[str, ...]
    result: str
    body: Body
    style: str = "global"
    words: str = ""
    denied: str = ""
    over: Body | None = None
    table: int | None = None

    @property
    def least(self) -> int:
        return sum(not p.endswith("?") for p in self.params)


def _text(*kinds: type) -> Callable[[Body], Body]:
    """Wrap `body` so that arguments of other types give None."""

    def wrap(body: Body) -> Body:
        def one(a: Any) -> Any:
            return body(a) if type(a) is kinds[0] else None

        def two(a: Any, b: Any) -> Any:
            return body(a, b) if type(a) is kinds[0] and type(b) is kinds[1] else None

        return one if len(kinds) == 1 else two

    return wrap


def _size(a: Any) -> int | None:
    return len(a) if type(a) is str or type(a) is list else None


def _within_percent(a: Any, b: Any, percent: Any) -> bool | None:
    if not all(type(x) in (int, float) and math.isfinite(x) for x in (a, b, percent)):
        return None
    # Compared as a product: no division by zero, and 110 is within 10 % of 100 in floating point, too.
    return bool(abs(a - b) * 100 <= abs(b) * percent * (1 + 1e-12))


def _number(a: Any) -> float | None:
    if type(a) is str:
        return texts.number(a)
    return float(a) if type(a) in (int, float) else None


def _double(a: Any) -> float | None:
    if type(a) is str:
        plain = len(a) <= 400 and re.fullmatch(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", a)
        return float(a) if plain else None
    return float(a) if type(a) in (int, float) else None


def _int(a: Any) -> int | None:
    if type(a) is str:
        return _int(int(a)) if len(a) < 25 and re.fullmatch(r"[+-]?[0-9]+", a) else None
    if (
        type(a) is float
    ):  # the least of them is refused as CEL refuses it: its neighbour below rounds to the same
        a = int(a) if math.isfinite(a) and a > INT_MIN else None
    return a if type(a) is int and INT_MIN <= a <= INT_MAX else None


def _abs(a: Any) -> Any:
    if type(a) is int:
        return abs(a) if a > INT_MIN else None
    return abs(a) if type(a) is float else None


def _any_mentioned(text: Any, phrases: Any) -> bool | None:
    if type(text) is not str or type(phrases) is not list or len(phrases) > MAX_RANGE:
        return None
    known = [texts.mentions(text, p) for p in phrases if type(p) is str]
    return True if any(known) else (False if len(known) == len(phrases) else None)


def _ascii(upper: bool) -> Callable[[str], str]:
    low, high = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    change = str.maketrans(low, high) if upper else str.maketrans(high, low)
    return lambda a: a.translate(change)


def _matches_unbound(a: Any, pattern: Any) -> None:
    """Only the compiler, which holds the compiled pattern, can answer."""
    raise RuntimeError("matches() is compiled with its pattern")


_S, _N = "string", "number"
_ss = _text(str, str)
_s = _text(str)


BASE: tuple[Function, ...] = (
    Function("contains", (_S, _S), "bool", _ss(lambda a, b: b in a), "receiver",
             "{0} contains {1}", "{0} does not contain {1}"),
    Function("startsWith", (_S, _S), "bool", _ss(lambda a, b: a.startswith(b)), "receiver",
             "{0} starts with {1}", "{0} does not start with {1}"),
    Function("endsWith", (_S, _S), "bool", _ss(lambda a, b: a.endswith(b)), "receiver",
             "{0} ends with {1}", "{0} does not end with {1}"),
    Function("matches", (_S, _S), "bool", _matches_unbound, "both",
             "{0} matches the pattern {1}", "{0} does not match the pattern {1}"),
    Function("size", ("any",), "int", _size, "both", "the size of {0}"),
    Function("lowerAscii", (_S,), "string", _s(_ascii(upper=False)), "receiver", "{0} in small letters"),
    Function("upperAscii", (_S,), "string", _s(_ascii(upper=True)), "receiver", "{0} in capitals"),
    Function("trim", (_S,), "string", _s(lambda a: a.strip()), "receiver", "{0} without outer spaces"),
    Function("lower", (_S,), "string", _s(texts.fold), "global", "{0} without regard to case"),
    Function("words", (_S,), "list", _s(lambda a: list(texts.words(a))), "global", "the words of {0}"),
    Function("mentions", (_S, _S), "bool", _ss(texts.mentions), "global",
             "{0} mentions {1}", "{0} does not mention {1}"),
    Function("mentions_kind", (_S, _S), "bool", _ss(texts.mentions_kind), "global",
             "{0} mentions {1}, singular or plural", "{0} mentions no {1}, singular or plural"),
    Function("mentions_any", (_S, "list"), "bool", _any_mentioned, "global",
             "{0} mentions one of {1}", "{0} mentions none of {1}"),
    Function("word_overlap", (_S, _S), "double", _ss(texts.word_overlap), "global",
             "the share of the words of {0} found in {1}", over=terms.overlap_over),
    Function("model_names", (_S,), "list", terms.kept(terms.model_names), "global",
             "the names with a number in {0}"),
    Function("number", ("any",), "double", _number, "global", "{0} as a number"),
    Function("first_number", (_S,), "double", _s(texts.first_number), "global", "the first number in {0}"),
    Function("int", ("any",), "int", _int, "global", "{0} as a whole number"),
    Function("double", ("any",), "double", _double, "global", "{0} as a decimal number"),
    Function("abs", (_N,), "number", _abs, "global", "{0} without its sign"),
    Function("within_percent", (_N, _N, _N), "bool", _within_percent, "global",
             "{0} is within {2} % of {1}", "{0} is more than {2} % away from {1}"),
)  # fmt: skip


def families(tables: Mapping[str, Any]) -> Families:
    """Which families each folded word belongs to: {word: {(table, family)}}.

    A table is {family: [words]} or a list of lists of words; a family's own name counts among its words.
    """
    found: dict[str, set[tuple[str, str]]] = {}
    for table, content in tables.items():
        for family, members in terms.named_families(content):
            for word in members:
                found.setdefault(texts.fold(word), set()).add((table, texts.fold(family)))
    return {word: frozenset(groups) for word, groups in found.items()}


def _same_family(known: Families) -> Body:
    none: frozenset[tuple[str, str]] = frozenset()

    def same(a: Any, b: Any, table: Any = None) -> bool | None:
        if type(a) is not str or type(b) is not str or not (table is None or type(table) is str):
            return None
        left, right = texts.fold(a), texts.fold(b)
        if left == right:
            return True
        shared = known.get(left, none) & known.get(right, none)
        return any(table in (None, name) for name, _ in shared)

    return same


def _over_tables(tables: Mapping[str, Any]) -> tuple[Function, ...]:
    """The functions that ask a release's tables."""
    known = terms.Terms(tables)
    return (
        Function("same_family", (_S, _S, "string?"), "bool", _same_family(families(tables)), "global",
                 "{0} and {1} are of one family", "{0} and {1} are not of one family", table=2),
        Function("families_in", (_S, _S), "list", terms.kept(known.families_in), "global",
                 "the families of {1} that {0} names", table=1),
        Function("kind_of", (_S, _S), "string", terms.kept(known.kind_of), "global",
                 "the thing that {0} names (by {1})", table=1),
        Function("missing_words", (_S, _S, "string?"), "list", terms.kept(known.missing_words), "global",
                 "the words of {0} that {1} lacks", over=known.missing_over, table=2),
        Function("amounts", (_S, _S), "list", terms.kept(known.amounts), "global",
                 "the numbers of {1} in {0}"),
    )  # fmt: skip


def registry(tables: Mapping[str, Any] | None = None) -> dict[str, Function]:
    """All functions by name, those that ask tables bound to `tables`."""
    return {f.name: f for f in (*BASE, *_over_tables(tables or {}))}


def signature(function: Function) -> str:
    """`mentions(string, string) -> bool`, as the help prints it."""
    params: Sequence[str] = function.params
    if function.style == "receiver":
        return f"{params[0]}.{function.name}({', '.join(params[1:])}) -> {function.result}"
    return f"{function.name}({', '.join(params)}) -> {function.result}"
