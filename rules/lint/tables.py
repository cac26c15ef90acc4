"""Tables, families and words of tables that a condition names and its tables do not have."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping

from rules.language import Condition, TableNames
from rules.language import nodes as n
from rules.language.facts import walk
from rules.language.texts import fold
from rules.lint.findings import Edit, Finding, Fix, Kind, Severity
from rules.lint.places import with_text

_NEAR, _LISTED, _LOOKED_THROUGH = 3, 6, 20_000


def findings(code: str, place: str, condition: Condition) -> Iterator[Finding]:
    """Of one condition, read over the tables that it was compiled with."""
    if condition.language.tables is None:
        return
    told: set[tuple[str, n.Node]] = set()  # each name once a condition, where it stands first
    named = condition.language.named
    for node in walk(condition.tree):
        for literal, message, known in (*_called(node, condition), *_compared(node, condition)):
            if (message, literal) not in told:
                told.add((message, literal))
                yield _finding(code, place, condition.source, literal, message, known, bool(named))


def _finding(
    code: str, place: str, source: str, node: n.Node, message: str, known: Collection[str], tables: bool
) -> Finding:
    near: list[str] = []
    fixes: list[Fix] = []
    if isinstance(node, n.Literal):
        near = _nearest(str(node.value), known)
        written = ((name, with_text(source, node, name)) for name in near)
        fixes = [Fix(f"Write “{name}”", (Edit(place, text),)) for name, text in written if text is not None]
    return Finding(
        Kind.UNKNOWN, Severity.WARNING, code, place, message, _mend(near, known, tables),
        line=node.place.line, column=node.place.column, fixes=tuple(fixes),
    )  # fmt: skip


def _mend(near: list[str], known: Collection[str], tables: bool) -> str:
    if near:
        return f"Did you mean {' or '.join(f'“{name}”' for name in near)}?"
    if not tables:
        return "There are no tables of words yet: write one on the page Tables."
    listed = sorted(known)[:_LISTED]
    more = f" and {len(known) - len(listed)} more" if len(known) > len(listed) else ""
    return f"There is: {', '.join(listed)}{more}." if listed else "Write its families on the page Tables."


def _nearest(text: str, known: Collection[str]) -> list[str]:
    """Names that differ in case alone, else the nearest ones."""
    some = sorted(known)[:_LOOKED_THROUGH]
    folded = {name: fold(name) for name in some}
    same = [name for name in some if folded[name] == fold(text)]
    return same or difflib.get_close_matches(text, some, _NEAR, 0.6)


_Said = tuple[n.Node, str, Collection[str]]


def _called(node: n.Node, condition: Condition) -> Iterator[_Said]:
    """(where, what is wrong, names there are) of a call that asks tables."""
    if not isinstance(node, n.Call):
        return
    named = condition.language.named
    at = condition.language.functions[node.name].table
    if at is not None and len(node.args) > at:
        table = node.args[at]
        if isinstance(table, n.Literal) and table.value not in named:
            yield table, f"There is no table “{table.value}”: {_without(node.name)}.", named
    elif node.name == "same_family" and not named:
        yield node, f"There are no tables to ask: {_without(node.name)}.", ()
    if node.name == "same_family":
        yield from _words(node, named)
    if node.name == "amounts" and isinstance(node.args[1], n.Literal) and "units" in named:
        yield from _unit(node.args[1], named["units"])


def _without(function: str) -> str:
    """What comes of a function whose table is not there."""
    if function == "same_family":
        return "same_family holds only for a word and itself"
    return f"what {function} gives stays unknown"


def _words(node: n.Call, named: Mapping[str, TableNames]) -> Iterator[_Said]:
    """Words written out that stand in no family of the table, or of any table where none is named."""
    table = node.args[2] if len(node.args) > 2 else None
    if isinstance(table, n.Literal):
        asked = [named[str(table.value)]] if table.value in named else []
    else:
        asked = list(named.values()) if table is None else []
    known = frozenset[str]().union(*(names.words for names in asked))
    for literal in node.args[:2]:
        if not known or not isinstance(literal, n.Literal):
            continue
        if not any(fold(str(literal.value)) in names.folded for names in asked):
            where = f"of the table “{table.value}”" if isinstance(table, n.Literal) else "of any table"
            yield literal, f"“{literal.value}” is in no family {where}.", known


def _unit(literal: n.Literal, units: TableNames) -> Iterator[_Said]:
    """A unit that the table does not spell is looked for as it stands: said where another one is very like it."""
    text = fold(str(literal.value))
    if text not in units.folded and difflib.get_close_matches(text, units.folded, 1, 0.75):
        yield literal, f"“{literal.value}” is no unit of the table “units”.", units.words


def _compared(node: n.Node, condition: Condition) -> Iterator[_Said]:
    """Families written out beside what kind_of or families_in gives, that the table asked does not have."""
    if isinstance(node, n.Macro):
        table = _table_of(node.range)
        for part in walk(node.body):
            yield from _beside(part, lambda side: table if side == n.Var(node.var) else None, condition)
    else:
        yield from _beside(node, _table_of, condition)


def _table_of(node: n.Node) -> str | None:
    """The table whose families an expression gives, where it is written out."""
    if isinstance(node, n.Index):
        node = node.source_list
    if isinstance(node, n.Call) and node.name in ("kind_of", "families_in"):
        table = node.args[1]
        return str(table.value) if isinstance(table, n.Literal) else None
    return None


def _beside(node: n.Node, table_of: Callable[[n.Node], str | None], condition: Condition) -> Iterator[_Said]:
    if not isinstance(node, n.Binary) or node.op not in ("==", "!=", "in"):
        return
    for side, other in ((node.left, node.right), (node.right, node.left)):
        table = table_of(side)
        if table is None or table not in condition.language.named:
            continue
        families = condition.language.named[table].families
        for literal in other.items if isinstance(other, n.ListOf) else (other,):
            if isinstance(literal, n.Literal) and literal.value not in families:
                yield literal, f"The table “{table}” has no family “{literal.value}”.", families
