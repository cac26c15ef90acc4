"""Pages around a release, and the editor at work: clean for axe, wide and light, on a phone and dark."""

from collections.abc import Callable

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from rules import services
from rules.models import Rule
from rules.services.tables import table_create
from tests.browser import check_accessible
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import Membership, Role

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(1280, False), (360, True)]
STEP = BRAND["ladder"][0]


@pytest.fixture
def shop(corpus, people):
    """A release in force; one in review, with a comment, that changes a rule, brings another, and loses accuracy."""
    for role in Role.values:
        Membership.objects.get_or_create(user=people.admin, corpus=corpus, role=role)
    made = stock(corpus)
    services.rulebook_publish(
        corpus=corpus, document=[BRAND, EXACT], author=people.editor, reviewer=people.reviewer, title="One"
    )
    table_create(corpus=corpus, name="colors", content={"blue": ["navy"]}, actor=people.editor)
    services.replay_set_create(corpus=corpus, actor=people.reviewer, queries=["apple phone", "sony camera"])
    worse = rule(EXACT, ladder=[{"when": "query.brand == item.brand", "grade": "L1"}], examples=[])
    services.rule_edit(rule=Rule.objects.get(code="R02"), form=worse, actor=people.editor, note="stricter")
    soft = rule(
        BRAND, code="R03", title="Softer", ladder=[{**STEP, "grade": "L3", "dimension": ""}], examples=[]
    )
    services.rule_create(corpus=corpus, form=soft, actor=people.editor)
    release = services.release_create(corpus=corpus, title="Two", actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    services.comment_create(
        corpus=corpus,
        release=release,
        rule=Rule.objects.get(code="R02"),
        text="@[Editor] why L1?",
        actor=people.reviewer,
    )
    return made


def looked_at(page: Page, name: str) -> None:
    """What is folded is opened first."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.querySelectorAll('main details').forEach((fold) => { fold.open = true; })")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_release_replay_and_what_stands_against_it(shop, corpus, people, browse, width, dark):
    page = browse(people.admin, width=width, dark=dark)
    for name, *rest in (
        ("release_detail", 2), ("release_detail", 1), ("release_list",), ("replay_set_list",), ("conflict_list",),
        ("gap_list",), ("lint_list",), ("table_list",), ("table_detail", "colors"), ("import_create",),
        ("rule_history", "R02"),
    ):  # fmt: skip
        page.goto(reverse(f"rules:{name}", args=[corpus.slug, *rest]))
        looked_at(page, f"{name} {rest}")


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_bulk_actions_with_rules_chosen(shop, corpus, people, browse: Callable[..., Page], width, dark):
    page = browse(people.admin, width=width, dark=dark)
    page.goto(reverse("rules:rule_list", args=[corpus.slug]) + "?text=query.brand")
    page.locator("[data-all]:visible").check()
    expect(page.locator('input[name="rule"]:checked')).to_have_count(3)
    expect(page.locator(".rules-found")).to_have_count(3)
    looked_at(page, "list")
    page.get_by_label("Shift of priority").fill("5")
    page.get_by_role("button", name="Shift priority").click()
    looked_at(page, "what it would do")
    page.locator("main form button.primary").click()
    expect(page.get_by_role("status").first).to_be_visible()
    looked_at(page, "done")
    assert Rule.objects.get(code="R01").latest.priority == 5


@pytest.mark.parametrize(("width", "dark"), SIZES)
def test_an_editor_with_doubts_neighbours_and_a_trial(shop, corpus, people, browse, width, dark):
    page = browse(people.admin, width=width, dark=dark)
    pair = shop.pairs["apple", "B"].pk
    page.goto(reverse("rules:rule_detail", args=[corpus.slug, "R01"]) + f"?try={pair}")
    expect(page.locator("#live-coverage")).to_contain_text("R03 in review on 2 pairs, another grade on 2")
    expect(page.locator("#live-trial")).to_contain_text("Fires at step 1")
    page.get_by_label("When to look").fill('has(query.brand) || kind_of(item.title, "colours") == "blue"')
    expect(page.locator(".rules-doubt").first).to_contain_text(
        "Line 1, column 41: There is no table “colours”"
    )
    looked_at(page, "doubts")
    page.get_by_label("When to look").fill("has(query.brand) && mention(query.text)")
    expect(page.locator(".rules-wrong").first).to_contain_text("Did you mean mentions?")
    looked_at(page, "wrong")
