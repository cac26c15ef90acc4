"""Answers at the wrong door: of another kind, to a campaign that is not hers to answer, or when she may no more."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign, Flag, Judgment, PagePreference, PageVerdict, Ranking, Slot

from .conftest import reasonings_make
from .test_browser import answer, opened, saved
from .test_page_answers import lists

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Any], Client]
Browse = Callable[..., Page]
JSON = {"Accept": "application/json"}
__all__ = ["lists"]
# kind -> (door of an answer, what it sends beside slot and release); for pages and for programs
DOORS: dict[str, tuple[str, dict[str, str]]] = {
    "pair": ("judgment_submit", {"grade": "4"}),
    "ranking": ("ranking_submit", {"all_bad": "1"}),
    "page": ("page_submit", {"mark": "3"}),
    "page_pair": ("preference_submit", {"left_by": "1"}),
}
PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "pair": ("judgment_submit", {"grade": "L4"}),
    "ranking": ("ranking_submit", {"all_bad": True}),
    "page": ("page_verdict_submit", {"mark": "good"}),
    "page_pair": ("preference_submit", {"left_by": 1}),
}


def campaigns(lists: SimpleNamespace) -> dict[str, Campaign]:
    ranking = services.ranking_campaign_create(
        corpus=lists.corpus,
        name="Lists",
        lists=[(lists.pairs[0], reasonings_make(3))],
        actor=lists.people.admin,
    )
    pairs = services.campaign_create(
        corpus=lists.corpus, name="Pairs", pairs=[pair.pk for pair in lists.pairs], actor=lists.people.admin
    )
    for made in (ranking, pairs):
        services.campaign_open(campaign=made, actor=lists.people.admin)
    return {"pair": pairs, "ranking": ranking, "page": lists.campaign(), "page_pair": lists.sides()}


def ledger() -> list[int]:
    return [model.objects.count() for model in (Judgment, Ranking, PageVerdict, PagePreference)]


@pytest.mark.parametrize("kind", DOORS)
def test_an_answer_of_another_kind_is_refused_and_moves_nothing(
    lists: SimpleNamespace, client_for: ClientFor, kind: str
) -> None:
    client, me = client_for(lists.people.annotator), lists.people.annotator
    made = campaigns(lists)
    asked = made[kind]
    slot = services.slots_hold(campaign=asked, person=me, want=1)[0]
    sent = {"key": str(uuid.uuid4()), "slot": slot.pk, "release": lists.release.pk}
    for other in set(DOORS) - {kind}:
        door, fields = DOORS[other]
        at = ["shop", asked.pk]
        response = client.post(reverse(f"annotation:{door}", args=at), {**sent, **fields}, headers=JSON)
        assert (response.status_code, response.json()["error"]["code"]) == (422, "kind"), other
        name, body = PROGRAMS[other]
        program = client.post(
            reverse(f"annotation_api:{name}", args=at), {**sent, **body}, "application/json"
        )
        assert program.status_code == 422, other
    flag = {"slot": slot.pk, "comment": "look"}
    expected = 200 if kind in {"pair", "ranking"} else 422
    response = client.post(reverse("annotation:flag_raise", args=["shop", asked.pk]), flag, headers=JSON)
    assert response.status_code == expected and Flag.objects.count() == (expected == 200)
    slot.refresh_from_db()
    assert slot.state == Slot.State.LEASED and ledger() == [0, 0, 0, 0]


def test_a_place_she_was_never_given_is_not_answered(shop: SimpleNamespace, client_for: ClientFor) -> None:
    for pair in shop.pairs[6:10]:
        services.gold_set(pair=pair, grade=4, actor=shop.people.reviewer)
    asked = shop.campaign(pairs=[pair.pk for pair in shop.pairs[:3]], quiz_size=2)
    draft = services.campaign_create(
        corpus=shop.corpus, name="Draft", pairs=[pair.pk for pair in shop.pairs[:3]], actor=shop.people.admin
    )
    client = client_for(shop.people.annotator)
    for campaign, code in ((asked, "quiz"), (draft, "not_open")):
        slot = campaign.slots.first()
        sent = {"slot": slot.pk, "release": shop.release.pk, "grade": "4"}
        address = reverse("annotation:judgment_submit", args=["shop", campaign.pk])
        response = client.post(address, sent, headers=JSON)
        assert (response.status_code, response.json()["error"]["code"]) == (409, code)
    assert not Judgment.objects.exists()


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_whoever_is_no_member_any_more_is_told_and_keeps_her_words(
    shop: SimpleNamespace, browse: Browse
) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    shop.people.annotator.memberships.all().delete()
    page.keyboard.press("c")
    page.keyboard.type("a word")
    page.keyboard.press("Enter")
    answer(page, "3")
    notice = page.locator("#work-notices .note-bad")
    expect(notice).to_contain_text("not a member")
    expect(notice.locator("pre")).to_contain_text("L3\nComment: a word")
    saved(page)  # not for ever on its way: answers in other corpora are not held up
    assert not Judgment.objects.exists()
