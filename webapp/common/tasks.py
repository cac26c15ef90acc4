"""Celery's doors to the ground floor: each wakes one function."""

from celery import shared_task

from webapp.common.events import events_deliver
from webapp.common.jobs import job_run, ledger_sweep


@shared_task
def run_job(job_id: str) -> None:
    job_run(job_id)


@shared_task(expires=10)
def sweep_ledger() -> None:
    ledger_sweep()


@shared_task(expires=60)
def deliver_events() -> None:
    events_deliver()
