"""Chunks of rows into the catalog's tables: COPY into staging, then set-based INSERTs; a chunk is whole or absent."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Any

from django.db import connection

from catalog.importing import statements as sql
from catalog.importing.rejections import Rejections
from catalog.importing.rows import ItemRow, PairRow, QueryRow
from catalog.services.raters import rater_ensure
from webapp.common.models import Corpus

QUERY_CHUNK, ITEM_CHUNK, PAIR_CHUNK = 10_000, 1_000, 20_000
Fence = Callable[[], AbstractContextManager[None]]
Tick = Callable[[str, int], None]


class Loader:
    """One import's session. `fence` opens the transaction of a chunk; `tick(what, rows)` is called after each."""

    def __init__(
        self, corpus: Corpus, fence: Fence, rejections: Rejections, tick: Tick, method: str = ""
    ) -> None:
        self.corpus, self.fence, self.rejections, self.tick = corpus, fence, rejections, tick
        self.values: dict[str, int | str] = {"corpus": corpus.pk, "method": method[:80]}
        self.accepted: dict[str, int] = {}
        self.raters: dict[str, int] = {}
        with connection.cursor() as cursor:
            cursor.execute(sql.STAGING)

    def close(self) -> None:
        """Drop the staging; a dropped connection has done so already."""
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(sql.UNSTAGE)

    def _run(self, statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return max(0, int(cursor.rowcount))

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return list(cursor.fetchall())

    def _stage(self, table: str, copy: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table}")
            with cursor.copy(copy) as out:
                for row in rows:
                    out.write_row(row)
            cursor.execute(f"ANALYZE {table}")

    def _count(self, name: str, rows: int) -> None:
        self.accepted[name] = self.accepted.get(name, 0) + rows

    # queries ------------------------------------------------------------------------------------------------

    def queries(self, rows: Iterable[QueryRow], file: str) -> None:
        for chunk in _chunks(rows, QUERY_CHUNK):
            with self.fence():
                self._stage("lore_query", sql.COPY_QUERIES, chunk)
                doubles = self._rows(sql.DOUBLE_QUERIES)
                self._count("new_queries", self._run(sql.QUERIES))
                self._run(sql.REFS)
                self._run(sql.TRAFFIC)
            explicit = [(line, ref) for line, ref, implied in doubles if not implied]
            self._doubles(file, "query_id", explicit)
            self._count("queries", len(chunk) - len(doubles))
            self.tick("queries", self.accepted["queries"])

    # items --------------------------------------------------------------------------------------------------

    def items(self, rows: Iterable[ItemRow], file: str, *, again: bool = False) -> None:
        """`again`: rows of a second file may name items of the first, which then stands."""
        for chunk in _chunks(rows, ITEM_CHUNK):
            with self.fence():
                staged = ((*row[:7], json.dumps(row.attributes), json.dumps(row.images)) for row in chunk)
                self._stage("lore_item", sql.COPY_ITEMS, staged)
                doubles = self._item_chunk()
            if not again:
                self._doubles(file, "product_id", doubles)
            self._count("items", len(chunk) - len(doubles))
            self.tick("items", self.accepted["items"])

    def _item_chunk(self) -> list[tuple[Any, ...]]:
        self._count("new_items", self._run(sql.ITEMS))
        self._run(sql.ITEM_IDS)
        doubles = self._rows(sql.DOUBLE_ITEMS)
        self._run(sql.SEEN_ITEMS)
        self._count("new_versions", self._run(sql.VERSIONS))
        self._run(sql.VERSION_IDS)
        self._run(sql.PAYLOADS)
        self._run(sql.BLOBS)
        self._count("new_picture_rows", self._run(sql.IMAGES))
        self._run(sql.CURRENT)
        return doubles

    # pairs --------------------------------------------------------------------------------------------------

    def judged(self, rows: Iterable[PairRow], file: str) -> None:
        self._pairs(rows, file, "judged", sql.SETTLED)

    def ratings(self, rows: Iterable[PairRow], file: str) -> None:
        self._run("TRUNCATE lore_seen_pair")
        self._pairs(rows, file, "ratings", sql.RATINGS)

    def rankings(self, rows: Iterable[PairRow], file: str) -> None:
        self._run("TRUNCATE lore_seen_pair")
        self._pairs(rows, file, "rankings", sql.RANKINGS)

    def _pairs(self, rows: Iterable[PairRow], file: str, name: str, write: str) -> None:
        for chunk in _chunks(rows, PAIR_CHUNK):
            with self.fence():
                self._raters({row.rater for row in chunk if row.rater})  # before the COPY has the connection
                self._stage("lore_pair", sql.COPY_PAIRS, self._staged(chunk))
                unknown = self._found()
                doubles = self._rows(sql.DOUBLE_PAIRS)
                self._count(f"changed_{name}", self._run(write))
            self._unknown(file, unknown)
            self._doubles(file, "query_id, product_id", doubles)
            self._count(name, len(chunk) - len(unknown) - len(doubles))
            self.tick(name, self.accepted[name])

    def _found(self) -> list[tuple[Any, ...]]:
        """Name query, item and pair of each staged row, making the pairs that are new; returns rows that name unknowns."""
        self._run("TRUNCATE lore_found")
        self._run(sql.FOUND)
        unknown = sorted(self._rows(sql.UNKNOWN))
        ((made, missing),) = self._rows(sql.PAIRS)
        self._count("new_pairs", made)
        if missing:
            self._run(sql.PAIRS_OF_OTHERS)
        return unknown

    def _staged(self, chunk: list[PairRow]) -> Iterator[tuple[Any, ...]]:
        for row in chunk:
            rater = self.raters[row.rater] if row.rater else 0
            content = None if row.content is None else json.dumps(row.content)
            yield (*row[:6], rater, row.seconds, content)

    def _raters(self, names: set[str]) -> None:
        for name in sorted(names - self.raters.keys()):
            self.raters[name] = rater_ensure(corpus=self.corpus, name=name).pk

    def _unknown(self, file: str, rows: list[tuple[Any, ...]]) -> None:
        for line, query, item, grade, no_query in rows:
            field, reason = ("query_id", "unknown query") if no_query else ("product_id", "unknown product")
            mend = "add it to the import, or correct the id"
            self.rejections.add(line, file, field, reason, mend, [query, item, grade])

    def _doubles(self, file: str, field: str, rows: Iterable[tuple[Any, ...]]) -> None:
        for line, *row in rows:
            self.rejections.add(
                line, file, field, "duplicate key", "keep one of them; the first was taken", row
            )


def _chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    stream = iter(rows)
    while chunk := list(islice(stream, size)):
        yield chunk
