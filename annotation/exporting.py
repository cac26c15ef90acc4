"""Writing an export: part after part into a folder of its job, so that a worker that dies costs one part.

The cuts between parts are fixed when the export begins. A part is written under another name, flushed and renamed, so that
it is whole or absent; whoever takes the job over writes what is missing and joins the parts: the same bytes either way.
"""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from annotation.formats import FORMATS, Format
from annotation.formats.native import schema, table_of
from annotation.formats.tables import topics_write
from annotation.selectors.exports import Chosen, chosen_of, part_rows, parts_cut, topic_rows
from webapp.common.jobs import JobContext
from webapp.common.models import Corpus


class Export:
    """One job's export on disk: `plan.json` with its parts, the parts, and at the end the whole."""

    def __init__(self, ctx: JobContext, corpus: Corpus) -> None:
        self.ctx, self.corpus = ctx, corpus
        self.format: Format = FORMATS[ctx.arguments["format"]]
        self.folder = Path(settings.LORE_HOME) / "exports" / str(ctx.job_id)
        self.folder.mkdir(parents=True, exist_ok=True)
        plan = self._plan()
        self.parts: list[dict[str, Any]] = plan["parts"]
        self.chosen: Chosen = chosen_of(corpus, self.format.source, ctx.arguments, plan["until"])
        self.total = sum(part["rows"] for part in self.parts)

    def _plan(self) -> dict[str, Any]:
        path = self.folder / "plan.json"
        if not path.exists():
            until = timezone.now().isoformat()
            chosen = chosen_of(self.corpus, self.format.source, self.ctx.arguments, until)
            _write_whole(path, [json.dumps({"until": until, "parts": parts_cut(chosen)})])
        found: dict[str, Any] = json.loads(path.read_text())
        return found

    def write(self) -> Path:
        """Write what is missing and join it; the finished file. Progress is told, and the lease renewed, at each part."""
        done = 0
        for number, part in enumerate(self.parts):
            path = self._part(number)
            if not path.exists():
                rows = part_rows(self.chosen, part, flat=self.format.code == "parquet")
                _write_whole(path, self._joined(self.format.write(rows)))
            done += part["rows"]
            self.ctx.progress(done, self.total, "writing")
        return self._join()

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:05}"

    def _joined(self, records: Iterator[str]) -> Iterator[str]:
        for number, record in enumerate(records):
            yield (self.format.joint if number else "") + record

    def _join(self) -> Path:
        whole, draft = self.folder / self.format.file, self.folder / "whole.draft"
        paths = [path for number in range(len(self.parts)) if (path := self._part(number)).stat().st_size]
        if self.format.code == "parquet":
            _join_parquet(draft, paths)
        else:
            self._join_text(draft, paths)
        draft.replace(whole)
        return whole

    def _join_text(self, draft: Path, paths: list[Path]) -> None:
        with draft.open("wb") as out:
            out.write(self.format.header.encode())
            for number, path in enumerate(paths):
                out.write(self.format.joint.encode() if number else b"")
                with path.open("rb") as part:
                    shutil.copyfileobj(part, out, 1 << 20)
                self.ctx.progress(self.total, self.total, "joining")
            out.write(self.format.footer.encode())

    def topics(self) -> Path:
        """The sidecar of qrels."""
        path = self.folder / "topics.tsv"
        _write_whole(path, topics_write(topic_rows(self.corpus)))
        return path

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _write_whole(path: Path, lines: Any) -> None:
    draft = path.with_suffix(f".{os.getpid()}.draft")
    with draft.open("w", encoding="utf-8", newline="") as out:
        out.writelines(lines)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def _join_parquet(draft: Path, paths: list[Path]) -> None:
    """Each part becomes a row group. pyarrow is imported on use: the web process should not carry it."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    with pq.ParquetWriter(draft, schema(), compression="zstd") as out:
        for path in paths:
            out.write_table(table_of(path))
            pa.default_memory_pool().release_unused()  # or each part's pages stay with the process
