"""One import, measured from inside its own process: `python -m catalog.benchmarks.child FOLDER SLUG`, figures as JSON."""

import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.db import connection, transaction

from catalog.importing.running import import_run
from catalog.models import ImportRun
from webapp.common.models import Corpus

MEASURED = "judged"


def main(folder: Path, slug: str) -> dict[str, float]:
    """Figures: rate, whole and bare (rows a second), peak, before and server (MB)."""
    corpus = Corpus.objects.create(slug=slug, name=slug)
    run = ImportRun.objects.create(corpus=corpus, path=str(folder), format="csv")
    before, clock = _memory("self", "VmHWM"), Clock()
    summary = import_run(run=run, fence=transaction.atomic, progress=clock.progress)
    peak = _memory("self", "VmHWM")
    size = summary["accepted"][MEASURED]
    return {
        "rate": size / clock.seconds, "peak": peak, "before": before, "server": clock.server,
        "whole": size / _copy_whole(corpus.pk), "bare": size / _copy_bare(size),
    }  # fmt: skip


class Clock:
    """Time from the end of what comes before the judged pairs to the commit of their last chunk; memory at each chunk."""

    def __init__(self) -> None:
        self.last, self.seconds, self.server = time.perf_counter(), 0.0, 0.0
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.pid = str(cursor.fetchone()[0])

    def progress(self, done: int, total: int, note: str) -> None:
        now = time.perf_counter()
        self.seconds += now - self.last if note.startswith(MEASURED) else 0
        self.last = now
        self.server = max(self.server, _memory(self.pid, "RssAnon"))


def _memory(pid: str, name: str) -> float:
    """MB from the kernel's own account of a process; 0 where there is none (PostgreSQL elsewhere, another system)."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _copy_bare(size: int) -> float:
    """Seconds of COPY into a table without index or key."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (corpus bigint, query bigint, item bigint, grade smallint)")
        start = time.perf_counter()
        _copy(cursor, "COPY bare FROM STDIN", ((1, n, n % 2_000, n % 4 + 1) for n in range(size)))
    return time.perf_counter() - start


PAIRS = "catalog_pair (id, corpus_id, query_id, item_id)"
VERDICTS = "catalog_settledverdict (pair_id, item_version_id, grade, dimension, source, method, picture_decided, blind, at)"


def _copy_whole(corpus: int) -> float:
    """Seconds of COPY of the very rows, taken out and put back: the tables' own indexes and keys, no question asked."""
    of = "(SELECT id FROM catalog_pair WHERE corpus_id = %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, corpus_id, query_id, item_id FROM catalog_pair WHERE corpus_id = %s", [corpus]
        )
        pairs = cursor.fetchall()
        names = VERDICTS[VERDICTS.index("(") + 1 : -1]
        cursor.execute(f"SELECT {names} FROM catalog_settledverdict WHERE pair_id IN {of}", [corpus])  # noqa: S608
        verdicts = cursor.fetchall()
        cursor.execute(f"DELETE FROM catalog_settledverdict WHERE pair_id IN {of}", [corpus])  # noqa: S608
        cursor.execute("DELETE FROM catalog_pair WHERE corpus_id = %s", [corpus])
        cursor.execute("VACUUM catalog_pair, catalog_settledverdict")
    start = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        _copy(cursor, f"COPY {PAIRS} FROM STDIN", pairs)
        _copy(cursor, f"COPY {VERDICTS} FROM STDIN", verdicts)
    return time.perf_counter() - start


def _copy(cursor: Any, statement: str, rows: Any) -> None:
    with cursor.copy(statement) as out:
        for row in rows:
            out.write_row(row)


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))
