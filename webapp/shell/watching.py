"""A job's progress on the command line, with the time left."""

import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection

from webapp.common.jobs import job_run
from webapp.common.models import Job
from webapp.common.templatetags.lore import duration


def job_run_here(job_id: uuid.UUID) -> None:
    """Run a job to its end in this process, retries included; where a worker was quicker, wait until it has ended."""
    while not Job.objects.get(pk=job_id).is_finished:
        if job_run(job_id) == "not mine":
            time.sleep(0.5)


@contextmanager
def job_watch(job_id: uuid.UUID, say: Callable[[str], object], every: float = 2.0) -> Iterator[None]:
    """Print progress while the body runs."""
    ended = threading.Event()
    thread = threading.Thread(target=_watch, args=(job_id, say, every, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)


def _watch(job_id: uuid.UUID, say: Callable[[str], object], every: float, ended: threading.Event) -> None:
    last = ""
    try:
        while not ended.wait(every):
            job = Job.objects.get(pk=job_id)
            left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
            line = f"  {job.progress_note} ({job.progress_done:,} of {job.progress_total:,}{left})"
            if job.progress_note and line != last:
                say(line)
                sys.stdout.flush()
                last = line
    finally:
        connection.close()
