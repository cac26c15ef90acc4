"""Webhooks' writes."""

import json
import secrets
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from webapp.common.addresses import url_check
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound
from webapp.common.jobs import job_enqueue
from webapp.common.models import (
    Corpus,
    Membership,
    Notification,
    OutboxEvent,
    Role,
    User,
    Webhook,
    WebhookDelivery,
)
from webapp.common.webhooks.sending import Answer
from webapp.common.webhooks.signing import secret_of

JOB = "common.webhook"
TEST = "webhook.test"
# Names of the rooms' events, for the form; one that is not listed can be named too.
KINDS = (
    "campaign.opened", "campaign.paused", "campaign.closed", "verdict.settled", "verdict.unsettled",
    "judgments.imported", "export.finished", "import.finished", "release.published", "model.promoted",
)  # fmt: skip
TRIES, DISABLED_AFTER = 8, 20


def webhook_get(corpus: Corpus, pk: int) -> Webhook:
    """A webhook of this corpus, or NotFound."""
    found = Webhook.objects.filter(corpus=corpus, pk=pk).select_related("corpus").first()
    if found is None:
        raise NotFound("There is no such webhook in this corpus.")
    return found


def webhook_create(
    *, corpus: Corpus, actor: User, name: str, url: str, kinds: Sequence[str] = ()
) -> tuple[Webhook, str]:
    """A new webhook and its secret, which is shown once. The address itself is looked up anew at each delivery."""
    name = name.strip()[:80]
    if not name:
        raise Invalid("A webhook needs a name.", code="name")
    url_check(url)
    if Webhook.objects.filter(corpus=corpus, name=name).exists():
        raise Conflict("There is a webhook of that name already.", code="webhook_name")
    with transaction.atomic():
        row = Webhook.objects.create(
            corpus=corpus, name=name, url=url.strip()[:500], kinds=_kinds(kinds), salt=secrets.token_hex(16),
            created_by=actor,
        )  # fmt: skip
        audit_record(actor=actor, corpus=corpus, action="webhook.create", subject=row, data={"url": row.url})
    return row, secret_of(row.salt)


def _kinds(kinds: Sequence[str]) -> list[str]:
    return sorted({kind.strip()[:60] for kind in kinds if kind.strip()})


def webhook_change(
    *, webhook: Webhook, actor: User, url: str | None = None, kinds: Sequence[str] | None = None,
    active: bool | None = None,
) -> Webhook:  # fmt: skip
    """Another address, other events, off or on again. Switched on, it starts without old failures."""
    values: dict[str, Any] = {}
    if url is not None:
        url_check(url)
        values["url"] = url.strip()[:500]
    if kinds is not None:
        values["kinds"] = _kinds(kinds)
    if active is not None:
        values |= {"active": active, "failures": 0, "disabled_reason": ""}
    with transaction.atomic():
        Webhook.objects.filter(pk=webhook.pk).update(**values)
        audit_record(
            actor=actor, corpus=webhook.corpus, action="webhook.change", subject=webhook, data=values
        )
    webhook.refresh_from_db()
    return webhook


def webhook_secret_renew(*, webhook: Webhook, actor: User) -> str:
    """A new secret, which is shown once; the old one signs nothing any more."""
    with transaction.atomic():
        salt = secrets.token_hex(16)
        Webhook.objects.filter(pk=webhook.pk).update(salt=salt)
        audit_record(actor=actor, corpus=webhook.corpus, action="webhook.secret", subject=webhook)
    return secret_of(salt)


def webhook_remove(*, webhook: Webhook, actor: User) -> None:
    """Away with it and its log; the audit keeps that it was there."""
    with transaction.atomic():
        audit_record(
            actor=actor,
            corpus=webhook.corpus,
            action="webhook.remove",
            subject=webhook,
            data={"url": webhook.url},
        )
        webhook.delete()


def webhook_test(*, webhook: Webhook, actor: User) -> WebhookDelivery:
    """Send a test event, whatever events it is told of; an inactive one too."""
    with transaction.atomic():
        body = _body(
            f"test_{uuid.uuid4().hex}", TEST, webhook.corpus, timezone.now(), {"by": actor.display_name}
        )
        return _deliver(webhook, body["id"], TEST, body)


def delivery_repeat(*, delivery: WebhookDelivery, actor: User) -> WebhookDelivery:
    """Send the same event again, under the same event id: the receiver decides whether it has had it."""
    with transaction.atomic():
        audit_record(
            actor=actor, corpus=delivery.webhook.corpus, action="webhook.repeat", subject=delivery.webhook,
            data={"event": delivery.event},
        )  # fmt: skip
        return _deliver(
            delivery.webhook, delivery.event, delivery.kind, json.loads(delivery.body), again=True
        )


def event_deliveries_make(event: OutboxEvent) -> list[WebhookDelivery]:
    """A delivery for each webhook that wants this event. The caller's transaction is the consumer's: once an event."""
    if event.corpus is None:
        return []
    rows = Webhook.objects.filter(corpus=event.corpus, active=True).select_related("corpus")
    body = _body(f"evt_{event.pk}", event.kind, event.corpus, event.at, event.payload)
    return [
        _deliver(row, body["id"], event.kind, body)
        for row in rows
        if not row.kinds or event.kind in row.kinds
    ]


def _body(key: str, kind: str, corpus: Corpus, at: Any, payload: dict[str, Any]) -> dict[str, Any]:
    return {"id": key, "kind": kind, "corpus": corpus.slug, "at": at.isoformat(), "payload": payload}


def _deliver(
    webhook: Webhook, key: str, kind: str, body: dict[str, Any], *, again: bool = False
) -> WebhookDelivery:
    row = WebhookDelivery.objects.create(
        webhook=webhook,
        event=key,
        kind=kind,
        body=json.dumps(body, ensure_ascii=False),
        again=again or kind == TEST,
    )
    job_enqueue(
        kind=JOB, corpus=webhook.corpus, actor=None, arguments={"delivery": row.pk},
        idempotency_key=f"webhook:{row.pk}", max_attempts=TRIES,
    )  # fmt: skip
    return row


def delivery_note(*, delivery: WebhookDelivery, answer: Answer, last: bool) -> None:
    """Write what a try met; a webhook that has failed too often in a row, or asks for it, is switched off with a word."""
    met = {"at": timezone.now().isoformat(), "status": answer.status, "milliseconds": answer.milliseconds,
           **({"error": answer.error} if answer.error else {"answer": answer.text[:500]})}  # fmt: skip
    state = WebhookDelivery.State
    over = state.DELIVERED if answer.taken else state.FAILED if last or answer.gone else state.PENDING
    row = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    row.tries, row.state = [*row.tries, met], over
    row.save(update_fields=["tries", "state"])
    hooks = Webhook.objects.filter(pk=delivery.webhook_id)
    if answer.taken:
        hooks.filter(failures__gt=0).update(failures=0)
        return
    hooks.update(failures=F("failures") + 1)
    hook = hooks.select_related("corpus").get()
    if hook.active and (answer.gone or hook.failures >= DISABLED_AFTER):
        _disable(hook, answer)


def _disable(hook: Webhook, answer: Answer) -> None:
    met = answer.error or f"status {answer.status}"
    reason = (
        "it answered 410 Gone"
        if answer.gone
        else f"{hook.failures} tries in a row failed, the last with {met}"
    )
    Webhook.objects.filter(pk=hook.pk).update(active=False, disabled_reason=f"Switched off: {reason}."[:300])
    audit_record(
        actor=None, corpus=hook.corpus, action="webhook.disable", subject=hook, data={"reason": reason}
    )
    url = reverse("common:webhook_detail", args=[hook.corpus.slug, hook.pk])
    admins = Membership.objects.filter(corpus=hook.corpus, role=Role.ADMIN, user__is_active=True)
    Notification.objects.bulk_create(
        Notification(
            person_id=pk, corpus=hook.corpus, kind="common.webhook", url=url,
            text=f"The webhook {hook.name} was switched off: {reason}."[:300],
        )
        for pk in admins.values_list("user_id", flat=True)
    )  # fmt: skip
