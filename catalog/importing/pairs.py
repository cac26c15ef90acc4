"""Query rows and pair rows out of query, judgment, rating and ranking files."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from catalog.importing import cleaning
from catalog.importing.columns import Columns
from catalog.importing.formats import PAIR, QUERY
from catalog.importing.rejections import Rejections
from catalog.importing.rows import PairRow, QueryRow
from catalog.importing.tables import Table, json_lines
from catalog.keys import query_key

QUERY_LONGEST, ID_LONGEST = 500, 80
TRUE = frozenset({"1", "true", "True", "TRUE", "yes"})


def queries_read(table: Table, rejections: Rejections) -> Iterator[QueryRow]:
    columns = Columns(table, QUERY).need("text")
    for line, cells in columns.rows(rejections):
        row = _query(columns, line, cells, rejections)
        if row is not None:
            yield row


def _query(columns: Columns, line: int, cells: list[Any], rejections: Rejections) -> QueryRow | None:
    name = columns.table.name
    text, external = cleaning.line_clean(columns.text(cells, "text")), columns.text(cells, "id")
    if "id" in columns.at and not external:
        rejections.add(line, name, "query_id", "missing id", "give each query an id", cells)
        return None
    key = query_key(text)
    if not key or len(text) > QUERY_LONGEST or len(external) > ID_LONGEST:
        reason = "too long" if key else "missing query"
        rejections.add(line, name, "query", reason, f"1 to {QUERY_LONGEST} characters", cells)
        return None
    traffic = columns.text(cells, "traffic")
    if traffic and not traffic.isdecimal():
        rejections.add(line, name, "traffic", "not a count", "a whole number of times asked", cells)
        return None
    return QueryRow(line, external or key, external, text, key, int(traffic) if traffic else None, False)


def queries_implied(table: Table) -> Iterator[QueryRow]:
    """Queries that a judgment file names by their text, each once per run of equal lines; faults are named later."""
    columns = Columns(table, PAIR).need("query")
    width, last = len(table.columns), ""
    for line, cells in table.rows():
        if len(cells) != width:
            continue
        raw = columns.text(cells, "query")
        if raw == last or cleaning.is_broken(raw):
            continue
        last = raw
        text, external = cleaning.line_clean(raw), columns.text(cells, "query_id")[:ID_LONGEST]
        key = query_key(text)
        if key and len(text) <= QUERY_LONGEST:
            yield QueryRow(line, external or key, external, text, key, None, True)


class PairReader:
    """Judged pairs (settled grades) or ratings (with `rated`) of one table."""

    def __init__(
        self, table: Table, grades: Mapping[str, int], rejections: Rejections, *, rated: bool
    ) -> None:
        self.table, self.grades, self.rejections = table, grades, rejections
        self.columns = Columns(table, PAIR).need("item", *(("rater", "grade") if rated else ()))
        if "query_id" not in self.columns.at:
            self.columns.need("query")
        self.rated = rated

    def rows(self) -> Iterator[PairRow]:
        """The hot loop: a hundred thousand rows a second pass here, so places are looked up once."""
        at = self.columns.at
        by_id, query, item = "query_id" in at, at.get("query_id", at.get("query", 0)), at["item"]
        grade_at, dimension_at, locale_at = at.get("grade"), at.get("dimension"), at.get("locale")
        grades = self.grades
        for line, cells in self.columns.rows(self.rejections):
            query_ref, item_ref = str(cells[query]).strip(), str(cells[item]).strip()
            given = str(cells[grade_at]).strip() if grade_at is not None else ""
            grade = grades.get(given) or self._number(given)
            if not query_ref or not item_ref or (grade is None and (given or self.rated)):
                self._reject(line, cells, query_ref, item_ref)
                continue
            if not by_id:
                query_ref = query_key(cleaning.line_clean(query_ref))
            if locale_at is not None and cells[locale_at]:
                item_ref = f"{item_ref}_{cells[locale_at]}"
            dimension = str(cells[dimension_at]).strip()[:40] if dimension_at is not None else ""
            if grade == 2 and not dimension:
                dimension = "unstated"
            rest = self._rest(cells) if self.rated else (self._flag(cells), "", None)
            if self.rated and not rest[1]:
                self.rejections.add(line, self.table.name, "rater", "missing rater", "name the rater", cells)
                continue
            yield PairRow(line, query_ref, item_ref, grade, dimension, *rest, None)

    def _number(self, given: str) -> int | None:
        """'3.0' as a table of floats writes 3."""
        return self.grades.get(given[:-2]) if given.endswith(".0") else None

    def _flag(self, cells: list[Any]) -> bool:
        return self.columns.text(cells, "picture_decided") in TRUE

    def _rest(self, cells: list[Any]) -> tuple[bool, str, float | None]:
        seconds = self.columns.text(cells, "seconds")
        try:
            taken = float(seconds) if seconds else None
        except ValueError:
            taken = None
        return self._flag(cells), self.columns.text(cells, "rater")[:120], taken

    def _reject(self, line: int, cells: list[Any], query_ref: str, item_ref: str) -> None:
        if query_ref and item_ref:
            allowed = ", ".join(self.grades)
            self.rejections.add(
                line, self.table.name, "grade", "grade out of range", f"one of {allowed}", cells
            )
        else:
            field = "product_id" if query_ref else "query_id"
            self.rejections.add(
                line, self.table.name, field, "missing id", "name both query and product", cells
            )


def rankings_read(path: Path, rejections: Rejections) -> Iterator[PairRow]:
    """One ranking a line: query_id, product_id, rater, and the reasonings in their order, kept as they are."""
    for line, value in json_lines(path):
        fields = value if isinstance(value, dict) else {}
        query, item = str(fields.get("query_id") or ""), str(fields.get("product_id") or "")
        rater = str(fields.get("rater") or fields.get("person") or "")
        if not (query and item and rater):
            reason = "not JSON" if isinstance(value, ValueError) else "missing id"
            mend = "name query_id, product_id and rater"
            rejections.add(line, path.name, "", reason, mend, fields or str(value))
            continue
        yield PairRow(line, query, item, None, "", False, rater[:120], None, fields)
