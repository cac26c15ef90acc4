"""What this room does when other rooms say that something happened. Delivered at least once; each is safe to repeat."""

from rules.models import Release
from webapp.common.events import consumer
from webapp.common.jobs import job_enqueue
from webapp.common.models import OutboxEvent


@consumer("release.submitted")
def release_submitted(event: OutboxEvent) -> None:
    """The champion's adherence to a release in review is worked out apart: it reads a whole evaluation."""
    release = Release.objects.select_related("corpus").filter(pk=event.payload.get("release")).first()
    if release is not None:
        job_enqueue(
            kind="training.adherence",
            corpus=release.corpus,
            actor=None,
            arguments={"release": release.pk},
            idempotency_key=f"training.adherence:{event.pk}",
        )
