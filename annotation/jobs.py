"""Long work of this room: exports and imports of judgments, and places for more of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from annotation.exporting import Export
from annotation.formats import FORMATS
from annotation.importing import AnswerLoader
from annotation.models import Campaign
from annotation.selectors.overlap import KIND as OVERLAP
from annotation.selectors.overlap import stretches
from annotation.services.overlap import Fitted, overlap_fit
from catalog.importing.rejections import Rejections
from rules.services import release_external_ensure
from webapp.common.audit import audit_record
from webapp.common.blobs import blob_path, blob_put
from webapp.common.errors import Invalid
from webapp.common.events import event_publish
from webapp.common.jobs import JobContext, job_kind

EXPORT_KEPT = timedelta(days=30)


@job_kind("annotation.export", title="Export of answers", lease_seconds=60, max_attempts=5)
def export_run(ctx: JobContext) -> dict[str, Any]:
    """Write the file part by part, put it into the blob store, leave its hash and how long its link holds as the result."""
    if ctx.corpus is None:
        raise Invalid("An export belongs to a corpus.")
    export = Export(ctx, ctx.corpus)
    path = export.write()
    with ctx.fenced():
        blob = blob_put(path, export.format.media)
        topics = (
            blob_put(export.topics(), "text/tab-separated-values") if export.format.code == "qrels" else None
        )
        facts = {
            "export": str(ctx.job_id),
            "format": export.format.code,
            "rows": export.total,
            "sha256": blob.sha256,
        }
        event_publish(corpus=ctx.corpus, kind="export.finished", payload=facts)
    result = {
        "blob": blob.sha256, "bytes": blob.size, "name": f"{ctx.corpus.slug}-{export.format.file}", "rows": export.total,
        "expires_at": (timezone.now() + EXPORT_KEPT).isoformat(), **({"topics": topics.sha256} if topics else {}),
    }  # fmt: skip
    ctx.progress(export.total, export.total, "ready")
    export.remove()
    return result


@job_kind("annotation.import", title="Import of answers", lease_seconds=120, max_attempts=3)
def import_run(ctx: JobContext) -> dict[str, Any]:
    """Read the file chunk by chunk; a chunk is taken up whole, and a second run adds nothing to what stands."""
    if ctx.corpus is None:
        raise Invalid("An import belongs to a corpus.")
    arguments, corpus = ctx.arguments, ctx.corpus
    format = FORMATS[arguments["format"]]
    source, dry = arguments["source"] or format.title, bool(arguments["dry_run"])
    with ctx.fenced():
        external = release_external_ensure(corpus=corpus, source=corpus.source or source, grade_map={})
    sidecar = blob_path(arguments["topics"]) if arguments.get("topics") else None
    with Rejections(Path(settings.LORE_HOME) / "imports") as rejections:
        loader = AnswerLoader(
            corpus, external, source, lambda: _chunk_of(ctx, dry), rejections,
            lambda line: ctx.progress(line, 0, "reading"), arguments["name"],
        )  # fmt: skip
        loader.load(format.read(blob_path(arguments["blob"]), sidecar))
        path = rejections.close()
        with ctx.fenced():
            rejected = blob_put(path, "text/csv").sha256 if rejections.count else None
            counts = dict(loader.counts)
            if not dry:
                event_publish(
                    corpus=corpus, kind="judgments.imported", payload={"job": str(ctx.job_id), **counts}
                )
        return {"counts": counts, "rejected": rejections.count, "rejected_blob": rejected, "dry_run": dry,
                "reasons": dict(rejections.by_reason)}  # fmt: skip


@job_kind(OVERLAP, title="Places for more answers", lease_seconds=60, max_attempts=5)
def overlap_run(ctx: JobContext) -> dict[str, Any]:
    """Fit the places of a large campaign to its overlap, stretch by stretch, each to the settings as they are by then."""
    pk, done = ctx.arguments["campaign"], Fitted()
    parts = stretches(Campaign.objects.get(pk=pk, corpus=ctx.corpus))
    for number, (start, end) in enumerate(parts, 1):
        with ctx.fenced():
            campaign = Campaign.objects.select_related("corpus").get(pk=pk)
            done += overlap_fit(campaign=campaign, start=start, end=end)
            if number == len(parts):
                audit_record(
                    actor=ctx.actor,
                    corpus=ctx.corpus,
                    action="campaign.overlap",
                    subject=campaign,
                    data=vars(done),
                )
        ctx.progress(number, len(parts), f"{done.asked_again:,} subjects are asked again")
    return vars(done)


@contextmanager
def _chunk_of(ctx: JobContext, dry: bool) -> Iterator[None]:
    """A chunk's transaction, held by the job's lease; a dry run takes everything back."""
    with ctx.fenced():
        yield
        if dry:
            transaction.set_rollback(True)
