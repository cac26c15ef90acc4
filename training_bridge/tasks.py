"""Celery's doors to this room: each calls one function."""

from celery import shared_task

from training_bridge.services import policies_apply


@shared_task(expires=60)
def apply_refresh_policies() -> None:
    policies_apply()
