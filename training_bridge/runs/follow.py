"""Follow a run to its end: one trainer at a time, its status and metrics onto the training job's row."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from training_bridge.errors import RunFailed, RunInterrupted
from training_bridge.models import TrainingJob
from training_bridge.runs.directory import log_tail, metrics_read, run_prepare, status_read
from training_bridge.runs.trainer import trainer_end, trainer_find, trainer_start
from webapp.common.jobs import JobCancelled, JobContext

POLL_SECONDS = 0.5
STARTS = 4  # a trainer ended from outside (kill, out of memory) is started again so often
GAVE_UP = frozenset(range(1, 128)) - {
    75
}  # exit statuses of its own; 75 says that another trainer holds the run
# Those that this worker started and may have left running: held so that they are reaped when they end.
_started: list["subprocess.Popen[bytes]"] = []
Tick = Callable[[int, int, str], None]


def run_follow(ctx: JobContext, training_job: TrainingJob, tick: Tick) -> Path:
    """Bring a training job to 'done' and return its run directory.

    A live trainer is adopted; without one, one is started, and it resumes from its checkpoint. Raises RunFailed when the
    trainer gave up by itself, RunInterrupted when it was ended from outside too often. On a cancel the trainer
    checkpoints and leaves. Where this worker dies or loses its lease, the trainer goes on for the next worker.
    """
    path = run_prepare(training_job)
    _save(training_job, state="running", run_uri=path.as_uri())
    try:
        for _ in range(STARTS):
            status = _watch(ctx, training_job, path, tick)
            state = str(status_read(path).get("state", ""))
            if state == "done":
                _note(training_job, path)
                _save(training_job, state="done")
                return path
            if state == "failed" or status in GAVE_UP:
                raise RunFailed(_reason(path))
    except JobCancelled:
        trainer_end(path)
        _note(training_job, path)
        _save(training_job, state="cancelled")
        raise
    except RunFailed:
        _note(training_job, path)
        _save(training_job, state="failed")
        raise
    _save(training_job, state="queued")
    raise RunInterrupted(f"The trainer was ended from outside {STARTS} times. {_reason(path)}")


def _watch(ctx: JobContext, training_job: TrainingJob, path: Path, tick: Tick) -> int:
    """Until no trainer is at work on the run; the exit status of the one started here, 0 for an adopted one."""
    child: subprocess.Popen[bytes] | None = None
    with ctx.fenced():  # two workers cannot both find nobody at work: the ledger row is locked
        ended = status_read(path).get("state") == "done"
        if trainer_find(path) is None and not ended:
            child = trainer_start(path)
            _started[:] = [one for one in _started if one.poll() is None] + [child]
    seen: tuple[Any, ...] = ()
    while trainer_find(path) is not None:
        status = status_read(path)
        tick(
            int(status.get("step") or 0),
            int(status.get("total_steps") or 0),
            str(status.get("message") or ""),
        )
        if seen != (now := (status.get("step"), status.get("state"), status.get("message"))):
            seen = now
            _note(training_job, path)
        time.sleep(POLL_SECONDS)
        if child is not None:
            child.poll()  # reap it, so that an ended trainer is no zombie
    return child.wait() if child is not None else 0


def _note(training_job: TrainingJob, path: Path) -> None:
    _save(training_job, status=status_read(path), metrics=metrics_read(path))


def _save(training_job: TrainingJob, **values: Any) -> None:
    for name, value in values.items():
        setattr(training_job, name, value)
    training_job.save(update_fields=list(values))


def _reason(path: Path) -> str:
    said = str(status_read(path).get("message") or "The trainer ended without a word.")
    tail = log_tail(path)
    return f"{said}\n{tail}" if tail else said
