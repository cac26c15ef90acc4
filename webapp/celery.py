"""The Celery application: it only wakes workers. Every truth about a job is its ledger row in PostgreSQL.

The guarantee that no job is lost comes from the ledger's leases and the sweep below, not from the broker: a message that
is lost is published again, a message that comes twice finds its row already claimed.
"""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("lore")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 3600,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    },
    task_default_queue="interactive",
    beat_schedule={
        "sweep-ledger": {"task": "webapp.common.tasks.sweep_ledger", "schedule": 10.0},
        "deliver-events": {"task": "webapp.common.tasks.deliver_events", "schedule": 15.0},
        "apply-refresh-policies": {"task": "training_bridge.tasks.apply_refresh_policies", "schedule": 60.0},
        "expire-leases": {"task": "annotation.tasks.expire_leases", "schedule": 30.0},
        "refresh-quality": {"task": "annotation.tasks.refresh_quality", "schedule": 300.0},
        "sweep-exports": {"task": "annotation.tasks.sweep_exports", "schedule": 3600.0},
        "sweep-uploads": {"task": "catalog.tasks.sweep_uploads", "schedule": 3600.0},
        "check-consistency": {
            "task": "webapp.shell.tasks.check_consistency",
            "schedule": crontab(hour=3, minute=15),
        },
    },
)


app.conf.update(
    broker_url=settings.BROKER_URL, beat_schedule_filename=str(settings.LORE_HOME / "beat-schedule")
)
app.autodiscover_tasks()
