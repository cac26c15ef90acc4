"""My own answers: pairs, orders, pages and choices, each with its campaign, and the newest to be taken back from here."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import PagePreference, PageVerdict
from annotation.selectors.history import side_chosen
from annotation.services.sides import preference_submit
from tests.browser import check_accessible

from .test_page_answers import judged, lists

__all__ = ["lists"]
pytestmark = pytest.mark.django_db
ClientFor = Callable[[Any], Client]
HISTORY = "/c/shop/annotation/history/"


def chosen(lists: SimpleNamespace, campaign: Any, left_by: int, **given: Any) -> PagePreference:
    slot = services.slots_hold(campaign=campaign, person=lists.people.annotator, want=1)[0]
    return preference_submit(
        key=uuid.uuid4(),
        slot=slot,
        person=lists.people.annotator,
        release=lists.release,
        left_by=left_by,
        **given,
    )


def test_verdicts_on_pages_are_there_and_the_newest_goes_back(
    lists: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign = lists.campaign()
    judged(lists, campaign, lists.people.annotator, 3)
    last = judged(lists, campaign, lists.people.annotator, 1)
    client, url = client_for(lists.people.annotator), reverse("annotation:history_list", args=["shop"])
    text = client.get(url).content.decode()
    assert "Good" in text and "Bad" in text and text.count("Take back") == 1
    assert f"/campaigns/{campaign.pk}/page/" in text
    undo = reverse("annotation:answer_undo", args=["shop", campaign.pk])
    assert undo in text
    assert client.post(undo).status_code == 302
    assert PageVerdict.objects.get(supersedes=last).mark is None
    assert "taken back" in client.get(url).content.decode()


def test_a_choice_reads_as_it_was_made_and_names_no_source(
    lists: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign = lists.sides(five_grades=True)
    row = chosen(lists, campaign, -2, comment="<b>no</b>")
    assert side_chosen(row) == "right much better"
    text = client_for(lists.people.annotator).get(HISTORY + "?kind=page_pair").content.decode()
    assert "right much better" in text and "&lt;b&gt;no" in text and "<b>no" not in text
    assert (
        "old" not in text.split("<table")[1]
        and client_for(lists.people.reviewer).get(HISTORY).status_code == 200
    )


def test_tabs_for_what_she_answered_and_a_fixed_number_of_queries(
    lists: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign, sides = lists.campaign(), lists.sides()
    judged(lists, campaign, lists.people.annotator, 2, 4, 3)
    chosen(lists, sides, 1)
    client = client_for(lists.people.annotator)
    text = client.get(HISTORY).content.decode()
    assert "Side by side" in text and "on a page" in text and "Reasonings" not in text
    assert client.get(HISTORY + "?kind=nonsense").status_code == 200
    counts = []
    for mark in (3, 1):
        with CaptureQueriesContext(
            connection,
        ) as spent:
            client.get(HISTORY + "?kind=page")
        counts.append(len(spent))
        judged(lists, campaign, lists.people.annotator, mark)
    assert counts[0] == counts[1]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_answers_on_a_phone_and_taken_back_by_a_button(
    lists: SimpleNamespace, browse: Callable[..., Page]
) -> None:
    campaign, sides = lists.campaign(), lists.sides()
    judged(lists, campaign, lists.people.annotator, 3, 4, 3)
    chosen(lists, sides, 1, comment="nicer first row")
    page = browse(lists.people.annotator)
    for kind in ("page", "page_pair", "pair"):
        for width in (1280, 360):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto(f"{HISTORY}?kind={kind}")
            expect(page.locator("table tbody tr").first).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            check_accessible(page)
    page.goto(f"{HISTORY}?kind=page_pair")
    page.get_by_role("button", name="Take back").click()
    expect(page.locator("main")).to_contain_text("Taken back")
    assert PagePreference.objects.filter(preference=None).count() == 1
