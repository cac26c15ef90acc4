"""Long work about quality: what a release contradicts, and the figures of a corpus."""

from typing import Any

from annotation.services.stale import contradictions_check
from rules.models import Release
from webapp.common.jobs import JobContext, job_kind


@job_kind("annotation.contradictions", lease_seconds=60)
def contradictions_run(ctx: JobContext) -> dict[str, Any]:
    """Count the judgments a release in review contradicts and leave it as the release's publish check."""
    release = Release.objects.select_related("corpus").get(pk=ctx.arguments["release"], corpus=ctx.corpus)
    ctx.progress(0, 1, "running the rules over every pair")
    row = contradictions_check(release=release)
    return {"written": row is not None, "message": row.message if row else ""}
