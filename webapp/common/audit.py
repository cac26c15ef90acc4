"""The audit row: written by every service in its own transaction."""

from typing import Any

from django.db import models

from webapp.common.models import AuditEntry, Corpus, User


def audit_record(
    *,
    actor: User | None,
    corpus: Corpus | None,
    action: str,
    subject: models.Model,
    data: dict[str, Any] | None = None,
) -> AuditEntry:
    """Note that `actor` did `action` (namespaced: 'release.publish') to `subject`; call it inside the transaction."""
    return AuditEntry.objects.create(
        actor=actor,
        corpus=corpus,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_name=_name(subject)[:200],
        data=data or {},
    )


def _name(subject: models.Model) -> str:
    """What it calls itself, or "job 7": no reader is served by "Job object (7)"."""
    if type(subject).__str__ is models.Model.__str__:
        return f"{subject._meta.verbose_name} {subject.pk}"
    return str(subject)
