"""An editor in a real browser: a rule changed, proven, released, signed off by another, published, rolled back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rules import services
from rules.models import RuleVersion
from rules.selectors import release_current
from tests.browser import check_accessible
from tests.rules.shop import BRAND, EXACT, stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
HOME = "/c/shop/rules/"


@pytest.fixture
def shop(corpus, people):
    made = stock(corpus)
    services.rulebook_publish(
        corpus=corpus, document=[BRAND, EXACT], author=people.editor, reviewer=people.reviewer, title="One"
    )
    return made


def test_an_editor_changes_a_rule_sees_where_it_fires_and_publishes(shop, corpus, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME)
    page.get_by_role("link", name="Another brand").click()
    expect(page.locator("#live-coverage")).to_contain_text("Fires on 2 of 6 pairs")
    expect(page.locator("#live-examples .rules-results li")).to_have_count(2)
    scope = page.get_by_label("When to look")
    scope.fill("has(query.brand")
    expect(page.locator(".rules-wrong").first).to_contain_text("never closed")
    scope.fill("has(query.brand)")
    expect(page.locator(".rules-wrong")).to_have_count(0)
    page.get_by_role("button", name="Add a step").click()
    page.keyboard.type("item.co")
    expect(page.get_by_role("option", name="item.color")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type(' == "b')
    expect(page.get_by_role("option", name="black")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+A")
    page.keyboard.type("!has(item.brand)")
    expect(page.locator("#live-coverage")).to_contain_text("Fires on 4 of 6 pairs")
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Alt+ArrowUp")
    assert page.locator("[name=step_when]").first.input_value() == "!has(item.brand)"
    page.locator("[name=step_grade]").first.select_option("L1")
    page.locator("[data-try-pair]").first.click()
    expect(page.locator("#live-trial")).to_contain_text("Fires at step")
    page.get_by_role("button", name="Keep as an example").click()
    expect(page.locator("#live-examples .rules-results li")).to_have_count(3)
    expect(page.locator("#live-examples .rules-fail")).to_have_count(0)
    check_accessible(page)
    page.get_by_label("Why this change").fill("bags have no brand")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 2")
    assert RuleVersion.objects.get(number=2).ladder[0]["when"] == "!has(item.brand)"
    assert RuleVersion.objects.get(number=2).examples.exclude(pair=None).count() == 1
    _release(page, people, browse)
    assert release_current(corpus).number == 2
    page.goto(HOME + "releases/1/")
    page.get_by_role("link", name="Roll back to this release…").click()
    expect(page.locator("#h-verdicts")).to_be_visible()
    page.get_by_label("Why", exact=True).fill("too strict")
    page.get_by_role("button", name="Go back to release 1").click()
    expect(page.get_by_role("status").first).to_contain_text("in force again")
    assert release_current(corpus).number == 1


def _release(page: Page, people, browse: Browse) -> None:
    page.goto(HOME + "releases/")
    page.get_by_label("Title").fill("Bags")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.locator("main")).to_contain_text("2 of 6 pairs get another verdict")
    page.get_by_role("button", name="Hand to review").click()
    reviewer = browse(people.reviewer)
    reviewer.goto(HOME + "releases/2/")
    reviewer.get_by_role("button", name="Sign off").click()
    expect(reviewer.get_by_role("status").first).to_contain_text("Signed off")
    page.reload()
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Release 2 is in force")


@pytest.mark.parametrize("dark", [False, True])
def test_pages_are_accessible_and_fit_a_phone(shop, people, browse: Browse, dark):
    page = browse(people.editor, width=360, height=720, dark=dark)
    paths = ("", "new/", "rule/R01/", "rule/R01/history/", "releases/", "releases/1/", "language/")
    for path in paths:
        page.goto(HOME + path)
        page.wait_for_load_state("networkidle")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_back_from_a_search_gives_the_whole_page_again(shop, corpus, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME)
    rules = page.locator(".rules-list tbody tr")
    expect(rules).to_have_count(2)
    page.get_by_label("Search rules").fill("another")
    expect(rules).to_have_count(1)
    page.wait_for_url("**text=another**")
    page.go_back()
    expect(rules).to_have_count(2)
    expect(page.get_by_role("navigation", name="Rooms")).to_be_visible()
    expect(page.get_by_label("Search rules")).to_have_value("")
