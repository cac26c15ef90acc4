"""The job ledger: long work as a row that is claimed, held by a lease, and finished once.

Claim by compare-and-set with a fresh token; a thread renews the lease every quarter of it, `WHERE token = mine`; the
finishing transaction writes only while the token still holds. A swept job that was taken over leaves its first holder
with `LeaseLost` at the next progress call, so no effect is doubled.
"""

import logging
import random
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from webapp.common.audit import audit_record
from webapp.common.models import Corpus, Job, User
from webapp.common.wakeup import wake

logger = logging.getLogger(__name__)
RUN_JOB = "webapp.common.tasks.run_job"
# A worker that dies is no fault of its job, unless the job kills every worker that takes it (out of memory, say).
MOST_DEATHS = 20
SPENT = (
    f"{MOST_DEATHS} workers or their connections went away while they held this job: their log says of what."
)


class JobCancelled(Exception):
    """Somebody asked for this job to end; what it has committed so far stays."""


class LeaseLost(Exception):
    """Another worker holds this job now: stop without writing anything more."""


@dataclass(frozen=True)
class JobKind:
    name: str
    run: Callable[["JobContext"], dict[str, Any]]
    queue: str
    lease: timedelta
    max_attempts: int
    title: str


_kinds: dict[str, JobKind] = {}


def job_kind(
    name: str, *, title: str = "", queue: str = "interactive", lease_seconds: int = 60, max_attempts: int = 3
) -> Callable[[Callable[["JobContext"], dict[str, Any]]], Callable[["JobContext"], dict[str, Any]]]:
    """Register a function as the work of ledger rows of this kind, by its `title` on pages. Import its module in
    `AppConfig.ready`.
    """

    def register(run: Callable[["JobContext"], dict[str, Any]]) -> Callable[["JobContext"], dict[str, Any]]:
        _kinds[name] = JobKind(name, run, queue, timedelta(seconds=lease_seconds), max_attempts, title)
        return run

    return register


def job_title(name: str) -> str:
    """What a page calls the work of this kind; its bare name where this process does not know it."""
    known = _kinds.get(name)
    return (known and known.title) or name


def job_enqueue(
    *,
    kind: str,
    corpus: Corpus | None,
    actor: User | None,
    arguments: dict[str, Any] | None = None,
    queue: str = "",
    idempotency_key: str | None = None,
    due_at: datetime | None = None,
    max_attempts: int = 0,
) -> Job:
    """Write a ledger row in the caller's transaction and wake a worker on commit.

    With an `idempotency_key` that already has a row, that row comes back and nothing is written.
    `queue` and `max_attempts` default to the kind's own where the kind is registered in this process.
    """
    known = _kinds.get(kind)
    values = {
        "kind": kind,
        "corpus": corpus,
        "requested_by": actor,
        "arguments": arguments or {},
        "queue": queue or (known.queue if known else Job.Queue.INTERACTIVE),
        "max_attempts": max_attempts or (known.max_attempts if known else 3),
        "due_at": due_at or timezone.now(),
    }
    if idempotency_key is None:
        job = Job.objects.create(**values)
    else:
        job, created = Job.objects.get_or_create(idempotency_key=idempotency_key, defaults=values)
        if not created:
            return job
    transaction.on_commit(lambda: job_wake(job.pk, job.queue))
    return job


def job_wake(job_id: uuid.UUID, queue: str) -> None:
    """Tell a worker. A broker that is down costs only time: the sweep tells again."""
    Job.objects.filter(pk=job_id).update(woken_at=timezone.now())
    wake(RUN_JOB, str(job_id), queue=queue)


def job_cancel(*, job: Job, actor: User | None) -> Job:
    """Ask a job to end; a queued one ends at once, a running one at its next progress call or try."""
    with transaction.atomic():
        job = Job.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=job.pk)
        if job.is_finished:
            return job
        job.cancel_requested = True
        if job.state == Job.State.QUEUED:
            job.state, job.finished_at = Job.State.CANCELLED, timezone.now()
        job.save(update_fields=["cancel_requested", "state", "finished_at"])
        audit_record(actor=actor, corpus=job.corpus, action="job.cancel", subject=job)
    return job


@dataclass
class JobContext:
    """What a job's function is given: its arguments, and the only ways it may touch its ledger row."""

    job_id: uuid.UUID
    token: uuid.UUID
    lease: timedelta
    arguments: dict[str, Any]
    corpus: Corpus | None
    actor: User | None
    attempt: int
    lost: threading.Event = field(default_factory=threading.Event)

    @property
    def _mine(self) -> Any:
        return Job.objects.filter(pk=self.job_id, token=self.token, state=Job.State.RUNNING)

    def heartbeat(self) -> None:
        """Renew the lease. Raises LeaseLost when the row is no longer ours."""
        now = timezone.now()
        if not self._mine.update(heartbeat_at=now, lease_until=now + self.lease):
            self.lost.set()
            raise LeaseLost(str(self.job_id))

    def progress(self, done: int, total: int = 0, note: str = "") -> None:
        """Publish progress and renew the lease. Raises LeaseLost, or JobCancelled when somebody asked for the end."""
        if self.lost.is_set():
            raise LeaseLost(str(self.job_id))
        now = timezone.now()
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE common_job SET progress_done=%s, progress_total=%s, progress_note=%s, heartbeat_at=%s,"
                " lease_until=%s WHERE id=%s AND token=%s AND state='running' RETURNING cancel_requested",
                [done, total, note[:300], now, now + self.lease, self.job_id, self.token],
            )
            row = cursor.fetchone()
        if row is None:
            self.lost.set()
            raise LeaseLost(str(self.job_id))
        if row[0]:
            raise JobCancelled(str(self.job_id))

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """A transaction that commits only if this worker still holds the job (it locks the ledger row)."""
        with transaction.atomic():
            if not self._mine.select_for_update().exists():
                self.lost.set()
                raise LeaseLost(str(self.job_id))
            yield


def job_run(job_id: uuid.UUID | str) -> str:
    """Claim and run one job in this process; returns the state it left the row in, or 'not mine'."""
    context = _claim(uuid.UUID(str(job_id)))
    if context is None:
        return "not mine"
    kind = _kinds[Job.objects.values_list("kind", flat=True).get(pk=context.job_id)]
    stop = threading.Event()
    beat = threading.Thread(target=_keep_lease, args=(context, stop), daemon=True)
    beat.start()
    try:
        return _run_claimed(kind, context)
    finally:
        stop.set()
        beat.join(timeout=5)


def _run_claimed(kind: JobKind, context: JobContext) -> str:
    try:
        result = kind.run(context)
    except LeaseLost:
        logger.warning("job %s was taken over by another worker", context.job_id)
        return "not mine"
    except JobCancelled:
        return _finish(context, Job.State.CANCELLED)
    except (OperationalError, InterfaceError):
        logger.warning(
            "job %s lost the database; it goes on when that is back", context.job_id, exc_info=True
        )
        return _interrupted(context)
    except Exception as error:
        logger.exception("job %s (%s) failed", context.job_id, kind.name)
        return _fail(context, error)
    return _finish(context, Job.State.DONE, result=result or {})


def _interrupted(context: JobContext) -> str:
    """The database went away: no fault of the job, so it waits anew. While it is still away, the lease runs out instead.

    What the database refuses each time (a disk that is full, a statement that takes too long) looks the same, and ends.
    """
    connection.close()
    deaths = Job.objects.values_list("deaths", flat=True).get(pk=context.job_id) + 1
    if deaths >= MOST_DEATHS:
        return _finish(context, Job.State.FAILED, error=SPENT, deaths=deaths)
    return _requeue(context, timedelta(seconds=2), deaths=deaths)


def _requeue(context: JobContext, pause: timedelta, **values: Any) -> str:
    """Let go of a job until `pause` is over; one that somebody asked to end ends here."""
    kept = context._mine.filter(cancel_requested=False).update(
        state=Job.State.QUEUED, due_at=timezone.now() + pause, token=None, lease_until=None, **values
    )
    return "queued" if kept else _finish(context, Job.State.CANCELLED, **values)


def _claim(job_id: uuid.UUID) -> JobContext | None:
    """Take a queued job, or a running one whose lease has run out; None when somebody else holds it."""
    now, token = timezone.now(), uuid.uuid4()
    row = Job.objects.filter(pk=job_id).values("kind", "attempts", "max_attempts").first()
    kind = _kinds.get(row["kind"]) if row else None
    if row is None or kind is None:
        logger.error("job %s has the unknown kind %s", job_id, row and row["kind"])
        return None
    held = {"token": token, "lease_until": now + kind.lease, "heartbeat_at": now, "started_at": now}
    queued = Job.objects.filter(pk=job_id, state=Job.State.QUEUED, due_at__lte=now)
    orphaned = Job.objects.filter(
        pk=job_id, state=Job.State.RUNNING, lease_until__lt=now, deaths__lt=MOST_DEATHS
    )
    if not queued.update(state=Job.State.RUNNING, **held) and not orphaned.update(
        deaths=F("deaths") + 1, **held
    ):
        return None
    job = Job.objects.select_related("corpus", "requested_by").get(pk=job_id)
    return JobContext(
        job.pk, token, kind.lease, job.arguments, job.corpus, job.requested_by, job.attempts + job.deaths + 1
    )


def _keep_lease(context: JobContext, stop: threading.Event) -> None:
    """Renew the lease from a thread while the job is in a long call (a COPY, a subprocess)."""
    while not stop.wait(context.lease.total_seconds() / 4):
        try:
            context.heartbeat()
        except LeaseLost:
            return
        except Exception:
            logger.warning("could not renew the lease of job %s; trying again", context.job_id, exc_info=True)
        finally:
            close_old_connections()
    connection.close()


def _finish(context: JobContext, state: str, **values: Any) -> str:
    changed = context._mine.update(
        state=state, finished_at=timezone.now(), lease_until=None, token=None, **values
    )
    return state if changed else "not mine"


def _fail(context: JobContext, error: Exception) -> str:
    """Try again after a pause that doubles, until the attempts are used up; the reason stays on the row."""
    job = Job.objects.get(pk=context.job_id)
    reason = f"{type(error).__name__}: {error}"[:4000]
    attempts = job.attempts + 1
    if getattr(error, "final", False) or attempts >= job.max_attempts:
        return _finish(context, Job.State.FAILED, error=reason, attempts=attempts)
    pause = timedelta(seconds=5 * 2**attempts * random.uniform(0.8, 1.2))
    return _requeue(context, pause, error=reason, attempts=attempts)


def ledger_sweep() -> int:
    """Wake workers for due and orphaned rows, and end rows that too many workers died of; returns rows touched."""
    now = timezone.now()
    spent = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now, deaths__gte=MOST_DEATHS).update(
        state=Job.State.FAILED,
        finished_at=now,
        token=None,
        lease_until=None,
        error=SPENT,
    )
    with transaction.atomic():
        waiting = Q(state=Job.State.QUEUED, due_at__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now)
        quiet = Q(woken_at=None) | Q(woken_at__lt=now - timedelta(seconds=15))
        rows = list(
            Job.objects.select_for_update(skip_locked=True)
            .filter(waiting, quiet)
            .order_by("due_at")
            .values_list("id", "queue")[:500]
        )
        Job.objects.filter(pk__in=[pk for pk, _ in rows]).update(woken_at=now)
    for pk, queue in rows:
        wake(RUN_JOB, str(pk), queue=queue)
    return spent + len(rows)
