"""Deliveries: the outbox hands events over here, the job ledger tries and tries again."""

from typing import Any

from webapp.common.addresses import AddressRefused
from webapp.common.events import ANY, consumer
from webapp.common.jobs import JobContext, job_kind
from webapp.common.models import Job, OutboxEvent, Webhook, WebhookDelivery
from webapp.common.webhooks.sending import Answer, post
from webapp.common.webhooks.services import JOB, TRIES, delivery_note, event_deliveries_make
from webapp.common.webhooks.signing import HEADER, secret_of, signature


class DeliveryFailed(Exception):
    """Nobody took it this time; the ledger tries again, later each time."""


class DeliveryRefused(DeliveryFailed):
    """Trying again would not help."""

    final = True


def corpora_told() -> frozenset[int]:
    """Corpora with a webhook that is on: events of the others pass by."""
    return frozenset(Webhook.objects.filter(active=True).values_list("corpus_id", flat=True))


@consumer(ANY, corpora=corpora_told)
def event_told(event: OutboxEvent) -> None:
    event_deliveries_make(event)


@job_kind(JOB, title="Delivery to a webhook", lease_seconds=60, max_attempts=TRIES)
def webhook_deliver(ctx: JobContext) -> dict[str, Any]:
    """Send one delivery. A worker that dies after sending sends again: at least once, told apart by the event's id."""
    delivery = WebhookDelivery.objects.select_related("webhook").filter(pk=ctx.arguments["delivery"]).first()
    if delivery is None:
        return {"state": "removed"}
    hook, refused = delivery.webhook, False
    try:
        answer = post(hook.url, delivery.body.encode(), _headers(hook, delivery))
    except AddressRefused as error:
        answer, refused = Answer(0, 0, error=error.message), True
    job = Job.objects.only("attempts", "max_attempts").get(pk=ctx.job_id)
    with ctx.fenced():
        delivery_note(delivery=delivery, answer=answer, last=refused or job.attempts + 1 >= job.max_attempts)
    if not answer.taken:
        met = answer.error or f"status {answer.status}"
        raise (DeliveryRefused if refused or answer.gone else DeliveryFailed)(met)
    return {"status": answer.status, "milliseconds": answer.milliseconds}


def _headers(hook: Webhook, delivery: WebhookDelivery) -> dict[str, str]:
    body = delivery.body.encode()
    return {
        "Content-Type": "application/json", "User-Agent": "lore-workbench", "Lore-Event": delivery.kind,
        "Lore-Event-Id": delivery.event, "Lore-Delivery": str(delivery.pk),
        HEADER: signature(secret_of(hook.salt), body),
    }  # fmt: skip
