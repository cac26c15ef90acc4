"""An import in a process of its own, to be killed: `python -m tests.catalog.kill_child JOB`. A line for each chunk."""

import sys

import django

django.setup()

from catalog import jobs
from catalog.importing import loading, running
from webapp.common.jobs import job_run

loading.PAIR_CHUNK, loading.ITEM_CHUNK, loading.QUERY_CHUNK = 500, 250, 100
whole = running.import_run


def told(**of):  # type: ignore[no-untyped-def]
    """The import, with a line of output after each chunk."""
    progress = of.pop("progress")

    def tell(done: int, total: int, note: str) -> None:
        progress(done, total, note)
        print(note, flush=True)

    return whole(progress=tell, **of)


jobs.import_run = told
print(job_run(sys.argv[1]), flush=True)
