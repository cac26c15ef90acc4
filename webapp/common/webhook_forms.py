"""What pages and programs send about webhooks."""

from typing import Any

from django.http import QueryDict

from webapp.common.webhooks.services import KINDS


def kinds_sent(post: QueryDict) -> list[str]:
    """The ticked events and those typed beside, one a line; none is all."""
    typed = str(post.get("other_kinds", "")).replace(",", "\n").split()
    return [*post.getlist("kinds"), *typed]


def kind_choices(chosen: list[str]) -> list[tuple[str, bool]]:
    return [(kind, kind in chosen) for kind in KINDS]


def webhook_body(hook: Any) -> dict[str, Any]:
    """A webhook as a program sees it: never with its secret."""
    return {
        "id": hook.pk, "name": hook.name, "url": hook.url, "kinds": hook.kinds, "active": hook.active,
        "failures": hook.failures, "disabled_reason": hook.disabled_reason, "created_at": hook.created_at,
    }  # fmt: skip


def delivery_body(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk, "event": row.event, "kind": row.kind, "state": row.state, "tries": row.tries, "again": row.again,
        "at": row.at,
    }  # fmt: skip
