"""What a corpus offers to conditions: its fields with their types, how many carry them, their commonest values, and its
tables of words.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyarrow as pa

from rules.corpus_table import CorpusTable, field_values, schema_of
from rules.language import Language
from rules.models import Release

SHOWN = 30  # values offered per field
LOOKED_AT = 50_000  # rows of a list column that are counted
PROSE = ("text", "tokens", "title", "description")


@dataclass(frozen=True)
class FieldSummary:
    """`share` of queries or items that carry the field; `values` the commonest texts, none for prose."""

    name: str
    type: str
    share: float
    values: tuple[str, ...]

    @property
    def lines(self) -> str:
        """The values for the page's completion, one a line."""
        return "\n".join(" ".join(value.split()) for value in self.values)


def vocabulary_of(table: CorpusTable) -> tuple[FieldSummary, ...]:
    """Every field of the corpus, queries first, those that most carry before the others: completion offers them so."""
    return _vocabulary(table.revision, _Held(table))


def values_like(table: CorpusTable, field: str, text: str, most: int = 8) -> list[str]:
    """Texts that a field carries and that begin with `text`, then those that hold it; case set aside."""
    return _like(field_values(table, field), text, most)


def tables_offered(base: Release | None) -> list[tuple[str, int]]:
    """(name, families) of the tables that a condition may ask, by name."""
    named = Language.with_tables(base.tables if base else {}).named
    return [(name, len(names.families)) for name, names in sorted(named.items())]


def words_like(base: Release | None, table: str, text: str, *, families: bool, most: int = 8) -> list[str]:
    """Families of a table, or any of its words, that fit `text` as `values_like` has it; none of an unknown table."""
    names = Language.with_tables(base.tables if base else {}).named.get(table)
    return _like((names.families if families else names.words) if names else (), text, most)


def _like(known: Iterable[str], text: str, most: int) -> list[str]:
    wanted = text.casefold()
    begins: list[str] = []
    holds: list[str] = []
    for value in known:
        folded = value.casefold()
        if folded.startswith(wanted):
            begins.append(value)
        elif wanted in folded:
            holds.append(value)
    return [*sorted(begins, key=lambda v: (len(v), v)), *sorted(holds)][:most]


class _Held:
    """A table that a cache may take as an argument: the revision beside it is what tells two apart."""

    def __init__(self, table: CorpusTable) -> None:
        self.table = table

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=8)
def _vocabulary(revision: str, held: _Held) -> tuple[FieldSummary, ...]:
    table = held.table
    schema = schema_of(table)
    found = []
    for side, source in (("query", table.queries), ("item", table.items)):
        for name in source.column_names:
            column = source.column(name)
            carried = len(column) - _missing(column)
            kind = schema.type_of(f"{side}.{name}") or "any"
            values = () if name in PROSE else _commonest(column)
            found.append(FieldSummary(f"{side}.{name}", kind, carried / (len(column) or 1), values))
    return tuple(sorted(found, key=lambda field: (field.name.startswith("item."), -field.share, field.name)))


def _missing(column: pa.ChunkedArray) -> int:
    if pa.types.is_union(column.type):  # a union counts its nulls in a child of its own
        return sum(value is None for value in column.to_pylist())
    return int(column.null_count)


def _commonest(column: pa.ChunkedArray) -> tuple[str, ...]:
    """The commonest texts of a column, list elements counted one by one."""
    if pa.types.is_dictionary(column.type):
        counts = column.value_counts().to_pylist()
        counts.sort(key=lambda row: -row["counts"])
        return tuple(row["values"] for row in counts[: SHOWN + 1] if row["values"] is not None)[:SHOWN]
    if not pa.types.is_list(column.type):
        return ()
    counter = Counter(_texts(column.slice(0, LOOKED_AT).to_pylist()))
    return tuple(value for value, _ in counter.most_common(SHOWN))


def _texts(rows: Iterable[Any]) -> Iterable[str]:
    return (value for row in rows for value in row or () if isinstance(value, str))
