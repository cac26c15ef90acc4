"""Celery's doors to the ground floor: each wakes one function."""

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: Any, *args: Any, queue: str = "interactive") -> None:
    """Send a message without waiting for a broker that is down: the sweep sends it again."""
    try:
        task.apply_async(args=args, queue=queue, retry=False)
    except OperationalError as error:
        logger.warning("the broker did not take %s: %s", task.name, error)


@shared_task
def run_job(job_id: str) -> None:
    from webapp.common.jobs import job_run

    job_run(job_id)


@shared_task(expires=10)
def sweep_ledger() -> None:
    from webapp.common.jobs import ledger_sweep

    ledger_sweep()


@shared_task(expires=60)
def deliver_events() -> None:
    from webapp.common.events import events_deliver

    events_deliver()
