"""The form for a corpus: one column per sub-expression, over all pairs at once.

What depends on the query alone is worked out once per distinct value among the queries, what depends on the
item alone once per distinct value among the items, and only what needs both is done per distinct combination.
Each primitive is the very function the closures use, so the two forms cannot drift apart; numpy does the
joining.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.language import columns as c
from rules.language import nodes as n
from rules.language import operators as ops
from rules.language.closures import Compiler
from rules.language.facts import walk
from rules.language.functions import Function
from rules.language.kept_columns import Kept
from rules.language.kept_files import KeptFiles
from rules.language.patterns import compile_pattern
from rules.language.word_table import WordTable

# The words of less than a half of a column's texts are split by themselves; where the next process finds what was split
# of all of them, of less than an eighth.
_FEW, _FEW_KEPT = 2, 8
_DENSE = 4_000_000  # combinations counted in a table of this size rather than by hashing


class Frame:
    """Queries and items of a corpus, with every one-sided column worked out so far; shared by rules and by
    views.

    Columns of the tables are named as rules name fields, without `query.` and `item.`. `files`, where there are any,
    belong to these very tables and functions.
    """

    def __init__(
        self,
        queries: pa.Table,
        items: pa.Table,
        functions: Mapping[str, Function],
        files: KeptFiles | None = None,
    ) -> None:
        self.tables = {"query": queries, "item": items}
        self.files = files
        self.functions = functions
        self.compiler = Compiler(functions)
        self.kept = Kept()
        self._words: dict[str, WordTable] = {}
        self._whole: View | None = None

    def whole(self, query_rows: c.Rows, item_rows: c.Rows) -> "View":
        """The view of these very arrays, kept: what a rule left over, the next one and the next edit find there."""
        view = self._whole
        if view is None or view.query_rows is not query_rows or view.item_rows is not item_rows:
            view = self._whole = View(self, query_rows, item_rows)
        return view

    def has_words(self, node: n.Node) -> bool:
        """Whether a column's words are split already."""
        return node.source in self._words

    def words(self, node: n.Node, column: c.Coded) -> WordTable:
        """The words of a column's values; split once."""
        found = self._words.get(node.source)
        if found is None:
            files, texts = self.files, column.values
            found = self._words[node.source] = (
                files.words(node.source, texts) if files else WordTable.of(texts)
            )
        return found

    def field(self, side: str, name: str) -> c.Column:
        """The column of one field."""
        table = self.tables[side]
        level = c.QUERY if side == "query" else c.ITEM
        found = table.column(name) if name in table.column_names else None
        return c.from_arrow(level, found, table.num_rows)


class View:
    """A set of pairs over a frame: rows (pairs,) into the queries and into the items."""

    def __init__(self, frame: Frame, query_rows: c.Rows, item_rows: c.Rows) -> None:
        self.frame = frame
        self.query_rows = query_rows
        self.item_rows = item_rows
        self.kept = Kept()
        self._narrowed: tuple[str, View] | None = None

    def __len__(self) -> int:
        return len(self.query_rows)

    def subset(self, rows: c.Rows) -> "View":
        """The pairs at `rows`."""
        return View(self.frame, self.query_rows[rows], self.item_rows[rows])

    def narrowed(self, scope: n.Node, rows: c.Rows) -> "View":
        """The pairs at `rows`, where `scope` holds; the last one asked for is kept, so that a ladder can be edited."""
        known = self._narrowed
        if known is None or known[0] != scope.source:
            known = self._narrowed = scope.source, self.subset(rows)
        return known[1]

    def numbers(self, node: n.Node) -> npt.NDArray[np.float64] | None:
        """The numbers (pairs,) of a node, not a number where it has none; None where it has none anywhere."""
        column = c.coded_of(self.column(node))
        table = np.array([float(v) if type(v) in (int, float) else np.nan for v in [*column.values, None]])
        if np.isnan(table).all():
            return None
        found: npt.NDArray[np.float64] = self._lift(table[column.codes], column.level, c.PAIR)
        return found

    def truth(self, node: n.Node) -> c.States:
        """The condition's state per pair, (pairs,) int8."""
        column = self.column(node)
        states: c.States = self._lift(c.states_of(column), column.level, c.PAIR)
        return states

    def column(self, node: n.Node) -> c.Column:
        """The column of a checked node, from the store where it has been worked out before."""
        key = node.source
        found = self.kept.get(key) or self.frame.kept.get(key)
        if found is None:
            found = self._from_files(node) or self._compute(node)
            (self.kept if found.level == c.PAIR else self.frame.kept).put(key, found)
        return found

    def _from_files(self, node: n.Node) -> c.Column | None:
        """The column of a function over one side alone, of which another process may have left a file."""
        sides = {x.side for x in walk(node) if isinstance(x, n.Field)}
        if self.frame.files is None or not isinstance(node, n.Call) or len(sides) != 1:
            return None
        level = c.QUERY if sides == {"query"} else c.ITEM
        return self.frame.files.column(node.source, level, lambda: self._compute(node))

    def _lift(self, array: Any, level: int, to: int) -> Any:
        """An array of one level gathered to another; constants are repeated."""
        if level == to:
            return array
        if level == c.CONSTANT:
            rows = (
                len(self)
                if to == c.PAIR
                else self.frame.tables["query" if to == c.QUERY else "item"].num_rows
            )
            return np.repeat(array, rows)
        return array[self.query_rows if level == c.QUERY else self.item_rows]

    def _compute(self, node: n.Node) -> c.Column:
        match node:
            case n.Logic():
                return self._logic(node)
            case n.Unary(op="!"):
                inner = self.column(node.arg)
                return c.Truth(inner.level, (c.TRUE - c.states_of(inner)).astype(np.int8))
            case n.Unary():
                return self._apply(ops.negative, [node.arg])
            case n.Binary():
                return self._binary(node)
            case n.Choice():
                return self._choice(node)
            case n.Index():
                return self._apply(ops.element, [node.source_list, node.index])
            case n.ListOf():
                return self._apply(lambda *values: list(values), node.items)
            case n.Call():
                return self._call(node)
            case n.Macro():
                return self._macro(node)
        return self._leaf(node)

    def _leaf(self, node: n.Node) -> c.Column:
        match node:
            case n.Literal():
                return c.encode(c.CONSTANT, [node.value])
            case n.Field():
                return self.frame.field(node.side, node.name)
            case n.Has():
                found = c.coded_of(self.column(node.target))
                return c.Truth(found.level, np.where(found.codes >= 0, c.TRUE, c.FALSE).astype(np.int8))
        raise TypeError(f"not a node of the rule language: {node!r}")

    def _logic(self, node: n.Logic) -> c.Column:
        join = np.minimum if node.op == "&&" else np.maximum
        columns = sorted((self.column(part) for part in node.parts), key=lambda x: x.level)
        level, states = columns[0].level, c.states_of(columns[0])
        for column in columns[1:]:  # same levels first: less to gather
            to = _common((level, column.level))
            other = self._lift(c.states_of(column), column.level, to)
            states, level = join(self._lift(states, level, to), other), to
        return c.Truth(level, states)

    def _choice(self, node: n.Choice) -> c.Column:
        condition, yes, no = (self.column(x) for x in node.children)
        level = _common((condition.level, yes.level, no.level))
        state = self._lift(c.states_of(condition), condition.level, level)
        if isinstance(yes, c.Truth) and isinstance(no, c.Truth):
            first, second = (self._lift(x.states, x.level, level) for x in (yes, no))
            chosen = np.where(state == c.TRUE, first, np.where(state == c.FALSE, second, c.UNKNOWN))
            return c.Truth(level, chosen.astype(np.int8))
        left, right = c.coded_of(yes), c.coded_of(no)
        joined = c.coded_of(c.encode(level, [*left.values, *right.values]))
        first = _through(joined.codes[: len(left.values)], self._lift(left.codes, left.level, level))
        second = _through(joined.codes[len(left.values) :], self._lift(right.codes, right.level, level))
        codes = np.where(state == c.TRUE, first, np.where(state == c.FALSE, second, -1))
        return c.Coded(level, codes, joined.values)

    def _binary(self, node: n.Binary) -> c.Column:
        body = ops.BINARY[node.op]
        if node.op in ops.COMPARISONS:
            left, right = c.coded_of(self.column(node.left)), c.coded_of(self.column(node.right))
            if _common((left.level, right.level)) == c.PAIR and not _has_lists(left, right):
                return self._compare(node.op, left, right)
        return self._apply(body, [node.left, node.right])

    def _compare(self, op: str, left: c.Coded, right: c.Coded) -> c.Column:
        """Comparison by rank: distinct values are ordered once, pairs compare whole numbers."""
        ranks = _ranks([*left.values, *right.values], op)
        split = len(left.values)
        a = self._lift(_through(ranks[:split], left.codes), left.level, c.PAIR)
        b = self._lift(_through(ranks[split:], right.codes), right.level, c.PAIR)
        kind_a, kind_b = a >> _KIND, b >> _KIND
        answer = _RANKED[op](a, b)
        # NaN is different from everything, itself too; its rank says so by the lowest bit pattern.
        not_a_number = (a == _NAN) | (b == _NAN)
        answer = np.where(not_a_number, op == "!=", answer)
        known = (a >= 0) & (b >= 0) & (kind_a == kind_b)
        return c.Truth(c.PAIR, np.where(known, np.where(answer, c.TRUE, c.FALSE), c.UNKNOWN).astype(np.int8))

    def _call(self, node: n.Call) -> c.Column:
        if node.name == "matches":
            pattern = node.args[1]
            assert isinstance(pattern, n.Literal)  # the checker has seen to it
            return self._apply(compile_pattern(str(pattern.value)), node.args[:1])
        function = self.frame.functions[node.name]
        return self._over(function, node) or self._apply(function.body, node.args)

    def _over(self, function: Function, node: n.Call) -> c.Column | None:
        """A function of two texts of which many pairs are made, by its own form over columns where it has one."""
        if function.over is None:
            return None
        left, right, *others = (c.coded_of(self.column(arg)) for arg in node.args)
        if _common((left.level, right.level)) != c.PAIR or any(o.level != c.CONSTANT for o in others):
            return None
        asked, have = (self._lift(column.codes, column.level, c.PAIR) for column in (left, right))
        offered = self._split(node.args[1], right, have)
        extra = [column.values[int(column.codes[0])] if column.codes[0] >= 0 else None for column in others]
        codes, values = function.over((left.values, asked), offered, *extra)
        return c.Coded(c.PAIR, codes, values)

    def _split(self, node: n.Node, column: c.Coded, codes: c.Codes) -> tuple[list[Any], c.Codes, WordTable]:
        """(values, codes (pairs,) into them, their words): of a few pairs' texts those alone, else of all, kept."""
        used = np.unique(codes[codes >= 0])
        most = len(used) * (_FEW_KEPT if self.frame.files else _FEW) >= len(column.values)
        if column.level != c.PAIR and (most or self.frame.has_words(node)):
            return column.values, codes, self.frame.words(node, column)
        values = [column.values[at] for at in used.tolist()]
        narrowed = np.where(codes >= 0, np.searchsorted(used, codes), -1)
        return values, narrowed, WordTable.of(values)

    def _macro(self, node: n.Macro) -> c.Column:
        fields = list(dict.fromkeys(x for x in walk(node) if isinstance(x, n.Field)))
        closure = self.frame.compiler.compile(node)

        def called(*values: Any) -> Any:
            sides: dict[str, dict[str, Any]] = {"query": {}, "item": {}}
            for field, value in zip(fields, values, strict=True):
                if value is not None:
                    sides[field.side][field.name] = value
            return closure(sides["query"], sides["item"])

        return self._apply(called, fields, strict=False)

    def _apply(self, body: Callable[..., Any], args: Sequence[n.Node], *, strict: bool = True) -> c.Column:
        """`body` once per distinct combination of the arguments' values;

        Unknown arguments give unknown if strict.
        """
        operands = [c.coded_of(self.column(arg)) for arg in args]
        if not operands:
            return c.encode(c.CONSTANT, [body()])
        level = _common([o.level for o in operands])
        lifted = [self._lift(o.codes, o.level, level) for o in operands]
        first, spread = _distinct_rows(lifted, [len(o.values) + 1 for o in operands])
        answers = (
            body(*values) if not strict or None not in values else None
            for values in _values([codes[first] for codes in lifted], operands)
        )
        found = c.encode(level, answers)
        if isinstance(found, c.Truth):
            return c.Truth(level, found.states[spread])
        return c.Coded(level, found.codes[spread], found.values)


def _values(codes: Sequence[c.Codes], operands: Sequence[c.Coded]) -> Iterator[tuple[Any, ...]]:
    tables = [[*o.values, None] for o in operands]  # code -1 reads the last
    columns = [map(table.__getitem__, part.tolist()) for table, part in zip(tables, codes, strict=True)]
    return zip(*columns, strict=True)


def _distinct_rows(codes: Sequence[c.Codes], sizes: Sequence[int]) -> tuple[c.Rows, c.Rows]:
    """For codes (rows,) of several operands:

    One row of each distinct combination, and each row's combination.
    """
    total, key = sizes[0], codes[0] + 1
    for part, size in zip(codes[1:], sizes[1:], strict=True):
        if total * size >= 2**62:
            first, key = _distinct(key, total)
            total = len(first)
        key = key * size + (part + 1)
        total *= size
    return _distinct(key, total)


def _distinct(key: c.Codes, total: int) -> tuple[c.Rows, c.Rows]:
    if total <= max(_DENSE, 2 * len(key)):
        seen = np.zeros(total, bool)
        seen[key] = True
        there = np.flatnonzero(seen)
        number, count = np.empty(total, np.int64), len(there)
        number[there] = np.arange(count)
        spread = number[key]
    else:
        encoded = pa.array(key).dictionary_encode()
        spread, count = encoded.indices.to_numpy().astype(np.int64), len(encoded.dictionary)
    first = np.zeros(count, np.int64)
    first[spread[::-1]] = np.arange(len(key) - 1, -1, -1)
    return first, spread


def _common(levels: Sequence[int]) -> int:
    result = 0
    for level in levels:
        result |= level  # query 1, item 2, both 3: the levels are bits
    return result


def _through(table: Any, codes: Any) -> Any:
    """table[codes], where -1 stays -1."""
    return np.append(table, -1)[codes]


def _has_lists(*columns: c.Coded) -> bool:
    return any(type(v) is list for column in columns for v in column.values)


_KIND = 48  # a rank is its kind of value above this bit, its order below
_NAN = (1 << _KIND) | ((1 << _KIND) - 1)
_RANKED: dict[str, Callable[[Any, Any], Any]] = {
    "==": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}


def _ranks(values: list[Any], op: str) -> Any:
    """A whole number per value, ordered as the values are within their kind: bool 0, number 1, text 2."""
    ranks = np.empty(len(values), np.int64)
    groups: dict[int, dict[Any, int]] = {0: {}, 1: {}, 2: {}}
    kinds = [0 if type(v) is bool else 2 if type(v) is str else 1 for v in values]
    for value, kind in zip(values, kinds, strict=True):
        groups[kind].setdefault(value, len(groups[kind]))
    if op in ops.ORDERINGS:
        groups = {
            k: {v: at for at, v in enumerate(sorted(x for x in g if x == x))} for k, g in groups.items()
        }
    for row, (value, kind) in enumerate(zip(values, kinds, strict=True)):
        ranks[row] = _NAN if value != value else (kind << _KIND) | groups[kind][value]
    return ranks
