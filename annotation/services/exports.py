"""Ordering an export; a worker writes it."""

from django.db import transaction

from annotation.models import Campaign
from webapp.common.audit import audit_record
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, User


def export_start(*, corpus: Corpus, actor: User, format: str, campaign: Campaign | None) -> Job:
    """Order an export of a corpus or of one campaign."""
    arguments = {"format": format, "campaign": campaign.pk if campaign else None}
    with transaction.atomic():
        job = job_enqueue(kind="annotation.export", corpus=corpus, actor=actor, arguments=arguments)
        audit_record(actor=actor, corpus=corpus, action="export.create", subject=corpus, data=arguments)
    return job
