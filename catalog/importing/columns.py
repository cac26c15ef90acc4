"""A table's columns under our own names, and its rows once what cannot be read is set aside."""

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.errors import ImportRefused
from catalog.importing.cleaning import is_broken
from catalog.importing.rejections import Rejections
from catalog.importing.tables import Table


class Columns:
    """`at` maps a canonical name to the place of the first column that may hold it."""

    def __init__(self, table: Table, names: Mapping[str, tuple[str, ...]]) -> None:
        self.table = table
        places = {column.casefold(): at for at, column in reversed(list(enumerate(table.columns)))}
        found = {
            name: next((places[s] for s in sources if s in places), None) for name, sources in names.items()
        }
        self.at: dict[str, int] = {name: at for name, at in found.items() if at is not None}

    def need(self, *names: str) -> "Columns":
        """Raises ImportRefused where one is absent."""
        if missing := [name for name in names if name not in self.at]:
            raise ImportRefused(
                f"{self.table.name} has no column for {' and '.join(missing)}; it has {', '.join(self.table.columns)}."
            )
        return self

    def text(self, cells: list[Any], name: str) -> str:
        at = self.at.get(name)
        if at is None:
            return ""
        cell = cells[at]
        return (cell if isinstance(cell, str) else str(cell)).strip()

    def rows(self, rejections: Rejections) -> Iterator[tuple[int, list[Any]]]:
        """Whole rows of readable text, each as long as the header; the others are rejected."""
        width = len(self.table.columns)
        for line, cells in self.table.rows():
            if len(cells) != width:
                cells = self._mended(line, cells, width, rejections)
            elif not self.table.is_parquet and is_broken("".join(cells)):
                at = next(at for at, cell in enumerate(cells) if is_broken(cell))
                column = self.table.columns[at]
                rejections.add(line, self.table.name, column, "broken encoding", "save it as UTF-8", cells)
                continue
            if cells:
                yield line, cells

    def _mended(self, line: int, cells: list[Any], width: int, rejections: Rejections) -> list[Any]:
        """Cells that are absent at the end are empty; more cells than columns is no row of this table."""
        if len(cells) == 1 and isinstance(cells[0], csv.Error):
            reason = "field too large" if "field larger" in str(cells[0]) else "not CSV"
            rejections.add(line, self.table.name, "", reason, "mend the line", str(cells[0]))
            return []
        if len(cells) > width or is_broken("".join(cells)):
            reason = "too many cells" if len(cells) > width else "broken encoding"
            rejections.add(line, self.table.name, "", reason, "mend the line", cells)
            return []
        return cells + [""] * (width - len(cells))
