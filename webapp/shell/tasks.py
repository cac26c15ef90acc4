"""Celery's doors to the top floor."""

from celery import shared_task

from webapp.shell.consistency import consistency_check


@shared_task
def check_consistency() -> None:
    consistency_check()
