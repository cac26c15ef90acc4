"""Ordering an export or an import of judgments; a worker does it."""

from django.db import transaction

from annotation.formats import FORMATS
from annotation.models import Campaign
from rules.models import Release
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.jobs import job_enqueue
from webapp.common.models import Blob, Corpus, Job, Membership, Role, User


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
        "named": actor is None
        or Membership.objects.filter(user=actor, corpus=corpus, role=Role.ADMIN).exists(),
    }
    with transaction.atomic():
        job = job_enqueue(kind="annotation.export", corpus=corpus, actor=actor, arguments=arguments)
        audit_record(actor=actor, corpus=corpus, action="export.create", subject=corpus, data=arguments)
    return job


def judgments_import_start(
    *,
    corpus: Corpus,
    actor: User | None,
    format: str,
    blob: Blob,
    topics: Blob | None = None,
    source: str = "",
    name: str = "",
    dry_run: bool = False,
) -> Job:
    """Order an import of judgments from a stored file. `source` names the rater where the format names nobody."""
    if format not in FORMATS:
        raise Invalid(f"An import is read as one of {', '.join(FORMATS)}.", code="format")
    arguments = {
        "format": format, "blob": blob.sha256, "topics": topics.sha256 if topics else None,
        "source": source.strip()[:80], "name": name[:200] or FORMATS[format].file, "dry_run": dry_run,
    }  # fmt: skip
    with transaction.atomic():
        job = job_enqueue(kind="annotation.import", corpus=corpus, actor=actor, arguments=arguments)
        audit_record(actor=actor, corpus=corpus, action="judgments.import", subject=corpus, data=arguments)
    return job
