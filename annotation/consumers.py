"""What this room does when other rooms say that something happened. Delivered at least once; each is safe to repeat."""

from annotation.services import imports_take_up, stale_campaign_open
from rules.models import Release
from webapp.common.events import consumer
from webapp.common.models import OutboxEvent


@consumer("import.finished")
def import_finished(event: OutboxEvent) -> None:
    """Ratings and rankings that came with an import become judgments and rankings."""
    if event.corpus is not None:
        payload = event.payload
        imports_take_up(
            corpus=event.corpus,
            source=str(payload.get("source") or ""),
            grade_map=payload.get("grade_map") or {},
        )


@consumer("release.published")
def release_published(event: OutboxEvent) -> None:
    """What a release overturned is judged again: a small campaign opens for it."""
    release = Release.objects.select_related("corpus").filter(pk=event.payload.get("release")).first()
    if release is not None and not release.external:
        stale_campaign_open(release=release)
