"""A job's progress on the command line, with the time left."""

import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.core.management.base import CommandError
from django.db import connection

from webapp.common.jobs import job_run
from webapp.common.models import Job
from webapp.common.templatetags.lore import duration


def report_place(path: str) -> None:
    """Refuse a file that could not be written in the end, before the work is done. Raises CommandError."""
    if path and (Path(path).is_dir() or not Path(path).absolute().parent.is_dir()):
        raise CommandError(f"{path} cannot be written: name a file in a folder that exists.")


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


class Meter:
    """Progress of work in this process: one line that is written over on a terminal, a line every few seconds elsewhere."""

    def __init__(self, out: TextIO, what: str, every: float = 5.0) -> None:
        self.out, self.what, self.every = out, what, every
        self.started = self.told = time.monotonic()
        self.live = out.isatty()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if done < total and now - self.told < (0.1 if self.live else self.every):
            return
        self.told = now
        passed = now - self.started
        left = f", about {duration(passed * (total - done) / done)} left" if 0 < done < total else ""
        took = f" in {duration(passed)}" if done >= total else ""
        line = f"{done:,} of {total:,} {self.what}{left}{took}"
        over = "\r\x1b[K" if self.live else ""
        self.out.write(f"{over}{line}" + ("" if self.live and done < total else "\n"))
        self.out.flush()
