"""Rules that meet by chance: queries and items of a corpus brought together as no pair of it is. Conditions on words, of
which a solver knows little, are often met this way.
"""

from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from rules.conflicts import RulesNow
from rules.engine import Rulebook, clashes

DRAWN = 200_000
Fields: TypeAlias = dict[str, Any]
Witnesses: TypeAlias = dict[tuple[str, str], tuple[Fields, Fields]]


def chance_conflicts(now: RulesNow, drawn: int = DRAWN) -> Witnesses:
    """A witness (query, item) for every two rules in conflict on one of `drawn` combinations, with no field more than the
    conflict needs. The same for the same corpus and rules.
    """
    table, book = now.table, now.rulebook
    if not table.queries.num_rows or not table.items.num_rows:
        return {}
    dice = np.random.default_rng(0)
    rows = dice.integers(0, table.queries.num_rows, drawn), dice.integers(0, table.items.num_rows, drawn)
    found = book.evaluate_table(table.queries, table.items, rows, folder=table.folder)
    witnesses: Witnesses = {}
    for clash in clashes(book.rules, book.yields, found.fired, found.conflicts):
        both = Rulebook([book.by_code[clash.left], book.by_code[clash.right]], book.language)
        query, item = (
            _fields(side, int(part[clash.rows[0]]))
            for side, part in zip((table.queries, table.items), rows, strict=True)
        )
        if both.evaluate(query, item, trace=False).conflict:
            witnesses[clash.left, clash.right] = _least(both, query, item)
    return witnesses


def _fields(table: pa.Table, row: int) -> Fields:
    (found,) = table.slice(row, 1).to_pylist()
    return {name: value for name, value in found.items() if value is not None}


def _least(both: Rulebook, query: Fields, item: Fields) -> tuple[Fields, Fields]:
    """The fields without which the two rules would not be in conflict."""
    for side in (query, item):
        for name in sorted(side, key=lambda name: -len(str(side[name]))):
            value = side.pop(name)
            if not both.evaluate(query, item, trace=False).conflict:
                side[name] = value
    return query, item
