"""A campaign that a release opened, once another release is in force: what stands again is judged by nobody again."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from annotation import services
from annotation.models import Campaign, Judgment, Slot
from annotation.services.needless import needless_withdraw
from rules.models import Publication, Release, VerdictChange
from webapp.common.events import events_deliver
from webapp.common.models import AuditEntry, Notification
from webapp.shell.consistency import consistency_check

from .conftest import Judge
from .test_roll_back import back, publish_second

ClientFor = Callable[[Any], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def three(shop: SimpleNamespace, judge: Judge) -> SimpleNamespace:
    """Three pairs that the annotator called L2 under release 1; a release opens campaigns here."""
    services.quality_settings_set(
        corpus=shop.corpus, actor=shop.people.admin, thresholds={}, stale_campaigns=True, stale_most=5
    )
    shop.three = shop.pairs[:3]
    campaign = shop.campaign(pairs=[pair.pk for pair in shop.three])
    for _ in shop.three:
        judge(campaign, shop.people.annotator, grade=2, dimension="colour")
    return shop


def publish(shop: SimpleNamespace, number: int, *changes: tuple[int, str, str]) -> Release:
    """A release that changes the verdicts of some of the three, and what it brings about."""
    release = Release.objects.create(
        corpus=shop.corpus, number=number, dimensions=shop.release.dimensions, state=Release.State.PUBLISHED
    )
    made = Publication.objects.create(corpus=shop.corpus, release=release)
    for at, before, after in changes:
        VerdictChange.objects.create(publication=made, pair=shop.three[at], before=before, after=after)
    services.stale_take_up(publication=made)
    return release


def asked(campaign: Campaign) -> list[int]:
    """The pairs that still wait in it."""
    rows = campaign.slots.exclude(state=Slot.State.DONE).order_by("annotation_task__pair")
    return list(rows.values_list("annotation_task__pair", flat=True))


def submit(client: Client, campaign: Campaign, slot: Slot, release: Release) -> Any:
    sent = {
        "key": str(uuid.uuid4()), "slot": slot.pk, "lease": str(slot.lease), "release": release.pk, "grade": 2,
        "dimension": "colour", "item_version": slot.annotation_task.pair.item.current_id,
    }  # fmt: skip
    address = reverse("annotation:judgment_submit", args=["shop", campaign.pk])
    return client.post(address, sent, headers={"Accept": "application/json"})


def test_a_roll_back_ends_the_campaign_of_what_stands_again(
    three: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    second = publish_second(three, client_for)
    people, campaign = three.people, Campaign.objects.get(name="After release 2")
    assert len(asked(campaign)) == 3
    judged = judge(campaign, people.reviewer, grade=1, dimension="colour", release=second).judgment
    held = services.slot_lease(campaign=campaign, person=people.annotator)
    assert held is not None and held.annotation_task.pair is not None
    back(three, client_for, 1)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.slots_total, campaign.slots_done) == ("closed", 2, 1)
    assert asked(campaign) == [held.annotation_task.pair_id], "whoever has one before her keeps it"
    again = Campaign.objects.get(name="After release 1")
    assert asked(again) == [judged.pair_id], "what was said under release 2 is what the roll back overturned"
    withdrawn = AuditEntry.objects.get(action="campaign.withdraw")
    assert withdrawn.data == {"release": 1, "subjects": 1, "goes_on": False}
    assert AuditEntry.objects.filter(action="campaign.closed", subject_id=str(campaign.pk)).exists()
    told = Notification.objects.filter(person=people.reviewer, text__contains="were taken out")
    assert told.get().url == reverse("annotation:campaign_detail", args=["shop", campaign.pk])
    assert "1 pair of After release 2" in told.get().text and "It is closed" in told.get().text
    assert services.slots_hold(campaign=campaign, person=people.reviewer, want=5) == []
    assert submit(client_for(people.annotator), campaign, held, second).status_code == 200
    campaign.refresh_from_db()
    assert campaign.slots_done == 2 and not asked(campaign)


def test_it_is_done_once(three: SimpleNamespace, client_for: ClientFor) -> None:
    publish_second(three, client_for)
    back(three, client_for, 1)
    campaign = Campaign.objects.get(name="After release 2")
    assert (campaign.state, campaign.slots_total) == ("closed", 0)
    before = AuditEntry.objects.count()
    for publication in Publication.objects.all():  # an event comes twice
        services.stale_take_up(publication=publication)
    assert needless_withdraw(release=three.release) == 0
    assert AuditEntry.objects.count() == before
    assert all(check.ok for check in consistency_check())
    back(three, client_for, 2)
    renewed = Campaign.objects.get(name="After release 2 (2)")
    assert len(asked(renewed)) == 3 and renewed.state == "open"


def test_what_still_has_to_be_judged_stays_and_each_pair_is_asked_for_once(three: SimpleNamespace) -> None:
    publish(three, 2, *((at, "[L2-colour]", "[L1]") for at in range(3)))
    publish(three, 3, (0, "[L1]", "[L2-colour]"), (1, "[L1]", "[L3]"))
    first, second = Campaign.objects.filter(release__isnull=False).order_by("pk")
    assert (asked(first), asked(second)) == ([three.three[2].pk], [three.three[1].pk])
    assert first.state == second.state == "open" and first.slots_total == 1
    text = Notification.objects.get(text__contains="were taken out").text
    assert "2 pairs of After release 2" in text and "The others stay." in text


def test_a_subject_that_somebody_passed_on_keeps_her_words(three: SimpleNamespace) -> None:
    publish(three, 2, (0, "[L2-colour]", "[L1]"), (1, "[L2-colour]", "[L1]"))
    campaign = Campaign.objects.get(name="After release 2")
    slot = services.slot_lease(campaign=campaign, person=three.people.annotator)
    assert slot is not None
    services.slot_skip(slot=slot, person=three.people.annotator, reason="unsure", comment="a coat?")
    publish(three, 3, (0, "[L1]", "[L2-colour]"), (1, "[L1]", "[L2-colour]"))
    campaign.refresh_from_db()
    assert (campaign.state, campaign.slots_total) == ("closed", 1)
    assert campaign.annotation_tasks.get().skips.get().comment == "a coat?"


def test_a_campaign_of_a_persons_own_is_hers(three: SimpleNamespace) -> None:
    publish(three, 2, (0, "[L2-colour]", "[L1]"))
    hers = three.campaign(name="Mine", pairs=[three.three[0].pk], choice={"which": "stale"})
    publish(three, 3, (0, "[L1]", "[L2-colour]"))
    hers.refresh_from_db()
    assert hers.state == "open" and asked(hers) == [three.three[0].pk]


@pytest.mark.django_db(transaction=True)
def test_a_subject_that_is_being_given_out_stays(three: SimpleNamespace) -> None:
    publish(three, 2, (0, "[L2-colour]", "[L1]"), (1, "[L2-colour]", "[L1]"))
    campaign, gate = Campaign.objects.get(name="After release 2"), Barrier(2)

    def give_out() -> int:
        try:
            with transaction.atomic():
                slot = services.slot_lease(campaign=campaign, person=three.people.reviewer)
                gate.wait(20)  # given out, not yet committed
                gate.wait(20)  # the other release has done its work
            assert slot is not None
            return slot.pk
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        giving = pool.submit(give_out)
        gate.wait(20)
        publish(three, 3, (0, "[L1]", "[L2-colour]"), (1, "[L1]", "[L2-colour]"))
        gate.wait(20)
        given = giving.result()
    campaign.refresh_from_db()
    assert (campaign.state, campaign.slots_total) == ("closed", 1)
    assert campaign.slots.get().pk == given and campaign.slots.get().person == three.people.reviewer
    assert not Judgment.objects.filter(slot__campaign=campaign).exists()
    events_deliver()
    assert all(check.ok for check in consistency_check())
