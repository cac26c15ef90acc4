"""The pages of levels and dimensions, and of a draft that holds a rule back, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from rules import services
from rules.models import DefinitionsVersion, Rule
from rules.services.definitions import definitions_save, dimension_add
from tests.browser import check_accessible
from tests.rules.shop import BRAND, EXACT, rule, stock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEVELS, RELEASE = "/c/shop/rules/levels/", "/c/shop/rules/releases/2/"


@pytest.fixture
def shop(corpus, people):
    stock(corpus)
    services.rulebook_publish(
        corpus=corpus, document=[BRAND, EXACT], author=people.editor, reviewer=people.reviewer
    )


def looked_at(page: Page, width: int) -> None:
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_levels_are_reworded_by_two_people(corpus, people, shop, browse, width, dark):
    dimension_add(corpus=corpus, name="voltage", actor=people.editor, note="chargers")
    page = browse(people.editor, width=width, dark=dark)
    page.goto(LEVELS)
    definitions_save(corpus=corpus, levels={"L1": "Junk: theirs."}, actor=people.admin)
    means = page.get_by_label("What it means")
    means.nth(3).fill("mine alone.")
    page.get_by_role("button", name="Save the levels").click()
    expect(page.get_by_role("alert")).to_contain_text("Admin changed L1 while you were editing")
    expect(page.get_by_text("wrote meanwhile: Junk: theirs.")).to_be_visible()
    expect(means.nth(3)).to_have_value("mine alone.")
    looked_at(page, width)
    page.get_by_role("button", name="Save the levels").click()
    expect(page.get_by_text("Saved as version 3")).to_be_visible()
    expect(page.get_by_text("all standing judgments become stale")).to_be_visible()
    page.get_by_label("Rename or retire voltage").click()
    page.get_by_role("button", name="Retire", exact=True).locator("visible=true").click()
    page.get_by_role("dialog").get_by_role("button", name="Retire").click()
    expect(page.get_by_text("goes without voltage")).to_be_visible()
    newest = DefinitionsVersion.objects.latest("number")
    assert newest.level_definitions["L1"] == "Completely inconsistent: mine alone."
    assert "voltage" not in newest.dimensions
    looked_at(page, width)


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)])
def test_a_draft_is_named_and_a_change_held_back(corpus, people, shop, browse, width, dark):
    services.rule_edit(rule=Rule.objects.get(code="R01"), form=rule(title="Other"), actor=people.editor)
    services.release_create(corpus=corpus, actor=people.editor)
    page = browse(people.editor, width=width, dark=dark)
    page.goto(RELEASE)
    page.get_by_text("Title and note", exact=True).click()
    page.get_by_label("Title", exact=True).fill("Spring")
    page.get_by_label("Note, in Markdown").fill("As **agreed**.")
    page.get_by_role("button", name="Save title and note").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Release 2: Spring")
    page.locator("summary", has_text="R01").click()
    page.get_by_text("Leave this out").click()
    looked_at(page, width)
    page.get_by_label("Why R01 is left out").fill("not agreed yet")
    page.get_by_role("button", name="Keep it as in force").click()
    expect(page.get_by_text("It stays as it is in force: not agreed yet")).to_be_visible()
    looked_at(page, width)
    page.get_by_role("button", name="Put R01 back in").click()
    expect(page.locator("summary", has_text="R01")).to_be_visible()


def test_retiring_asks_why(corpus, people, shop, browse):
    page = browse(people.editor)
    page.goto("/c/shop/rules/rule/R02/")
    page.get_by_role("button", name="Retire…").click()
    expect(page.get_by_label("Why", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Retire it")).to_be_visible()
    page.keyboard.type("out of season")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Take back in…")).to_be_visible()
    page.goto("/c/shop/rules/rule/R02/history/")
    expect(page.get_by_text("out of season")).to_be_visible()
    check_accessible(page)
