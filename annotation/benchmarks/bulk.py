"""A million rows in and out, as an operator does it: by command, in a process of its own, whose memory is watched."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from annotation.benchmarks.scene import Scene
from annotation.services import campaign_create
from catalog.models import Pair
from webapp.common.models import Corpus
from webapp.common.scratch import child_environment

COPY_OUT = {
    "products.csv": "SELECT external_id AS product_id, title, brand, category FROM catalog_item item"
    " JOIN catalog_itemversion version ON version.id = item.current_id WHERE corpus_id = {corpus}",
    "queries.csv": "SELECT external_id AS query_id, text AS query FROM catalog_query WHERE corpus_id = {corpus}",
    "labels.csv": "SELECT query.external_id AS query_id, item.external_id AS product_id, pair.id % 4 AS grade"
    " FROM catalog_pair pair JOIN catalog_query query ON query.id = pair.query_id"
    " JOIN catalog_item item ON item.id = pair.item_id WHERE pair.corpus_id = {corpus}",
}


class Ran:
    """A command that was run: its seconds and its memory at its highest, in MB."""

    def __init__(self, *words: str) -> None:
        start, self.peak = time.perf_counter(), 0.0
        command = [sys.executable, "-m", "django", *words]
        with subprocess.Popen(
            command, env=child_environment(), cwd=settings.BASE_DIR, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as child:  # fmt: skip
            while child.poll() is None:
                self.peak = max(self.peak, _peak(child.pid))
                time.sleep(0.1)
            self.said = child.stdout.read() if child.stdout else ""
        self.seconds = time.perf_counter() - start
        if child.returncode:
            raise RuntimeError(f"{' '.join(words)}: {self.said[-2000:]}")


def _peak(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


def rows(scene: Scene, peer_import: float, peer_export: float) -> list[dict[str, Any]]:
    """Pairs in by the catalog's import and into a campaign; judgments out and in again."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        _write(scene, folder / "set")
        pairs = Ran("import_corpus", str(folder / "set"), "--corpus", "bench-import", "--no-rulebook")
        made = _campaign(Corpus.objects.get(slug="bench-import"), scene)
        out = {
            format: Ran(
                "judgments_export", "--corpus", "bench", "--format", format, "--out", str(folder / format)
            )
            for format in ("jsonl", "parquet", "label_studio")
        }
        back = Ran("judgments_import", str(folder / "jsonl"), "--corpus", "bench-import", "--format", "jsonl")
    size = scene.size
    return [
        _row(f"import {size:,} pairs, to the last index", pairs,
             f"under 60 s; Label Studio {peer_import:,.0f} tasks/s", size),
        {"name": "  and put them into a campaign", "figure": f"{made:.1f} s", "against": ""},
        *(_row(f"export {size:,} judgments, {format}", ran, f"under 60 s; Label Studio {peer_export:,.0f}/s", size)
          for format, ran in out.items()),
        _row(f"import {size:,} judgments, jsonl", back, "no aim for time", size),
    ]  # fmt: skip


def _row(name: str, ran: Ran, against: str, size: int) -> dict[str, Any]:
    return {
        "name": name, "figure": f"{ran.seconds:.1f} s",
        "against": f"{against}; {size / ran.seconds:,.0f}/s, {ran.peak:.0f} MB (under 300)",
    }  # fmt: skip


def _write(scene: Scene, folder: Path) -> None:
    folder.mkdir()
    for name, select in COPY_OUT.items():
        sql = f"COPY ({select.format(corpus=scene.corpus.pk)}) TO STDOUT WITH (FORMAT csv, HEADER)"
        with (folder / name).open("wb") as out, connection.cursor() as cursor, cursor.copy(sql) as rows:
            for block in rows:
                out.write(block)


def _campaign(corpus: Corpus, scene: Scene) -> float:
    start = time.perf_counter()
    campaign_create(
        corpus=corpus, name="Imported", actor=scene.admin, pairs=Pair.objects.filter(corpus=corpus)
    )
    return time.perf_counter() - start
