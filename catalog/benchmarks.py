"""Pairs imported a second, beside raw COPY of the same rows in the same run. Leaves nothing behind."""

import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from catalog.importing.formats import FORMATS
from catalog.importing.items import items_read
from catalog.importing.loading import Loader
from catalog.importing.pairs import PairReader, queries_read
from catalog.importing.rejections import Rejections
from catalog.importing.tables import table_open
from webapp.common.models import Corpus

PAIRS, ITEMS = 200_000, 2_000


def run(size: int = 0) -> list[dict[str, Any]]:
    """Import `size` judged pairs from a CSV file, validation and all, then COPY the rows that came of it."""
    size = size or PAIRS
    with tempfile.TemporaryDirectory() as folder, _undone():
        _write(Path(folder), size)
        corpus = Corpus.objects.create(slug="bench-catalog", name="Benchmark")
        rate, peak = _import(corpus, Path(folder), size)
        bare, whole = _copy_bare(corpus, size), _copy_whole(corpus, size)
    return [
        {"name": "pairs imported, validated and settled, a second", "figure": f"{rate:,.0f}", "against": "20,000"},
        {"name": "Python memory at its highest, MB", "figure": f"{peak / 1e6:.0f}"},
        {"name": "raw COPY of these rows into the same tables", "figure": f"{whole:,.0f}",
         "against": f"import is {rate / whole:.2f} of it (aim .30)"},
        {"name": "raw COPY into one bare table", "figure": f"{bare:,.0f}", "against": f"import is {rate / bare:.2f} of it"},
    ]  # fmt: skip


@contextmanager
def _undone() -> Iterator[None]:
    """A transaction that is rolled back, whatever happens in it."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


def _write(folder: Path, size: int) -> None:
    queries = max(1, size // ITEMS)
    with (folder / "products.csv").open("w") as out:
        out.write("product_id,title\n")
        out.writelines(f"item-{n},Thing number {n}\n" for n in range(ITEMS))
    with (folder / "queries.csv").open("w") as out:
        out.write("query_id,query\n")
        out.writelines(f"query-{n},thing {n}\n" for n in range(queries + 1))
    with (folder / "labels.csv").open("w") as out:
        out.write("query_id,product_id,grade\n")
        out.writelines(f"query-{n // ITEMS},item-{n % ITEMS},{n % 4}\n" for n in range(size))


def _import(corpus: Corpus, folder: Path, size: int) -> tuple[float, int]:
    with Rejections(folder / "out") as rejections:
        loader = Loader(corpus, transaction.atomic, rejections, lambda what, rows: None, "benchmark")
        items, queries, labels = (
            table_open(folder / f"{name}.csv") for name in ("products", "queries", "labels")
        )
        loader.items(items_read(items, folder, rejections), items.name)
        loader.queries(queries_read(queries, rejections), queries.name)
        reader = PairReader(labels, FORMATS["csv"].grades, rejections, rated=False)
        start = time.perf_counter()
        loader.judged(reader.rows(), labels.name)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # foreign keys are checked inside the time
            seconds = time.perf_counter() - start
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        assert loader.accepted["judged"] == size
        loader.close()
    return size / seconds, _peak(folder)


def _peak(folder: Path) -> int:
    """Memory of reading alone, in a pass of its own: tracing slows what it watches."""
    labels = table_open(folder / "labels.csv")
    tracemalloc.start()
    with Rejections(folder / "out") as rejections:
        for _ in PairReader(labels, FORMATS["csv"].grades, rejections, rated=False).rows():
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _copy_bare(corpus: Corpus, size: int) -> float:
    rows = ((corpus.pk, n, n % ITEMS, n % 4 + 1) for n in range(size))
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_bare (corpus bigint, query bigint, item bigint, grade smallint)"
        )
        start = time.perf_counter()
        _copy(cursor, "COPY bench_bare FROM STDIN", rows)
    return size / (time.perf_counter() - start)


def _copy_whole(corpus: Corpus, size: int) -> float:
    """The very rows, taken out and put back: the tables' own indexes and foreign keys, and no question asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, corpus_id, query_id, item_id FROM catalog_pair WHERE corpus_id = %s", [corpus.pk]
        )
        pairs = cursor.fetchall()
        cursor.execute(
            "SELECT v.pair_id, item_version_id, grade, dimension, source, method, picture_decided, blind, at"
            " FROM catalog_settledverdict v JOIN catalog_pair p ON p.id = v.pair_id WHERE p.corpus_id = %s",
            [corpus.pk],
        )
        verdicts = cursor.fetchall()
        cursor.execute(
            "DELETE FROM catalog_settledverdict WHERE pair_id IN (SELECT id FROM catalog_pair WHERE corpus_id = %s)",
            [corpus.pk],
        )
        cursor.execute("DELETE FROM catalog_pair WHERE corpus_id = %s", [corpus.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        start = time.perf_counter()
        _copy(cursor, "COPY catalog_pair (id, corpus_id, query_id, item_id) FROM STDIN", pairs)
        _copy(
            cursor,
            "COPY catalog_settledverdict (pair_id, item_version_id, grade, dimension, source, method,"
            " picture_decided, blind, at) FROM STDIN",
            verdicts,
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return size / (time.perf_counter() - start)


def _copy(cursor: Any, statement: str, rows: Any) -> None:
    with cursor.copy(statement) as out:
        for row in rows:
            out.write_row(row)
