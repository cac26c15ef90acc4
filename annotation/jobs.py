"""Long work of this room: exports and imports of judgments."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from annotation.exporting import Export
from webapp.common.blobs import blob_put
from webapp.common.errors import Invalid
from webapp.common.jobs import JobContext, job_kind

EXPORT_KEPT = timedelta(days=30)


@job_kind("annotation.export", lease_seconds=60, max_attempts=5)
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
    result = {
        "blob": blob.sha256, "bytes": blob.size, "name": f"{ctx.corpus.slug}-{export.format.file}", "rows": export.total,
        "expires_at": (timezone.now() + EXPORT_KEPT).isoformat(), **({"topics": topics.sha256} if topics else {}),
    }  # fmt: skip
    ctx.progress(export.total, export.total, "ready")
    export.remove()
    return result
