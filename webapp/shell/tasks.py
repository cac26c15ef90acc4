"""Celery's doors to the top floor."""

from celery import shared_task


@shared_task
def check_consistency() -> None:
    from webapp.shell.consistency import consistency_check

    consistency_check()
