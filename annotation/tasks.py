"""Celery's doors to this room: each calls one function."""

from celery import shared_task

from annotation.services import leases_expire, quality_refresh_due
from annotation.services.sweeping import exports_sweep


@shared_task(expires=30)
def expire_leases() -> None:
    leases_expire()


@shared_task(expires=240)
def refresh_quality() -> None:
    quality_refresh_due()


@shared_task(expires=3000)
def sweep_exports() -> None:
    exports_sweep()
