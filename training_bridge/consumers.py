"""What this room does when other rooms say that something happened. Delivered at least once; each is safe to repeat."""

from rules.expected import check_expect
from rules.models import Release
from training_bridge.selectors import champion
from training_bridge.services.adherence import CHECK
from training_bridge.services.suggestions import suggestions_ask
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


@consumer("model.promoted")
@consumer("campaign.opened")
@consumer("release.published")
def suggestions_wanted(event: OutboxEvent) -> None:
    """Campaigns that show suggestions get those of the champion, under the release that is in force now."""
    if event.corpus is not None and champion(event.corpus) is not None:
        suggestions_ask(corpus=event.corpus, actor=None, cause=str(event.pk))


check_expect(CHECK, lambda release: champion(release.corpus) is not None)
