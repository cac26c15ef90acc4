"""A fast person on a slow machine: what is typed for a dialog stays in it, and what comes late changes no choice."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from annotation.models import Judgment
from annotation.services import campaign_create, campaign_open
from catalog.models import ItemPayload
from rules import services
from rules.models import ReleaseAcknowledgement, RuleVersion
from rules.table_selectors import table_content
from tests.browser import arrived, held
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import Corpus, Membership, Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
HOME = "/c/shop/rules/"


@pytest.fixture
def shop(corpus: Corpus, people: SimpleNamespace) -> SimpleNamespace:
    made = stock(corpus)
    services.rulebook_publish(
        corpus=corpus, document=[BRAND, EXACT], author=people.editor, reviewer=people.reviewer, title="One"
    )
    return made


def test_keys_after_e_are_for_the_dialog(
    shop: SimpleNamespace, corpus: Corpus, people: SimpleNamespace, browse: Browse
) -> None:
    campaign = campaign_create(
        corpus=corpus, name="Work", actor=people.admin, pairs=[shop.pairs["sony", "A"].pk]
    )
    campaign_open(campaign=campaign, actor=people.admin)
    Membership.objects.create(user=people.annotator, corpus=corpus, role=Role.EDITOR)
    page = browse(people.annotator)
    page.goto(f"/c/shop/annotation/campaigns/{campaign.pk}/grade/")
    expect(page.locator("#work[data-ready]")).to_be_attached()
    page.wait_for_load_state("networkidle")
    asked = held(page, "**/examples/new/**")
    page.keyboard.press("Shift+E")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    arrived(page, asked).continue_()
    expect(page.locator("#example-dialog")).to_contain_text("Make this pair an example")
    page.keyboard.press("Escape")
    expect(page.locator("#example-dialog")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert not Judgment.objects.exists()


def test_a_dialog_that_does_not_come_gives_the_keys_back(
    shop: SimpleNamespace, people: SimpleNamespace, browse: Browse
) -> None:
    page = browse(people.editor)
    page.goto(f"{HOME}?pair={shop.pairs['sony', 'A'].pk}")
    page.locator("[data-pair]").first.focus()
    asked = held(page, "**/examples/new/**")
    page.keyboard.press("e")
    arrived(page, asked).abort()
    expect(page.locator(".toasts")).to_contain_text("cannot be reached")
    expect(page.locator("#example-dialog")).to_be_hidden()
    page.unroute("**/examples/new/**")
    page.keyboard.press("e")
    expect(page.locator("#example-dialog")).to_contain_text("Make this pair an example")


def test_two_enters_make_one_example_and_the_second_closes_nothing_half_done(
    shop: SimpleNamespace, people: SimpleNamespace, browse: Browse
) -> None:
    page = browse(people.editor)
    page.goto(f"{HOME}?pair={shop.pairs['sony', 'A'].pk}")
    page.locator("[data-pair]").first.focus()
    page.keyboard.press("e")
    dialog = page.locator("#example-dialog")
    dialog.get_by_role("button", name="Make it an example").focus()
    made = held(page, "**/rules/examples/")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    arrived(page, made).continue_()
    expect(dialog).to_contain_text("has the example in version 2")
    expect(dialog.get_by_role("button", name="Go on")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert (
        RuleVersion.objects.filter(number=2).count() == 1
        and not RuleVersion.objects.filter(number=3).exists()
    )


def test_late_values_move_no_choice_and_open_no_closed_list(
    shop: SimpleNamespace, people: SimpleNamespace, browse: Browse
) -> None:
    for number, payload in enumerate(ItemPayload.objects.order_by("pk")):
        payload.attributes = {**payload.attributes, "shade": f"tone {number}"}
        payload.save()
    page = browse(people.editor)
    page.goto(HOME + "new/")
    page.wait_for_load_state("networkidle")
    asked = held(page, "**/values/**")
    area = page.locator("[name=step_when]").first
    area.focus()
    page.keyboard.type('item.color in ["b')
    options = page.locator(".rules-suggest li")
    expect(options).to_have_count(2)
    second = options.nth(1).inner_text()
    page.keyboard.press("ArrowDown")
    arrived(page, asked)
    late = asked[-1]
    late.fulfill(json={"values": ["beige", "bronze"]})
    expect(options).to_have_count(4)
    expect(page.locator(".rules-suggest [aria-selected=true]")).to_have_text(second)
    page.keyboard.press("Enter")
    assert area.input_value().endswith(f'"{second}"')
    asked.clear()
    page.keyboard.type(', "b')
    arrived(page, asked)
    page.keyboard.press("Escape")
    with page.expect_response("**/values/**"):
        asked[-1].fulfill(json={"values": ["beige", "bronze"]})
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    expect(options).to_have_count(0)


def test_a_form_begun_before_the_scripts_are_there_is_whole(
    shop: SimpleNamespace, corpus: Corpus, people: SimpleNamespace, browse: Browse
) -> None:
    services.rulebook_publish(
        corpus=corpus,
        document={"rules": [BRAND, EXACT], "tables": {"colours": {"blue": ["navy"]}}},
        author=people.editor,
        reviewer=people.reviewer,
    )
    page = browse(people.editor)
    scripts = held(page, "**/rules_tables.js")
    page.goto(f"{HOME}tables/colours/", wait_until="commit")
    expect(page.get_by_label("New family")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("green")
    page.keyboard.press("Tab")
    page.keyboard.type("olive, mint")
    page.keyboard.press("Enter")
    arrived(page, scripts).continue_()
    expect(page.locator(".rules-families > li")).to_have_count(2)
    assert table_content(corpus, "colours")["green"] == ["olive", "mint"]


def test_news_does_not_come_between_two_keys(
    shop: SimpleNamespace, corpus: Corpus, people: SimpleNamespace, browse: Browse
) -> None:
    campaign = campaign_create(
        corpus=corpus, name="Work", actor=people.admin, pairs=[shop.pairs["sony", "A"].pk]
    )
    campaign_open(campaign=campaign, actor=people.admin)
    page = browse(people.annotator)
    work = f"/c/shop/annotation/campaigns/{campaign.pk}/grade/"
    page.goto(work)
    expect(page.locator("#work[data-ready]")).to_be_attached()
    page.wait_for_load_state("networkidle")  # the first day has no news
    services.rulebook_publish(
        corpus=corpus, document=[rule(title="Not that brand")], author=people.editor, reviewer=people.reviewer
    )
    news = held(page, "**/news/**")
    page.clock.install()
    page.goto(work)
    expect(page.locator("#work[data-ready]")).to_be_attached()
    arrival = arrived(page, news)
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    page.keyboard.press("x")
    arrival.continue_()
    expect(page.locator("[data-news]")).to_be_attached()
    page.keyboard.press("Enter")
    expect(page.locator("[data-news]")).to_be_hidden()
    assert not ReleaseAcknowledgement.objects.filter(release__number=2).exists()
    page.clock.run_for(1000)
    expect(page.locator("[data-news]")).to_be_visible()
    page.keyboard.press("Enter")
    page.clock.run_for(1000)
    expect(page.locator("[data-news]")).to_have_count(0)
