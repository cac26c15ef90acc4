"""Columns of language values for the vectorised form.

A column stands at one *level*: a constant, one value per query row, one per item row, or one per pair. It is
either `Coded` (a code per row into a short list of distinct values, -1 for unknown) or `Truth` (an int8 per
row: 0 false, 1 unknown, 2 true, so that "and" is the minimum, "or" the maximum and "not" 2 - x).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.language.values import language_value

Codes: TypeAlias = npt.NDArray[np.int64]
States: TypeAlias = npt.NDArray[np.int8]
Rows: TypeAlias = npt.NDArray[np.int64]

CONSTANT, QUERY, ITEM, PAIR = 0, 1, 2, 3
FALSE, UNKNOWN, TRUE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Coded:
    """codes (rows,) int64 in [-1, len(values)); values are distinct language values."""

    level: int
    codes: Codes
    values: list[Any]


@dataclass(frozen=True, slots=True)
class Truth:
    """states (rows,) int8."""

    level: int
    states: States


Column: TypeAlias = Coded | Truth


def identity(value: Any) -> Any:
    """A key that keeps apart what the language keeps apart:

    1, 1.0 and true; and brings lists and NaN together.
    """
    if type(value) is list:
        return (list, tuple(identity(x) for x in value))
    if type(value) is float and (math.isnan(value) or value == 0.0):
        return (float, repr(value))
    return (type(value), value)


def encode(level: int, values: Iterable[Any]) -> Column:
    """A column of `values`: Truth where all are true, false or unknown, else Coded."""
    found = list(values)
    if all(v is None or type(v) is bool for v in found):
        states = np.fromiter(
            (UNKNOWN if v is None else TRUE if v else FALSE for v in found), np.int8, len(found)
        )
        return Truth(level, states)
    known: dict[Any, int] = {}
    distinct: list[Any] = []
    codes = np.empty(len(found), np.int64)
    for row, value in enumerate(found):
        codes[row] = -1 if value is None else _code(known, distinct, value)
    return Coded(level, codes, distinct)


def _code(known: dict[Any, int], distinct: list[Any], value: Any) -> int:
    key = identity(value)
    code = known.get(key)
    if code is None:
        code = known[key] = len(distinct)
        distinct.append(value)
    return code


def from_arrow(level: int, column: pa.ChunkedArray | None, rows: int) -> Column:
    """A field's column out of a table; all unknown where the table lacks it."""
    if column is None:
        return Truth(level, np.full(rows, UNKNOWN, np.int8))
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        column = column.dictionary_encode()
    if not pa.types.is_dictionary(column.type):
        return encode(level, (language_value(v) for v in column.to_pylist()))
    joined = column.unify_dictionaries().combine_chunks()
    array = joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return Coded(level, codes, [language_value(v) for v in array.dictionary.to_pylist()])


def states_of(column: Column) -> States:
    """Truth states of any column: a value that is not a bool is unknown."""
    if isinstance(column, Truth):
        return column.states
    table = np.fromiter(
        (TRUE if v is True else FALSE if v is False else UNKNOWN for v in column.values), np.int8
    )
    return np.append(table, np.int8(UNKNOWN))[column.codes]


def coded_of(column: Column) -> Coded:
    """A Truth column as codes of [False, True]."""
    if isinstance(column, Coded):
        return column
    return Coded(column.level, np.array([0, -1, 1], np.int64)[column.states], [False, True])
