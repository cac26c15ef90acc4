"""What pages and programs are told of an export or an import, and a blob as a download."""

from typing import Any

from django.http import FileResponse
from django.urls import reverse

from annotation.selectors.exports import export_expired
from webapp.common.blobs import blob_path
from webapp.common.models import Blob, Job


def file_response(found: tuple[Blob, str]) -> FileResponse:
    """Streamed from the store under the given name; never shown in the page."""
    blob, name = found
    return FileResponse(
        blob_path(blob.sha256).open("rb"), as_attachment=True, filename=name, content_type=blob.media_type
    )


def export_body(job: Job) -> dict[str, Any]:
    """An export as a program sees it."""
    assert job.corpus is not None
    ready = job.state == Job.State.DONE and not export_expired(job)
    url = reverse("annotation_api:export_file", args=[job.corpus.slug, job.pk]) if ready else None
    return {
        "id": str(job.pk), "state": job.state, "format": job.arguments.get("format"),
        "campaign": job.arguments.get("campaign"), "release": job.arguments.get("release"), "done": job.progress_done,
        "total": job.progress_total, "rows": job.result.get("rows"), "sha256": job.result.get("blob"),
        "bytes": job.result.get("bytes"), "file": url, "expires_at": job.result.get("expires_at"), "error": job.error,
    }  # fmt: skip


def import_body(job: Job) -> dict[str, Any]:
    """An import as a program sees it."""
    assert job.corpus is not None
    rejected = job.result.get("rejected_blob")
    url = reverse("annotation_api:import_rejected", args=[job.corpus.slug, job.pk]) if rejected else None
    return {
        "id": str(job.pk), "state": job.state, "format": job.arguments.get("format"),
        "dry_run": bool(job.arguments.get("dry_run")), "counts": job.result.get("counts") or {},
        "rejected": job.result.get("rejected"), "reasons": job.result.get("reasons") or {}, "rejected_file": url,
        "error": job.error,
    }  # fmt: skip
