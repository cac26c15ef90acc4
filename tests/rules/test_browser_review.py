"""Review in a real browser: a clash merged, a draft kept, an example by one key, news by Enter, review to roll back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from annotation.services import campaign_create, campaign_open
from rules import services
from rules.models import ReleaseAcknowledgement, Rule, RuleVersion
from rules.selectors import release_current
from tests.browser import check_accessible
from tests.rules.shop import BRAND, EXACT, rule, stock

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


def test_from_review_over_comments_and_sign_off_to_roll_back(shop, corpus, people, browse: Browse):
    services.replay_set_create(corpus=corpus, actor=people.reviewer, queries=["apple phone", "sony camera"])
    worse = rule(EXACT, ladder=[{"when": "query.brand == item.brand", "grade": "L1"}], examples=[])
    services.rule_edit(rule=Rule.objects.get(code="R02"), form=worse, actor=people.editor)
    page, reviewer = browse(people.editor), browse(people.reviewer)
    page.goto(HOME + "releases/")
    page.get_by_role("button", name="Make a draft").click()
    expect(page.locator("#h-replay")).to_be_visible()
    page.get_by_role("button", name="Hand to review").click()
    reviewer.goto("/notices/")
    reviewer.get_by_role("button", name="Release 2 waits for a second person").click()
    reviewer.locator(".rules-change summary").first.click()
    say = reviewer.get_by_label("Comment on R02")
    say.click()
    reviewer.keyboard.type("@Edi")
    expect(reviewer.get_by_role("option", name="Editor")).to_be_visible()
    reviewer.keyboard.press("Enter")
    reviewer.keyboard.type("why L1?")
    reviewer.keyboard.press("Control+Enter")
    expect(reviewer.locator(".mention")).to_have_text("@Editor")
    check_accessible(reviewer)
    reviewer.get_by_role("button", name="Sign off").click()
    page.goto("/notices/")
    page.get_by_role("button", name="Reviewer mentions you on R02").click()
    expect(page.locator(".rules-comment")).to_contain_text("why L1?")
    expect(page.locator("#release-checks")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("main")).to_contain_text("say why that is accepted")
    page.get_by_role("button", name="Publish…").click()
    page.get_by_label("If it loses accuracy").first.fill("the shop asked for it")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Release 2 is in force")
    expect(page.locator("main")).to_contain_text("the shop asked for it")
    check_accessible(page)
    page.goto(HOME + "releases/1/")
    page.get_by_role("link", name="Roll back to this release…").click()
    expect(page.locator("#h-verdicts")).to_be_visible()
    page.get_by_label("Why", exact=True).fill("a mistake")
    page.get_by_role("button", name="Go back to release 1").click()
    expect(page.get_by_role("status").first).to_contain_text("in force again")
    assert release_current(corpus).number == 1


def test_what_is_typed_survives_a_closed_page_and_a_clash(shop, corpus, people, browse: Browse):
    page = browse(people.admin)
    page.goto(HOME + "rule/R01/")
    page.get_by_label("Title").fill("Her words")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(HOME)
    page.goto(HOME + "rule/R01/")
    page.get_by_role("button", name="Take it up").click()
    expect(page.get_by_label("Title")).to_have_value("Her words")
    other = browse(people.editor)
    other.goto(HOME + "rule/R01/")
    expect(other.locator("#rule-presence")).to_contain_text("Admin")
    services.rule_edit(
        rule=Rule.objects.get(code="R01"),
        form=rule(title="His words", principle="His principle."),
        actor=people.editor,
    )
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("alert").first).to_contain_text("version 2")
    expect(page.get_by_label("Title")).to_have_value("Her words")
    check_accessible(page)
    expect(page.get_by_label("Principle, in Markdown")).to_have_value(
        "His principle."
    )  # she had not touched it
    page.get_by_role("button", name="Back to yours: principle").click()
    expect(page.get_by_label("Principle, in Markdown")).to_have_value(BRAND["principle"])
    page.get_by_role("button", name="Take theirs: principle").click()
    expect(page.get_by_label("Principle, in Markdown")).to_have_value("His principle.")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 3")
    last = RuleVersion.objects.get(rule__code="R01", number=3)
    assert (last.title, last.principle) == ("Her words", "His principle.")
    expect(page.locator(".rules-draft")).to_have_count(0)


def test_rows_of_a_clash_are_taken_whole_and_given_back(shop, corpus, people, browse: Browse):
    hers, his = "query.brand != item.brand && has(item.color)", "item.brand != query.brand"
    page = browse(people.admin)
    page.goto(HOME + "rule/R01/")
    when = page.get_by_label("Condition of this step")
    when.fill(hers)
    steps = [
        {"when": his, "grade": "L1", "dimension": "era"},
        {"when": "true", "grade": "L2", "reason": "his"},
    ]
    kept = [
        {**BRAND["examples"][0], "note": "his note"},
        {"query": {"brand": "Sony"}, "item": {"brand": "Apple"}},
    ]
    form = rule(ladder=[{**step, "reason": step.get("reason", "")} for step in steps], examples=kept)
    services.rule_edit(rule=Rule.objects.get(code="R01"), form=form, actor=people.editor)
    page.get_by_role("button", name="Save as a new version").click()
    clash = page.get_by_role("alert").first
    for text in (hers, his, "note: his note"):
        expect(clash).to_contain_text(text)
    ladder = page.get_by_role("button", name="Take theirs: ladder")
    ladder.click()
    expect(when).to_have_count(2)
    expect(when.first).to_have_value(his)
    expect(page.get_by_label("Mismatch dimension").first).to_have_value("era")
    check_accessible(page)
    page.get_by_role("button", name="Back to yours: ladder").click()
    expect(when).to_have_count(1)
    expect(when).to_have_value(hers)
    expect(page.get_by_label("Note", exact=True).first).to_have_value("his note")
    page.get_by_role("button", name="Save as a new version").click()
    expect(page.get_by_role("status").first).to_contain_text("Saved as version 3")
    last = RuleVersion.objects.get(rule__code="R01", number=3)
    assert [step["when"] for step in last.ladder] == [hers]
    assert [example.note for example in last.examples.order_by("pk")] == ["his note", ""]


def test_one_key_makes_an_example_and_typing_an_e_does_not(shop, corpus, people, browse: Browse):
    pair = shop.pairs["sony", "A"]
    page = browse(people.editor)
    page.goto(f"{HOME}?pair={pair.pk}")
    page.get_by_role("searchbox").press("e")
    expect(page.locator("#example-dialog")).to_have_count(0)
    page.locator(f"[data-pair='{pair.pk}']").first.focus()
    page.keyboard.press("e")
    dialog = page.locator("#example-dialog")
    expect(dialog).to_contain_text("Make this pair an example")
    check_accessible(page)
    dialog.get_by_label("It must say").select_option("L2")
    dialog.get_by_role("button", name="Make it an example").click()
    expect(dialog).to_contain_text("R01 has the example in version 2")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert RuleVersion.objects.get(number=2).examples.filter(pair=pair, grade=2).exists()


def test_news_comes_once_over_the_work_and_enter_takes_note(shop, corpus, people, browse: Browse):
    campaign = campaign_create(
        corpus=corpus, name="Work", actor=people.admin, pairs=[pair.pk for pair in shop.pairs.values()]
    )
    campaign_open(campaign=campaign, actor=people.admin)
    services.rulebook_publish(
        corpus=corpus, document=[rule(title="Not that brand")], author=people.editor, reviewer=people.reviewer
    )
    page = browse(people.annotator)
    page.goto(f"/c/shop/annotation/campaigns/{campaign.pk}/grade/")
    dialog = page.locator("[data-news]")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("Not that brand")
    check_accessible(page)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    assert ReleaseAcknowledgement.objects.get().person == people.annotator
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-news]")).to_have_count(0)
