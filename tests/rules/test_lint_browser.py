"""Lint, conflicts and completion in a real browser, by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from rules import services
from rules.models import RuleVersion
from rules.services.tables import table_create
from tests.browser import check_accessible
from tests.rules.shop import BRAND, rule, stock
from tests.rules.test_conflict_pages import NEAR

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
HOME = "/c/shop/rules/"
GAPPY = rule(
    NEAR, code="R05", title="Gappy", priority=9, yields_to=["R66"], principle="Within 10 %.",
    ladder=[
        {"when": "within_percent(item.price, query.price, 20)", "grade": "L4", "dimension": "", "reason": ""},
        {"when": "item.price < 10", "grade": "L3", "dimension": "", "reason": ""},
        {"when": "item.price > 20", "grade": "L3", "dimension": "", "reason": ""},
    ],
)  # fmt: skip


@pytest.fixture
def shop(corpus, people):
    made = stock(corpus)
    for form in (BRAND, NEAR, GAPPY):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    return made


def test_a_finding_leads_to_its_place_and_its_mend_is_applied(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "lint/")
    page.get_by_role("link", name="R05 step 1, line 1, column 41").click()
    area = page.locator("[name=step_when]").first
    expect(area).to_be_focused()
    assert area.evaluate("area => area.value.slice(area.selectionStart, area.selectionEnd)") == "20"
    page.get_by_role("button", name="Write 10 in the condition").click()
    assert area.input_value() == "within_percent(item.price, query.price, 10)"
    expect(page.locator("#live-lint")).not_to_contain_text("The principle says")
    page.get_by_role("button", name="Do not yield to R66").click()
    assert page.locator("#f-yields").input_value() == ""
    expect(page.locator("#live-lint")).not_to_contain_text("no such rule")
    page.get_by_role("button", name="Let step 3 begin at 10").click()
    expect(page.locator("#live-lint")).not_to_contain_text("no step decides there")
    assert page.locator("[name=step_when]").last.input_value() == "item.price >= 10"
    check_accessible(page)


def test_a_mend_and_a_row_taken_out_are_taken_back(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "rule/R05/")
    whens, note = page.locator("[name=step_when]"), page.get_by_label("Why this change")
    before = whens.evaluate_all("all => all.map(one => one.value)")
    page.get_by_role("button", name="Write 10 in the condition").click()
    page.get_by_role("button", name="Let step 3 begin at 10").click()
    undo = page.get_by_role("button", name="Undo: Let step 3 begin at 10")
    expect(undo).to_be_visible()
    check_accessible(page)
    undo.click()
    assert whens.last.input_value() == before[-1]
    page.keyboard.press("Control+z")
    assert whens.first.input_value() == before[0]
    expect(page.locator("#live-lint")).to_contain_text("The principle says")
    expect(page.locator("#rules-undo")).to_be_hidden()
    page.get_by_role("button", name="Remove this step").nth(1).click()
    expect(whens).to_have_count(len(before) - 1)
    note.press_sequentially("ab")
    page.keyboard.press("Control+z")  # what is typed is the browser's to take back
    expect(whens).to_have_count(len(before) - 1)
    page.get_by_role("button", name="Undo: step 2 taken out").click()
    assert whens.evaluate_all("all => all.map(one => one.value)") == before
    page.get_by_role("button", name="Write 10 in the condition").click()
    whens.first.fill("has(item.price)")
    page.get_by_role("button", name="Undo: Write 10 in the condition").click()
    assert whens.first.input_value() == "has(item.price)"


def test_a_condition_is_completed_by_keyboard(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "new/")
    page.wait_for_load_state("networkidle")
    area = page.locator("[name=step_when]").first
    area.focus()
    page.keyboard.press("Control+Space")
    expect(page.locator(".rules-suggest li").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".rules-suggest li")).to_have_count(0)
    page.keyboard.type("ment")
    expect(page.get_by_role("option", name="mentions(string, string)")).to_be_visible()
    expect(page.locator("#suggest-said")).to_contain_text("completion")
    check_accessible(page)
    page.keyboard.press("Enter")
    page.keyboard.type("item.tit")
    page.keyboard.press("Tab")
    page.keyboard.type(', "x") || item.color in ["red", "bl')
    expect(page.locator(".rules-suggest li")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type("]")
    typed = area.input_value()
    assert typed.startswith('mentions(item.title, "x") || item.color in ["red", "bl') and typed.endswith('"]')
    expect(page.locator(".rules-check").nth(1)).to_contain_text("the item's title mentions")


def test_a_conflict_leads_into_the_editor_with_a_pair_of_it_tried(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "conflicts/")
    page.get_by_role("link", name="Edit R01").click()
    expect(page.locator("#live-trial")).to_contain_text("Fires at step 1")
    page.get_by_role("textbox", name="Query", exact=True).fill("sony camera")
    page.get_by_label("The item's id").fill("B")
    page.keyboard.press("Enter")
    expect(page.locator("#live-trial")).to_contain_text("Does not fire")


def test_a_conflict_is_resolved_by_keyboard(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "conflicts/")
    page.get_by_role("button", name="R01 yields to R03").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("R01 has a new version")
    assert RuleVersion.objects.get(rule__code="R01", number=2).yields_to == ["R03"]


def test_pairs_at_the_boundary_are_kept_with_one_key(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "rule/R01/")
    page.get_by_role("button", name="Show those just outside").click()
    expect(page.locator("#live-coverage")).to_contain_text("does not fire")
    check_accessible(page)
    page.get_by_role("button", name="Show where it fires").click()
    row = page.locator("#live-coverage [data-pair]").first
    expect(row).to_contain_text("step 1")
    row.focus()
    page.keyboard.press("e")
    kept = page.locator('[data-rows="example"] > li').last
    expect(kept.locator("[name=example_pair]")).to_have_value(row.get_attribute("data-pair"))
    expect(kept.locator("[name=example_grade]")).to_be_focused()
    expect(kept.locator("[name=example_grade]")).to_have_value("L2")
    expect(page.locator("#example-dialog")).to_have_count(0)
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 2")
    assert RuleVersion.objects.get(rule__code="R01", number=2).examples.count() == 3


@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_are_accessible_and_fit_a_phone(shop, people, browse: Browse, dark):
    page = browse(people.editor, width=360, height=720, dark=dark)
    for path in ("lint/", "conflicts/", "gaps/", "rule/R05/"):
        page.goto(HOME + path)
        page.wait_for_load_state("networkidle")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_tables_and_their_families_are_completed_and_a_doubt_leads_to_its_place(
    shop, corpus, people, browse: Browse
):
    table_create(corpus=corpus, name="colors", content={"blue": ["navy"], "red": []}, actor=people.editor)
    page = browse(people.editor)
    page.goto(HOME + "new/")
    page.wait_for_load_state("networkidle")
    area = page.locator("[name=step_when]").first
    area.focus()
    page.keyboard.type('same_family(item.color, item.brand, "')
    expect(page.locator(".rules-suggest li")).to_have_text(["colors"])
    page.keyboard.press("Enter")
    page.keyboard.type(') && kind_of(item.title, "colors") == "bl')
    expect(page.locator(".rules-suggest li")).to_have_text(["blue"])
    page.keyboard.press("Enter")
    assert area.input_value() == (
        'same_family(item.color, item.brand, "colors") && kind_of(item.title, "colors") == "blue"'
    )
    doubt = page.locator(".rules-ladder .rules-doubt").first
    area.fill('true &&\n  kind_of(item.title, "colours") == "blue"')
    expect(doubt).to_contain_text("There is no table “colours”")
    expect(doubt.locator("mark")).to_have_text('"colours"')
    check_accessible(page)
    doubt.get_by_role("button", name="Line 2, column 23").click()
    assert page.evaluate("getSelection().toString()") == '"colours"'
    doubt.get_by_role("button", name="Write “colors”").click()
    expect(doubt).to_have_count(0)
    assert area.input_value() == 'true &&\n  kind_of(item.title, "colors") == "blue"'


def test_a_pair_is_tried_and_kept_before_the_rule_has_a_title(shop, people, browse: Browse):
    page = browse(people.editor)
    page.goto(HOME + "new/")
    page.wait_for_load_state("networkidle")
    page.locator("[name=step_when]").first.fill("query.brand != item.brand")
    page.locator("#live-coverage [data-pair]").first.focus()
    page.keyboard.press("e")
    expect(page.locator("#live-trial")).to_contain_text("Fires at step 1")
    expect(page.locator("[name=example_query]")).to_have_count(1)
    expect(page.locator("#live-examples .rules-results li")).to_have_count(1)


def test_fields_are_offered_by_how_many_carry_them_and_by_what_is_in_their_names(
    shop, people, browse: Browse
):
    """item.brand is carried by two of three items, item.color by all."""
    page = browse(people.editor)
    page.goto(HOME + "new/")
    page.wait_for_load_state("networkidle")
    page.locator("[name=step_when]").first.focus()
    page.keyboard.type("item.")
    offered = page.locator(".rules-suggest li")
    expect(offered).to_have_text(["item.category", "item.color", "item.title", "item.brand"])
    page.keyboard.type("ran")
    expect(offered).to_have_text(["item.brand"])
    page.keyboard.press("Tab")
    assert page.locator("[name=step_when]").first.input_value() == "item.brand"
