"""What was typed or chosen and not yet sent outlives a reload, and what was taken back comes back whole."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Judgment, Ranking
from tests.browser import check_accessible

from .test_browser import opened, saved
from .test_rankings import BETTER, ranking_campaign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]


def reloaded(page: Page) -> None:
    page.reload()
    expect(page.locator("#work[data-ready]")).to_be_attached()


def test_a_half_made_order_and_its_better_answer_outlive_a_reload(
    shop: SimpleNamespace, browse: Browse
) -> None:
    page = opened(browse(shop.people.annotator), ranking_campaign(shop, lists=2), "rank")
    for key in ("2", "1", "ArrowLeft", "ArrowDown", "n", "e"):
        page.keyboard.press(key)
    page.locator('[name="fix_text"]').fill(BETTER)
    reloaded(page)
    expect(page.locator(".order")).to_have_text("B  >  A")
    expect(page.locator('[name="fix_text"]')).to_have_value(BETTER)
    expect(page.locator('[name="fix"]')).to_be_checked()
    expect(page.locator("select.faulty")).to_have_count(1)
    page.keyboard.press("Enter")
    saved(page)
    row = Ranking.objects.get()
    assert [len(tier) for tier in row.tiers] == [1, 1] and row.faults and row.correction
    page.keyboard.press("u")  # the better answer comes back with the order, and is sent again with it
    expect(page.locator(".order")).to_have_text("B  >  A")
    expect(page.locator('[name="fix_text"]')).to_have_value(BETTER)
    page.keyboard.press("Enter")
    saved(page)
    again = Ranking.objects.order_by("at").last()
    assert again and again.supersedes_id and again.correction == row.correction and again.tiers == row.tiers
    expect(page.locator(".order")).to_have_text("")  # nothing of it on the next list
    expect(page.locator('[name="fix"]')).not_to_be_checked()


def test_what_is_ticked_outlives_a_reload(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(pairs=[pair.pk for pair in shop.pairs[:2]])
    page = opened(browse(shop.people.annotator), campaign, "grade")
    subject = page.locator("#stage article.subject")
    expect(subject.locator('[name="rules_cited"]')).to_be_checked()
    for key in ("i", "r", "1", "r", "c"):
        page.keyboard.press(key)
    page.keyboard.type("the sleeves")
    reloaded(page)
    expect(subject.locator('[name="picture_decided"]')).to_be_checked()
    expect(subject.locator('[name="rules_cited"]')).not_to_be_checked()
    expect(subject.locator('[name="comment"]')).to_have_value("the sleeves")
    page.keyboard.press("2")
    page.keyboard.press("c")
    expect(subject.locator('[name="picture_decided"]')).not_to_be_checked()
    saved(page)
    row = Judgment.objects.select_related("note").get()
    assert (row.picture_decided, row.rules_cited, row.note.comment) == (True, [], "the sleeves")


def test_answers_left_in_the_browser_leave_from_the_room_s_first_page(
    shop: SimpleNamespace, browse: Browse
) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    page.route("**/judgments/", lambda route: route.abort())
    for grade in "43":
        page.keyboard.press(grade)
    expect(page.locator("#work")).to_have_attribute("data-kept", "2")
    page.goto("/c/shop/annotation/")
    expect(page.locator("#work-state")).to_have_text("offline: 2 waiting")
    check_accessible(page)
    page.unroute("**/judgments/")
    expect(page.locator("#work-state")).to_have_text("saved")
    page.wait_for_load_state("networkidle")
    assert [row.grade for row in Judgment.objects.order_by("at")] == [4, 3]
    assert (
        campaign.slots.filter(state="leased").count() == 4
    )  # of the page she left: no further one was taken
    page.reload()
    expect(page.locator("#work-state")).to_be_hidden()
