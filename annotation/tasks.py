"""Celery's doors to this room: each calls one function."""

from celery import shared_task


@shared_task(expires=30)
def expire_leases() -> None:
    from annotation.services import leases_expire

    leases_expire()
