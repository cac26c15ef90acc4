"""Long work of this room: exports."""

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from annotation.exports import NAMES, csv_lines, jsonl_lines, qrels_lines, topics_lines
from annotation.models import Campaign
from annotation.selectors.exports import export_count, provenance_rows, rated_rows, topic_rows
from webapp.common.blobs import blob_put
from webapp.common.errors import Invalid
from webapp.common.jobs import JobContext, job_kind
from webapp.common.models import Corpus

REPORT_EVERY = 5000


@job_kind("annotation.export", lease_seconds=60)
def export_run(ctx: JobContext) -> dict[str, Any]:
    """Stream rows into a file, put it into the blob store, leave its hash as the result."""
    if ctx.corpus is None:
        raise Invalid("An export belongs to a corpus.")
    kind, campaign_id = ctx.arguments["format"], ctx.arguments.get("campaign")
    campaign = Campaign.objects.get(pk=campaign_id, corpus=ctx.corpus) if campaign_id else None
    total = export_count(ctx.corpus, kind, campaign)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / NAMES[kind]
        rows = _write(path, _counted(_lines(ctx.corpus, kind, campaign), ctx, total))
        result = {"blob": _put(ctx, path, kind), "name": f"{ctx.corpus.slug}-{NAMES[kind]}", "rows": rows}
        if kind == "qrels":
            _write(Path(folder) / "topics.tsv", topics_lines(topic_rows(ctx.corpus)))
            result["topics"] = _put(ctx, Path(folder) / "topics.tsv", "qrels")
    ctx.progress(rows, rows, "ready")
    return result


def _lines(corpus: Corpus, kind: str, campaign: Campaign | None) -> Iterator[str]:
    if kind == "jsonl":
        return jsonl_lines(provenance_rows(corpus, campaign))
    if kind == "csv":
        return csv_lines(rated_rows(corpus, campaign))
    return qrels_lines(rated_rows(corpus, campaign))


def _counted(lines: Iterable[str], ctx: JobContext, total: int) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if number % REPORT_EVERY == 0:
            ctx.progress(min(number, total), total, "writing")
        yield line


def _write(path: Path, lines: Iterable[str]) -> int:
    count = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        for line in lines:
            out.write(line)
            count += 1
    return count


def _put(ctx: JobContext, path: Path, kind: str) -> str:
    media = {"jsonl": "application/jsonl", "csv": "text/csv"}.get(kind, "text/plain")
    with ctx.fenced():
        return blob_put(path, media).sha256
