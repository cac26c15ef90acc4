"""Ordering an export; a worker writes it."""

from django.db import transaction

from annotation.formats import FORMATS
from annotation.models import Campaign
from rules.models import Release
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, User


def export_start(
    *,
    corpus: Corpus,
    actor: User | None,
    format: str,
    campaign: Campaign | None = None,
    release: Release | None = None,
) -> Job:
    """Order an export of a corpus, or of what was said in one campaign or under one release."""
    if format not in FORMATS:
        raise Invalid(f"An export is written as one of {', '.join(FORMATS)}.", code="format")
    arguments = {
        "format": format,
        "campaign": campaign.pk if campaign else None,
        "release": release.number if release else None,
    }
    with transaction.atomic():
        job = job_enqueue(kind="annotation.export", corpus=corpus, actor=actor, arguments=arguments)
        audit_record(actor=actor, corpus=corpus, action="export.create", subject=corpus, data=arguments)
    return job
