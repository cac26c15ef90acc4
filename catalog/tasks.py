"""Celery's doors to this room."""

from celery import shared_task

from catalog.uploads import uploads_sweep


@shared_task(expires=600)
def sweep_uploads() -> None:
    uploads_sweep()
