"""Whole pages and two pages side by side, by keyboard in a real browser, with the network cut in the middle."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign, Judgment, PagePreference, PageVerdict, Ranking, Slot
from annotation.selectors import effective_judgments
from tests.browser import check_accessible
from webapp.common.models import User

from .conftest import reasonings_make
from .test_browser import opened, saved
from .test_page_answers import lists

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
__all__ = ["lists"]


def test_pages_by_keyboard_with_the_network_cut(lists: SimpleNamespace, browse: Browse) -> None:
    campaign = lists.campaign()
    page = opened(browse(lists.people.annotator), campaign, "page")
    for key in ("4", "2", "c", "Shift+1", "b", "3"):  # L4, L2-colour, L1-brand, L3
        page.keyboard.press(key)
    expect(page.locator("[data-graded]")).to_have_text("4 of 4 items graded")
    page.keyboard.press("9")
    saved(page)
    page.context.set_offline(True)
    page.keyboard.press("1")
    page.keyboard.press("7")
    page.keyboard.press("8")
    expect(page.locator("#work")).to_have_attribute("data-waiting", "2")
    page.context.set_offline(False)
    saved(page)
    rows = list(PageVerdict.objects.order_by("at"))
    assert [row.mark for row in rows] == [3, 1, 2]
    graded = effective_judgments(lists.corpus).filter(page=rows[0].page).order_by("pair_id")
    assert [(row.grade, row.dimension) for row in graded] == [(4, ""), (2, "colour"), (1, "brand"), (3, "")]
    page.keyboard.press("u")
    expect(page.locator("#work-done")).to_have_text("2")
    expect(page.locator(".mark.said")).to_have_text("8 Mid")
    campaign.refresh_from_db()
    assert campaign.slots_done == 2


def test_grades_outlive_a_reload_and_rules_come_on_demand(lists: SimpleNamespace, browse: Browse) -> None:
    campaign = lists.campaign()
    campaign.annotation_tasks.update(blind=False)
    page = opened(browse(lists.people.annotator), campaign, "page")
    page.keyboard.press("r")
    expect(page.locator(".page-item.focused .item-rules")).to_have_attribute("open", "")
    page.keyboard.press("4")  # against the rule she has read: asks why
    expect(page.locator('[data-ask="why"]')).to_be_visible()
    page.keyboard.press("n")
    page.reload()
    expect(page.locator("#work[data-ready]")).to_be_attached()
    expect(page.locator("[data-graded]")).to_have_text("1 of 4 items graded")
    page.keyboard.press("9")
    saved(page)
    row = Judgment.objects.get()
    assert (row.grade, row.rules_shown, row.disagreement) == (4, ["R01"], "not_applicable")
    assert PageVerdict.objects.get().mark == 3


def test_sides_by_keyboard_tell_nothing_of_their_source(lists: SimpleNamespace, browse: Browse) -> None:
    campaign = lists.sides()
    page = opened(browse(lists.people.annotator), campaign, "sides")
    html = page.content()
    names = [f'"{lists.pages[0].pk}"', "old", "new"]
    assert not any(f">{name}<" in html or f'"{name}"' in html for name in names)
    expect(page.locator(".side-item .moved").first).to_contain_text("3")
    page.keyboard.press("1")
    page.context.set_offline(True)
    page.keyboard.press("2")
    expect(page.locator("#work")).to_have_attribute("data-waiting", "1")
    page.context.set_offline(False)
    saved(page)
    first, second = PagePreference.objects.order_by("at")
    assert first.preference == (1 if first.left_page_id == first.page_id else -1) and second.preference == 0
    page.keyboard.press("u")
    expect(page.locator(".mark.said")).to_contain_text("Same")


def overtaken(campaign: Campaign) -> None:
    """Every place of the campaign has gone to somebody else while she was away from hers."""
    other = User.objects.create_user("other@example.org", "Other")
    campaign.slots.update(state=Slot.State.DONE, person=other, lease=None, lease_until=None)


@pytest.mark.parametrize(
    ("kind", "keys", "words"),
    [
        ("page", ["4", "2", "c", "9"], ["1. Evening dress 0 red: L4", "2. Evening dress 1 blue: L2-colour", "Good"]),
        ("sides", ["1"], ["Left is better"]),
        ("rank", ["1", "2", "n"], ["A  >  B", "C · query: evidence not in the item", "burgundy dress – Evening dress"]),
    ],
)  # fmt: skip
def test_a_late_answer_comes_back_in_her_own_words(
    lists: SimpleNamespace, browse: Browse, kind: str, keys: list[str], words: list[str]
) -> None:
    if kind == "rank":
        campaign = services.ranking_campaign_create(
            corpus=lists.corpus, name="Lists", lists=[(lists.pairs[0], reasonings_make(3))]
        )
        services.campaign_open(campaign=campaign, actor=lists.people.admin)
    else:
        campaign = lists.campaign() if kind == "page" else lists.sides()
    page = opened(browse(lists.people.annotator), campaign, kind)
    overtaken(campaign)
    if kind != "rank":
        page.locator("#stage [name=comment]").fill("a word of hers")
        page.keyboard.press("Escape")
    for key in [*keys, "Enter"] if kind == "rank" else keys:
        page.keyboard.press(key)
    notice = page.locator("#work-notices .note-bad").first
    expect(notice).to_contain_text("ran out")
    for text in [*words, "burgundy dress" if kind == "rank" else "a word of hers"]:
        expect(notice).to_contain_text(text)
    expect(notice).to_have_attribute("data-stays", "1")
    saved(page)
    assert not PageVerdict.objects.exists() and not PagePreference.objects.exists()
    assert not Ranking.objects.exists()


@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 800, False), (360, 740, True)])
def test_list_pages_are_accessible_and_do_not_overflow(
    lists: SimpleNamespace, browse: Browse, width: int, height: int, dark: bool
) -> None:
    campaign, sides = lists.campaign(), lists.sides(five_grades=True)
    page = browse(lists.people.reviewer, width=width, height=height, dark=dark)
    for work, verb in ((campaign, "page"), (sides, "sides")):
        opened(page, work, verb)
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, verb
    opened(page, campaign, "page")
    page.keyboard.press("2")
    check_accessible(page)
    page.keyboard.press("c")
    page.keyboard.press("9")
    saved(page)
    services.campaign_close(campaign=sides, actor=lists.people.admin)
    for path in (f"{campaign.pk}/outcome/", f"{sides.pk}/outcome/", "new/lists/?kind=page_pair"):
        page.goto(f"/c/shop/annotation/campaigns/{path}")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
