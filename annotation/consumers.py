"""What this room does when other rooms say that something happened. Delivered at least once; each is safe to repeat."""

from annotation.models import Judgment
from annotation.services import imports_take_up, quality_refresh_start, stale_take_up
from annotation.services.stale import CHECK
from rules.expected import check_expect
from rules.models import Publication, Release
from webapp.common.events import consumer
from webapp.common.jobs import job_enqueue
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
        quality_refresh_start(corpus=event.corpus, actor=None)


@consumer("release.published")
def release_published(event: OutboxEvent) -> None:
    """What a publication overturned is judged again: a small campaign opens for it where the corpus wants that."""
    rows = Publication.objects.select_related("corpus", "release")
    publication = rows.filter(pk=event.payload.get("publication")).first()
    if publication is not None and not publication.release.external:
        stale_take_up(publication=publication)


@consumer("release.submitted")
def release_submitted(event: OutboxEvent) -> None:
    """How many judgments a release in review contradicts is counted apart: it runs the rules over every pair."""
    release = Release.objects.select_related("corpus").filter(pk=event.payload.get("release")).first()
    if release is not None:
        job_enqueue(
            kind="annotation.contradictions",
            corpus=release.corpus,
            actor=None,
            arguments={"release": release.pk},
            idempotency_key=f"annotation.contradictions:{event.pk}",
        )


check_expect(
    CHECK, lambda release: Judgment.objects.filter(corpus=release.corpus_id, grade__isnull=False).exists()
)
