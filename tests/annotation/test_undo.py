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


def test_a_skip_that_somebody_else_has_taken_up_stays_and_says_so(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign, me, client = shop.campaign(), shop.people.annotator, client_for(shop.people.annotator)
    mine = judge(campaign, me, grade=4).judgment
    slot = held(campaign, me)
    skip(client, campaign, slot)
    assert held(campaign, shop.people.reviewer).pk == slot.pk
    program = reverse("annotation_api:undo", args=["shop", campaign.pk])
    body = client.post(program).json()
    assert (body["undone"], body["slot"]) == (str(mine.pk), mine.slot_id)
    assert "somebody else's by now" in body["word"] and Skip.objects.count() == 1


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
    assert client.post(door("answer_undo", campaign), headers=JSON).status_code == 409
    slot.refresh_from_db()
    assert Skip.objects.count() == 1 and slot.state == Slot.State.OPEN


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
