"""Settings that do not fit together, told at start-up with the mend."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register(deploy=True)
def check_deployment(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.DEBUG:
        found.append(Error("DEBUG is on.", hint="Unset DEBUG.", id="lore.E001"))
    if not settings.SECURE_COOKIES:
        found.append(Warning("Cookies travel over plain HTTP.", hint="Set SECURE_COOKIES=1.", id="lore.W001"))
    return found


@register()
def check_broker(**_: Any) -> list[CheckMessage]:
    if settings.BROKER_URL.startswith(("filesystem:", "sqla+")):
        return [
            Error(
                "This broker transport loses messages with its worker.",
                hint="Use Redis, RabbitMQ or PostgreSQL (pgmq).",
                id="lore.E002",
            )
        ]
    return []
