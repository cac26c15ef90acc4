"""Columns that were worked out before, the latest used of them, within a bound of memory."""

from collections import OrderedDict
from threading import Lock

from rules.language.columns import Coded, Column

BUDGET = 384 * 2**20  # bytes
_A_VALUE = 96  # bytes, about, of a distinct value


class Kept:
    """Columns by the source of their expression; safe to be shared by threads."""

    def __init__(self, budget: int = BUDGET) -> None:
        self.budget = budget
        self.held = 0
        self._columns: OrderedDict[str, Column] = OrderedDict()
        self._lock = Lock()

    def get(self, source: str) -> Column | None:
        """The column of an expression, which counts as used now; None where it is not kept."""
        with self._lock:
            found = self._columns.get(source)
            if found is not None:
                self._columns.move_to_end(source)
            return found

    def put(self, source: str, column: Column) -> None:
        """Keep a column; those that nobody has used for longest go once the bound is passed."""
        with self._lock:
            if source in self._columns:
                return
            self._columns[source] = column
            self.held += _size(column)
            while self.held > self.budget and len(self._columns) > 1:
                self.held -= _size(self._columns.popitem(last=False)[1])

    def __len__(self) -> int:
        return len(self._columns)


def _size(column: Column) -> int:
    if isinstance(column, Coded):
        return int(column.codes.nbytes) + _A_VALUE * len(column.values)
    return int(column.states.nbytes)
