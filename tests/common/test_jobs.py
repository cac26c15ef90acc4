import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from webapp.common import jobs
from webapp.common.models import AuditEntry, Job

pytestmark = pytest.mark.django_db(transaction=True)
ran: list[str] = []


@jobs.job_kind("test.count")
def count(context: jobs.JobContext) -> dict[str, int]:
    for step in range(context.arguments["steps"]):
        context.progress(step, context.arguments["steps"], "counting")
        ran.append(str(context.job_id))
        time.sleep(context.arguments.get("pause", 0))
    return {"steps": context.arguments["steps"]}


@jobs.job_kind("test.long_call", lease_seconds=1)
def long_call(context: jobs.JobContext) -> dict[str, bool]:
    """Says nothing of itself until its lease has been renewed for it, or a minute is over."""
    row = Job.objects.filter(pk=context.job_id)
    first, limit = row.get().lease_until, time.monotonic() + 60
    while (renewed := row.get().lease_until != first) is False and time.monotonic() < limit:
        time.sleep(0.05)
    return {"renewed": renewed}


@jobs.job_kind("test.fail", max_attempts=2)
def fail(context: jobs.JobContext) -> dict[str, int]:
    raise ValueError("no good")


@jobs.job_kind("test.cancelled_while_failing")
def cancelled_while_failing(context: jobs.JobContext) -> dict[str, int]:
    jobs.job_cancel(job=Job.objects.get(pk=context.job_id), actor=None)
    raise ValueError("no good")


@jobs.job_kind("test.refused_by_the_database")
def refused_by_the_database(context: jobs.JobContext) -> dict[str, int]:
    raise OperationalError("could not extend file: No space left on device")


@pytest.fixture(autouse=True)
def forget() -> None:
    ran.clear()


def enqueue(kind="test.count", **arguments) -> Job:
    return jobs.job_enqueue(kind=kind, corpus=None, actor=None, arguments=arguments)


def test_a_job_runs_once():
    job = enqueue(steps=3)
    assert jobs.job_run(job.pk) == "done"
    assert jobs.job_run(job.pk) == "not mine"
    job.refresh_from_db()
    assert (job.state, job.result, len(ran), job.token) == ("done", {"steps": 3}, 3, None)


def test_the_same_key_is_the_same_job():
    first = jobs.job_enqueue(kind="test.count", corpus=None, actor=None, idempotency_key="k")
    assert jobs.job_enqueue(kind="test.count", corpus=None, actor=None, idempotency_key="k").pk == first.pk


def test_two_workers_never_hold_one_job():
    job = enqueue(steps=4, pause=0.05)
    outcomes: list[str] = []

    def work() -> None:
        outcomes.append(jobs.job_run(job.pk))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["done"] + ["not mine"] * 4 and len(ran) == 4


def test_a_failing_job_is_tried_again_then_given_up():
    job = enqueue("test.fail")
    assert jobs.job_run(job.pk) == "queued"
    assert jobs.job_run(job.pk) == "not mine"  # it waits before the next attempt
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now())
    assert jobs.job_run(job.pk) == "failed"
    job.refresh_from_db()
    assert job.error == "ValueError: no good" and job.attempts == 2


def test_cancel_ends_a_queued_job_at_once_and_a_running_one_at_its_next_step():
    queued = enqueue(steps=1)
    assert jobs.job_cancel(job=queued, actor=None).state == "cancelled"
    running = enqueue(steps=5_000, pause=0.02)
    thread = threading.Thread(target=lambda: (jobs.job_run(running.pk), connection.close()))
    thread.start()
    while not ran:
        time.sleep(0.01)
    jobs.job_cancel(job=running, actor=None)
    thread.join()
    running.refresh_from_db()
    assert running.state == "cancelled" and len(ran) < 5_000


def test_a_cancel_holds_though_the_job_fails_before_it_sees_it():
    job = enqueue("test.cancelled_while_failing")
    assert jobs.job_run(job.pk) == "cancelled"
    job.refresh_from_db()
    assert job.error == "ValueError: no good" and job.finished_at is not None


def test_a_finished_job_is_not_cancelled(people):
    job = enqueue(steps=1)
    jobs.job_run(job.pk)
    assert jobs.job_cancel(job=job, actor=people.admin).state == "done"
    assert not AuditEntry.objects.filter(action="job.cancel").exists()


def test_what_the_database_refuses_each_time_ends():
    job = enqueue("test.refused_by_the_database")
    Job.objects.filter(pk=job.pk).update(deaths=jobs.MOST_DEATHS - 2)
    assert jobs.job_run(job.pk) == "queued"
    Job.objects.filter(pk=job.pk).update(due_at=timezone.now())
    assert jobs.job_run(job.pk) == "failed"


def test_a_job_taken_over_stops_its_first_holder():
    job = enqueue(steps=5_000, pause=0.02)
    outcome: list[str] = []
    thread = threading.Thread(target=lambda: (outcome.append(jobs.job_run(job.pk)), connection.close()))
    thread.start()
    while not ran:
        time.sleep(0.01)
    Job.objects.filter(pk=job.pk).update(token="00000000-0000-0000-0000-000000000001")
    thread.join()
    job.refresh_from_db()
    assert outcome == ["not mine"] and job.state == "running"


def test_the_lease_is_renewed_during_a_long_call():
    job = enqueue("test.long_call")
    assert jobs.job_run(job.pk) == "done"
    job.refresh_from_db()
    assert job.result == {"renewed": True}


def test_sweep_wakes_expired_jobs_and_ends_spent_ones(settings):
    past = timezone.now() - timedelta(minutes=5)
    held = {"state": "running", "token": "00000000-0000-0000-0000-000000000001", "lease_until": past}
    expired, spent, live = enqueue(steps=1), enqueue(steps=1), enqueue(steps=1)
    Job.objects.filter(pk=expired.pk).update(**held, woken_at=past)
    Job.objects.filter(pk=spent.pk).update(**held, deaths=jobs.MOST_DEATHS)
    Job.objects.filter(pk=live.pk).update(**{**held, "lease_until": timezone.now() + timedelta(minutes=1)})
    jobs.ledger_sweep()
    assert Job.objects.get(pk=spent.pk).state == "failed"
    assert Job.objects.get(pk=expired.pk).woken_at > past
    assert Job.objects.get(pk=live.pk).woken_at != Job.objects.get(pk=expired.pk).woken_at
    assert jobs.job_run(expired.pk) == "done" and Job.objects.get(pk=expired.pk).deaths == 1
    assert jobs.job_run(live.pk) == "not mine"


def test_fenced_writes_nothing_once_the_job_is_lost():
    job = enqueue(steps=1)
    context = jobs._claim(job.pk)
    assert context is not None
    Job.objects.filter(pk=job.pk).update(token="00000000-0000-0000-0000-000000000001")
    with pytest.raises(jobs.LeaseLost), context.fenced():
        raise AssertionError("never reached")
