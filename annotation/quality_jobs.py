"""Long work about quality: what a release contradicts, and the figures of a corpus."""

from typing import Any

from annotation.services.quality import KIND, quality_compute
from annotation.services.stale import contradictions_check
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.jobs import JobContext, job_kind


@job_kind("annotation.contradictions", title="Judgments a release contradicts", lease_seconds=60)
def contradictions_run(ctx: JobContext) -> dict[str, Any]:
    """Count the judgments a release in review contradicts and leave it as the release's publish check."""
    release = Release.objects.select_related("corpus").get(pk=ctx.arguments["release"], corpus=ctx.corpus)
    ctx.progress(0, 1, "running the rules over every pair")
    row = contradictions_check(release=release)
    return {"written": row is not None, "message": row.message if row else ""}


@job_kind(KIND, title="Agreement between people", lease_seconds=60)
def quality_run(ctx: JobContext) -> dict[str, Any]:
    """Work out the figures of every scope with something new."""
    if ctx.corpus is None:
        raise Invalid("Figures belong to a corpus.")
    return quality_compute(
        corpus=ctx.corpus, everything=bool(ctx.arguments.get("everything")), tick=ctx.progress
    )
