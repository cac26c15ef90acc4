"""Long work of this room."""

from pathlib import Path
from typing import Any

from catalog.disk import disk_faults
from catalog.fetching.download import Downloader
from catalog.fetching.hosts import PoliteFetcher
from catalog.fetching.running import fetch_run
from catalog.importing.running import import_run
from catalog.models import ImportRun
from catalog.uploads import upload_remove
from webapp.common.jobs import JobContext, job_kind


@job_kind("catalog.import", title="Import", queue="interactive", lease_seconds=60, max_attempts=5)
def run_import(context: JobContext) -> dict[str, Any]:
    """Runs whole again after a crash: chunks that are in already change nothing. An upload is removed once it is in."""
    run = ImportRun.objects.select_related("corpus").get(job_id=context.job_id)
    path = Path(run.path)
    if run.finished_at is not None and not path.exists():  # a crash between the last commit and the job's end
        return {"format": run.format, "accepted": run.accepted, "rejected": run.rejected}
    with disk_faults():
        summary = import_run(run=run, fence=context.fenced, progress=context.progress, actor=context.actor)
    upload_remove(path)
    return summary


@job_kind(
    "catalog.fetch_images",
    title="Fetching of pictures",
    queue="interactive",
    lease_seconds=60,
    max_attempts=5,
)
def run_fetch(context: JobContext) -> dict[str, Any]:
    """Goes on after a crash with what is still remote; only the first attempt takes up what failed before."""
    assert context.corpus is not None
    with disk_faults():
        return fetch_run(
            corpus=context.corpus, fence=context.fenced, progress=context.progress, fetcher=fetcher_make(),
            failed_too=bool(context.arguments.get("failed_too")) and context.attempt == 1,
        )  # fmt: skip


def fetcher_make() -> PoliteFetcher:
    """The one that may call public addresses alone."""
    return PoliteFetcher(Downloader())
