"""What is up and what is down, by name."""

from datetime import timedelta

from django.db import DatabaseError, connection
from django.utils import timezone

from training_bridge.model_client import server_down
from webapp.celery import app
from webapp.common.models import Job

SECONDS = 2


def parts_down() -> dict[str, str]:
    """Name of each part that is not answering -> why, in a few words. Empty when all is well."""
    checks = {
        "database": _database,
        "broker": _broker,
        "worker": _worker,
        "model server": server_down,
    }
    down: dict[str, str] = {}
    for name, check in checks.items():
        if reason := check():
            down[name] = reason
        if name in {"database", "broker"} and reason:
            break  # what comes after needs it, and would only wait
    return down


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return str(error).splitlines()[0]
    return ""


def _broker() -> str:
    try:
        with app.connection_for_read() as broker:
            broker.ensure_connection(max_retries=1, timeout=SECONDS)
    except OSError as error:
        return f"{type(error).__name__}: {error}"[:200]
    return ""


def _worker() -> str:
    """A worker answers a ping, or has just renewed the lease of a running job (a busy one may be slow to answer)."""
    fresh = timezone.now() - timedelta(seconds=30)
    if Job.objects.filter(state=Job.State.RUNNING, heartbeat_at__gt=fresh).exists():
        return ""
    return "" if app.control.ping(timeout=SECONDS) else "no worker answers"
