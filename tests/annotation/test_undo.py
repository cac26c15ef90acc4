"""Undo takes back the last thing she did: an answer of whatever kind, or a skip."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign, Judgment, PageVerdict, Skip, Slot
from annotation.services.slots import slots_open

from .conftest import Judge
from .test_browser import answer, opened, saved
from .test_page_answers import judged, lists

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Any], Client]
Browse = Callable[..., Page]
JSON = {"Accept": "application/json"}
__all__ = ["lists"]


def door(name: str, campaign: Campaign) -> str:
    return reverse(f"annotation:{name}", args=["shop", campaign.pk])


def held(campaign: Campaign, person: Any) -> Slot:
    return services.slots_hold(campaign=campaign, person=person, want=1)[0]


def hers_of(campaign: Campaign, person: Any) -> list[int]:
    """All that she is given."""
    return [slot.pk for slot in services.slots_hold(campaign=campaign, person=person, want=50)]


def skip(client: Client, campaign: Campaign, slot: Slot) -> None:
    sent = {"slot": slot.pk, "reason": "unsure"}
    assert client.post(door("slot_skip", campaign), sent, headers=JSON).status_code == 200


def test_a_skip_is_taken_back_before_the_answer_that_came_before_it(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign, me, client = shop.campaign(), shop.people.annotator, client_for(shop.people.annotator)
    judge(campaign, me, grade=4)
    slots = []
    for _ in range(2):
        slots.append(held(campaign, me))
        skip(client, campaign, slots[-1])
    for slot in slots[::-1]:
        body = client.post(door("answer_undo", campaign), {"have": "0"}, headers=JSON).json()
        assert (body["subjects"][0]["slot"], body["withdrawn"]) == (slot.pk, False)
        assert "Not skipped" in body["word"]
    assert not Skip.objects.exists() and Judgment.objects.count() == 1
    body = client.post(door("answer_undo", campaign), headers=JSON).json()
    assert body["withdrawn"] and Judgment.objects.filter(grade=None).count() == 1
    assert client.post(door("answer_undo", campaign), headers=JSON).status_code == 409


def test_a_skip_whose_subject_somebody_else_has_is_taken_back_all_the_same(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign, me, client = shop.campaign(), shop.people.annotator, client_for(shop.people.annotator)
    mine = judge(campaign, me, grade=4).judgment
    slot = held(campaign, me)
    skip(client, campaign, slot)
    hers = held(campaign, shop.people.reviewer)
    assert hers.pk == slot.pk
    program = reverse("annotation_api:undo", args=["shop", campaign.pk])
    body = client.post(program).json()
    assert (body["undone"], body["slot"]) == (None, None)
    assert "somebody else has it by now" in body["word"] and not Skip.objects.exists()
    slot.refresh_from_db()
    assert (slot.person, slot.lease) == (shop.people.reviewer, hers.lease)  # she loses nothing by it
    slots_open([slot.pk])  # her lease runs out
    assert slot.pk in hers_of(campaign, me)
    body = client.post(program).json()  # one key takes back one thing: now the answer before
    assert (body["undone"], body["slot"]) == (str(mine.pk), mine.slot_id)


def test_another_place_of_a_subject_that_was_skipped_is_hers(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign, me, client = (
        shop.campaign(redundancy=2),
        shop.people.annotator,
        client_for(shop.people.annotator),
    )
    slot = held(campaign, me)
    skip(client, campaign, slot)
    assert held(campaign, shop.people.reviewer).pk == slot.pk
    body = client.post(door("answer_undo", campaign), {"have": "0"}, headers=JSON).json()
    back = Slot.objects.get(person=me, state=Slot.State.LEASED, annotation_task=slot.annotation_task_id)
    assert body["back"] and body["subjects"][0]["slot"] == back.pk != slot.pk


def test_a_skip_is_reached_through_the_answers_that_were_taken_back_after_it(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign, me, client = shop.campaign(), shop.people.annotator, client_for(shop.people.annotator)
    judge(campaign, me, grade=4)
    slot = held(campaign, me)
    skip(client, campaign, slot)
    later = judge(campaign, me, grade=2, dimension="colour").judgment
    program = reverse("annotation_api:undo", args=["shop", campaign.pk])
    assert client.post(program).json()["undone"] == str(later.pk)
    assert client.post(program).json()["slot"] == slot.pk
    assert not Skip.objects.exists() and Judgment.objects.filter(grade=None).count() == 1


def test_the_list_of_her_answers_takes_back_an_answer_and_no_skip(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign, me, client = shop.campaign(), shop.people.annotator, client_for(shop.people.annotator)
    judge(campaign, me, grade=4)
    skip(client, campaign, held(campaign, me))
    page = client.get(reverse("annotation:history_list", args=["shop"])).content.decode()
    assert 'name="answers_only" value="1"' in page
    client.post(door("answer_undo", campaign), {"answers_only": "1"})
    assert Skip.objects.count() == 1 and Judgment.objects.filter(grade=None).count() == 1


def test_a_page_goes_back_whole_by_the_one_door(lists: SimpleNamespace, client_for: ClientFor) -> None:
    campaign = lists.campaign()
    judged(lists, campaign, lists.people.annotator, 3, 4, 4)
    body = client_for(lists.people.annotator).post(door("answer_undo", campaign), headers=JSON).json()
    assert body["withdrawn"]
    assert PageVerdict.objects.get(superseded_by=None).mark is None
    assert set(Judgment.objects.filter(superseded_by=None).values_list("grade", flat=True)) == {None}


def test_nothing_skipped_is_given_back_by_a_campaign_that_gives_nothing(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    slot = held(campaign, shop.people.annotator)
    skip(client, campaign, slot)
    services.campaign_pause(campaign=campaign, actor=shop.people.admin)
    body = client.post(door("answer_undo", campaign), headers=JSON).json()
    assert "once this campaign gives out subjects" in body["word"] and not body["back"]
    slot.refresh_from_db()
    assert not Skip.objects.exists() and slot.state == Slot.State.OPEN
    assert client.post(door("answer_undo", campaign), headers=JSON).status_code == 409
    services.campaign_open(campaign=campaign, actor=shop.people.admin)
    assert slot.pk in hers_of(campaign, shop.people.annotator)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_slip_of_the_finger_is_mended_with_one_key(shop: SimpleNamespace, browse: Browse) -> None:
    page = opened(browse(shop.people.annotator), shop.campaign(blind_share=1.0), "grade")
    first = answer(page, "4")[0]
    saved(page)
    skipped = page.locator("#stage article.subject").get_attribute("data-slot") or ""
    for key in ("s", "1", "u"):  # at once: the undo waits for the skip
        page.keyboard.press(key)
    expect(page.locator("#stage article.subject")).to_have_attribute("data-slot", skipped)
    expect(page.locator("#work-mine")).to_have_text("1")
    page.keyboard.press("3")
    saved(page)
    assert [(str(row.slot_id), row.grade) for row in Judgment.objects.order_by("at")] == [
        (first, 4),
        (skipped, 3),
    ]
    assert not Skip.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_skip_that_cannot_come_back_leaves_the_page_as_it_is(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    skipped = page.locator("#stage article.subject").get_attribute("data-slot") or ""
    page.keyboard.press("s")
    page.keyboard.press("1")
    expect(page.get_by_text("it goes to somebody else")).to_be_visible()
    assert str(held(campaign, shop.people.reviewer).pk) == skipped
    next_one = page.locator("#stage article.subject").get_attribute("data-slot") or ""
    page.keyboard.press("u")
    page.keyboard.press("4")  # was meant for the one that does not come
    expect(page.get_by_text("somebody else has it by now")).to_be_visible()
    expect(page.locator("#stage article.subject")).to_have_attribute("data-slot", next_one)
    saved(page)
    assert not Skip.objects.exists() and not Judgment.objects.exists()
