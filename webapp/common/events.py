"""The outbox: how a lower room tells an upper one without importing it. Delivered at least once, in order of writing.

A service calls `event_publish` in its transaction. Upper rooms register consumers in `AppConfig.ready`; each consumer runs
in a transaction of its own together with the row that says it has run, so a crash repeats a whole delivery or nothing.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db import transaction

from webapp.common.models import Corpus, EventDelivery, OutboxEvent
from webapp.common.wakeup import wake

logger = logging.getLogger(__name__)
Consumer = Callable[[OutboxEvent], None]
_consumers: dict[str, dict[str, Consumer]] = defaultdict(dict)


def consumer(kind: str) -> Callable[[Consumer], Consumer]:
    """Register the decorated function for events of `kind`."""

    def register(function: Consumer) -> Consumer:
        _consumers[kind][f"{function.__module__}.{function.__qualname__}"] = function
        return function

    return register


def event_publish(*, corpus: Corpus | None, kind: str, payload: dict[str, Any]) -> OutboxEvent:
    """Write an event in the caller's transaction and wake the deliverer once that commits."""
    event = OutboxEvent.objects.create(corpus=corpus, kind=kind, payload=payload)
    transaction.on_commit(lambda: wake("webapp.common.tasks.deliver_events"))
    return event


def events_deliver(limit: int = 200) -> int:
    """Bring pending events to their consumers; returns how many events are now wholly delivered."""
    finished = 0
    for event_id in (
        OutboxEvent.objects.filter(delivered=False).order_by("id").values_list("id", flat=True)[:limit]
    ):
        finished += _deliver_one(event_id)
    return finished


def _deliver_one(event_id: int) -> bool:
    with transaction.atomic():
        event = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=event_id, delivered=False)
            .first()
        )
        if event is None:
            return False
        done = set(event.deliveries.values_list("consumer", flat=True))
        pending = {name: run for name, run in _consumers[event.kind].items() if name not in done}
        results = [_consume(event, name, run) for name, run in pending.items()]
        if all(results):
            OutboxEvent.objects.filter(pk=event.pk).update(delivered=True)
        return all(results)


def _consume(event: OutboxEvent, name: str, run: Consumer) -> bool:
    """One consumer in its own savepoint: a failing one is logged and tried again, and holds up no other."""
    try:
        with transaction.atomic():
            run(event)
            EventDelivery.objects.create(event=event, consumer=name)
    except Exception:
        logger.exception(
            "consumer %s failed on event %s (%s); it will be tried again", name, event.pk, event.kind
        )
        return False
    return True
