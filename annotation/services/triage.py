"""What the rule editors make of disagreements and flags: where the fault lay, for many at once."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from annotation.models import Flag, Judgment, Triage
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User

MOST = 500


def triage_decide(*, corpus: Corpus, judgments: Sequence[str], fault: str, actor: User) -> int:
    """Say of answers that went against the rules where the fault lay; returns how many. Deciding again replaces it.

    Ids that are no such answers of this corpus are passed over. Raises Invalid for a fault that is none.
    """
    if fault not in Triage.Fault.values:
        raise Invalid(f"The fault is one of: {', '.join(Triage.Fault.values)}.", code="fault")
    with transaction.atomic():
        known = Judgment.objects.filter(corpus=corpus, pk__in=list(judgments)[:MOST]).exclude(disagreement="")
        rows = [Triage(judgment=row, fault=fault, actor=actor, at=timezone.now()) for row in known]
        Triage.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["judgment"], update_fields=["fault", "actor", "at"]
        )
        if rows:
            data = {"fault": fault, "judgments": [str(row.judgment_id) for row in rows]}
            audit_record(actor=actor, corpus=corpus, action="triage.decide", subject=corpus, data=data)
    return len(rows)


def flags_resolve(*, corpus: Corpus, flags: Sequence[int], actor: User) -> int:
    """The rule editors have dealt with these flags; returns how many were still open."""
    with transaction.atomic():
        rows = Flag.objects.select_for_update().filter(
            corpus=corpus, pk__in=list(flags)[:MOST], resolved_at=None
        )
        ids = list(rows.values_list("pk", flat=True))
        Flag.objects.filter(pk__in=ids).update(resolved_at=timezone.now())
        if ids:
            audit_record(
                actor=actor, corpus=corpus, action="flag.resolve", subject=corpus, data={"flags": ids}
            )
    return len(ids)
