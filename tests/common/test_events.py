import pytest

from webapp.common import events
from webapp.common.models import EventDelivery, OutboxEvent

taken: list[int] = []
failing = [True]


@events.consumer("test.happened")
def take(event: OutboxEvent) -> None:
    taken.append(event.payload["n"])


@events.consumer("test.happened")
def stumble(event: OutboxEvent) -> None:
    EventDelivery.objects.create(event=event, consumer="half-written")
    if failing[0]:
        raise RuntimeError("not yet")


@pytest.mark.django_db(transaction=True)
def test_each_consumer_takes_an_event_once_and_a_failing_one_is_tried_again():
    taken.clear()
    failing[0] = True
    event = events.event_publish(corpus=None, kind="test.happened", payload={"n": 1})
    events.events_deliver()
    assert taken == [1] and not OutboxEvent.objects.get(pk=event.pk).delivered
    assert not EventDelivery.objects.filter(consumer="half-written").exists()
    failing[0] = False
    events.events_deliver()
    events.events_deliver()
    assert taken == [1] and OutboxEvent.objects.get(pk=event.pk).delivered
