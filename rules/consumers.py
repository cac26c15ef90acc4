"""What this room does when other rooms say that something happened."""

from rules.services import release_external_ensure
from webapp.common.events import consumer
from webapp.common.jobs import job_enqueue
from webapp.common.models import OutboxEvent


@consumer("import.finished")
def import_finished(event: OutboxEvent) -> None:
    """Imported judgments need a guideline to name: release 0, in force while nothing else is."""
    if event.corpus is None:
        return
    payload = event.payload
    if payload.get("grade_map") or payload.get("source"):
        release_external_ensure(
            corpus=event.corpus,
            source=str(payload.get("source") or event.corpus.source or event.corpus.name),
            grade_map=payload.get("grade_map") or {},
            definitions=payload.get("definitions") or None,
        )
    job_enqueue(
        kind="rules.statistics",
        corpus=event.corpus,
        actor=None,
        arguments={},
        idempotency_key=f"rules.statistics:event:{event.pk}",
    )
