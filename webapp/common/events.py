"""The outbox: how a lower room tells an upper one without importing it. Delivered at least once, in order of writing.

A service calls `event_publish` in its transaction. Upper rooms register consumers in `AppConfig.ready`; each consumer runs
in a transaction of its own together with the row that says it has run, so a crash repeats a whole delivery or nothing.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction

from webapp.common.models import Corpus, EventDelivery, OutboxEvent
from webapp.common.wakeup import wake

logger = logging.getLogger(__name__)
Consumer = Callable[[OutboxEvent], None]
_consumers: dict[str, dict[str, Consumer]] = defaultdict(dict)
_corpora: dict[str, Callable[[], frozenset[int]]] = {}
ANY = "*"
# A burst of events wakes the deliverer once: it goes on until nothing is pending, and beat calls it anyhow.
WAKE_EVERY, DELIVER_FOR = 1.0, 10.0
_woken = {"at": float("-inf")}
_waking = threading.Lock()


def consumer(
    kind: str, *, corpora: Callable[[], frozenset[int]] | None = None
) -> Callable[[Consumer], Consumer]:
    """Register the decorated function for events of `kind`; "*" for every kind. `corpora` tells whose it wants now."""

    def register(function: Consumer) -> Consumer:
        name = f"{function.__module__}.{function.__qualname__}"
        _consumers[kind][name] = function
        if corpora is not None:
            _corpora[name] = corpora
        return function

    return register


def event_publish(*, corpus: Corpus | None, kind: str, payload: dict[str, Any]) -> OutboxEvent:
    """Write an event in the caller's transaction and wake the deliverer once that commits."""
    event = OutboxEvent.objects.create(corpus=corpus, kind=kind, payload=payload)
    transaction.on_commit(_wake_deliverer)
    return event


def events_publish(*, corpus: Corpus | None, kind: str, payloads: Sequence[dict[str, Any]]) -> None:
    """Many events of one kind, in this order, in one statement of the caller's transaction."""
    if payloads:
        OutboxEvent.objects.bulk_create(
            OutboxEvent(corpus=corpus, kind=kind, payload=payload) for payload in payloads
        )
        transaction.on_commit(_wake_deliverer)


def _wake_deliverer() -> None:
    """Now, or for events that follow within a second once at its end; a message that is lost costs a beat."""
    with _waking:
        pause = _woken["at"] + WAKE_EVERY - time.monotonic()
        if pause > WAKE_EVERY:
            return  # a message is due already
        _woken["at"] = time.monotonic() + max(0.0, pause)
    if pause <= 0:
        _wake_now()
        return
    later = threading.Timer(pause, _wake_now)
    later.daemon = True
    later.start()


def _wake_now() -> None:
    wake("webapp.common.tasks.deliver_events")


def _wanted(kind: str, corpus: int | None, listening: dict[str, frozenset[int]]) -> dict[str, Consumer]:
    """The consumers of an event; `listening` holds what each that chooses its corpora wants."""
    found = {**_consumers.get(kind, {}), **_consumers.get(ANY, {})}
    return {name: run for name, run in found.items() if name not in listening or corpus in listening[name]}


def events_deliver(limit: int = 200) -> int:
    """Bring pending events to their consumers, until none is pending or the time is up; how many are now delivered."""
    finished, after, stop = 0, 0, time.monotonic() + DELIVER_FOR
    while time.monotonic() < stop:
        pending = OutboxEvent.objects.filter(delivered=False, pk__gt=after).order_by("id")
        rows = list(pending.values_list("id", "kind", "corpus_id")[:limit])
        if not rows:
            break
        after = rows[-1][0]
        listening = {name: wants() for name, wants in _corpora.items()}
        told = {pk: _wanted(kind, corpus, listening) for pk, kind, corpus in rows}
        idle = [pk for pk, consumers in told.items() if not consumers]
        finished += OutboxEvent.objects.filter(pk__in=idle, delivered=False).update(delivered=True)
        finished += sum(_deliver_one(pk, consumers) for pk, consumers in told.items() if consumers)
    return finished


def _deliver_one(event_id: int, consumers: dict[str, Consumer]) -> bool:
    with transaction.atomic():
        event = (
            OutboxEvent.objects.select_for_update(skip_locked=True)
            .filter(pk=event_id, delivered=False)
            .first()
        )
        if event is None:
            return False
        done = set(event.deliveries.values_list("consumer", flat=True))
        pending = {name: run for name, run in consumers.items() if name not in done}
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
