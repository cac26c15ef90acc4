"""Long work of this room."""

from typing import Any

from catalog.importing.running import import_run
from catalog.models import ImportRun
from webapp.common.jobs import JobContext, job_kind


@job_kind("catalog.import", queue="interactive", lease_seconds=60, max_attempts=5)
def run_import(context: JobContext) -> dict[str, Any]:
    """Runs whole again after a crash: chunks that are in already change nothing."""
    run = ImportRun.objects.select_related("corpus").get(job_id=context.job_id)
    return import_run(run=run, fence=context.fenced, progress=context.progress, actor=context.actor)
