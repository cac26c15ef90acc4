"""A person at the keyboard: ten pairs judged and three lists ranked without a mouse, with the network cut in the middle."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign, Judgment, Ranking
from annotation.selectors import effective_judgments
from tests.browser import check_accessible

from .conftest import Judge, pairs_make, reasonings_make

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]


def opened(page: Page, campaign: Campaign, verb: str) -> Page:
    page.goto(f"/c/shop/annotation/campaigns/{campaign.pk}/{verb}/")
    expect(page.locator("#work[data-ready]")).to_be_attached()
    return page


def saved(page: Page) -> None:
    expect(page.locator("#work-state")).to_have_attribute("data-state", "saved", timeout=20_000)


def test_ten_pairs_by_keyboard_with_the_network_cut(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(redundancy=1)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    page.keyboard.press("2")  # asks what conflicts
    expect(page.locator("[data-ask=dimension].asking")).to_be_visible()
    page.keyboard.press("c")  # colour: what the rule says, so it is sent
    saved(page)
    page.keyboard.press("4")  # against the rule: asks why
    expect(page.locator("[data-ask=why].asking")).to_be_visible()
    page.keyboard.press("n")
    saved(page)
    page.context.set_offline(True)
    for _ in range(3):
        page.keyboard.press("2")
        page.keyboard.press("c")
    expect(page.locator("#work")).to_have_attribute("data-waiting", "3")
    expect(page.locator("#work-state")).to_contain_text("offline")
    page.context.set_offline(False)
    saved(page)
    assert effective_judgments(shop.corpus).count() == 5
    for done in range(5, 10):
        expect(page.locator("#stage article.subject")).to_be_visible()
        page.keyboard.press("i")
        page.keyboard.press("1")
        page.keyboard.press("d")
        saved(page)
        expect(page.locator("#work-done")).to_have_text(str(done + 1))
    page.keyboard.press("u")
    expect(page.locator("#work-done")).to_have_text("9")
    page.keyboard.press("3")
    page.keyboard.press("w")
    saved(page)
    rows = effective_judgments(shop.corpus).order_by("at")
    assert [row.grade for row in rows] == [2, 4, 2, 2, 2, 1, 1, 1, 1, 3]
    assert (
        rows[1].disagreement == "not_applicable"
        and rows[1].rules_shown == ["R01"]
        and not rows[1].rules_cited
    )
    assert rows[0].rules_cited == ["R01"] and rows[5].picture_decided and (rows[0].seconds or 0) >= 0
    campaign.refresh_from_db()
    assert campaign.slots_done == 10 and Judgment.objects.count() == 12


def test_answers_kept_offline_survive_a_reload(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    page.route("**/judgments/", lambda route: route.abort())
    page.keyboard.press("4")
    page.keyboard.press("4")
    expect(page.locator("#work")).to_have_attribute("data-waiting", "2")
    page.wait_for_timeout(300)
    page.unroute("**/judgments/")
    page.reload()
    saved(page)
    expect(page.locator("#work-done")).to_have_text("2")
    assert effective_judgments(shop.corpus).filter(blind=True).count() == 2


def test_three_lists_by_keyboard(shop: SimpleNamespace, browse: Browse) -> None:
    lists = [(pair, reasonings_make(3)) for pair in shop.pairs[:3]]
    campaign = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", lists=lists, actor=shop.people.admin
    )
    services.campaign_open(campaign=campaign, actor=shop.people.admin)
    page = opened(browse(shop.people.annotator), campaign, "rank")
    for key in ("1", "2", "=", "ArrowLeft", "ArrowDown", "n", "Enter"):
        page.keyboard.press(key)
    saved(page)
    page.context.set_offline(True)
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    expect(page.locator("#work")).to_have_attribute("data-waiting", "1")
    page.context.set_offline(False)
    saved(page)
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    saved(page)
    first, bad, partial = Ranking.objects.order_by("at")
    assert [len(tier) for tier in first.tiers] == [1, 2] and list(first.faults.values())[0].popitem()[
        1
    ] == "unsupported"
    assert bad.all_bad and bad.tiers == [] and [len(tier) for tier in partial.tiers] == [1]
    assert len(first.shown_order) == 3


@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 800, False), (360, 740, True)])
def test_working_pages_are_accessible_and_do_not_overflow(
    shop: SimpleNamespace, browse: Browse, width: int, height: int, dark: bool
) -> None:
    campaign = shop.campaign()
    lists = [(shop.pairs[0], reasonings_make(4))]
    ranking = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", lists=lists, actor=shop.people.admin
    )
    services.campaign_open(campaign=ranking, actor=shop.people.admin)
    page = browse(shop.people.annotator, width=width, height=height, dark=dark)
    for work, verb in ((campaign, "grade"), (ranking, "rank")):
        opened(page, work, verb)
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if width > 1000 and verb == "grade":
            bottom = page.locator(".extras").bounding_box()
            assert bottom and bottom["y"] + bottom["height"] <= height


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (360, False)])
def test_the_other_pages_are_accessible_and_do_not_overflow(
    shop: SimpleNamespace, browse: Browse, judge: Judge, width: int, dark: bool
) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk], guideline="Judge *what was asked*.")
    judge(
        campaign,
        shop.people.annotator,
        grade=4,
        comment="fits",
        rules_shown=["R01"],
        disagreement="rule_wrong",
    )
    judge(campaign, shop.people.reviewer, grade=1)
    services.flag_raise(pair=shop.pairs[0], person=shop.people.annotator, comment="look", rule_code="R01")
    task = campaign.annotation_tasks.get().pk
    page = browse(shop.people.reviewer, width=width, dark=dark)
    paths = ["", "history/", "campaigns/", "campaigns/new/", f"campaigns/{campaign.pk}/", "agreement/", "exports/",
             "adjudication/", f"adjudication/{task}/", "triage/"]  # fmt: skip
    for path in paths:
        page.goto(f"/c/shop/annotation/{path}")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_next_pair_is_there_within_a_tenth_of_a_second(shop: SimpleNamespace, browse: Browse) -> None:
    pairs = pairs_make(shop.corpus, 30, text="red dress", colour="red")
    campaign = shop.campaign(name="Fast", pairs=[pair.pk for pair in pairs], blind_share=1.0)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    page.evaluate(
        """() => { window.times = []; let at = 0;
        document.addEventListener("keydown", () => { at = performance.now(); }, true);
        const drawn = () => window.times.push(performance.now() - at);
        document.addEventListener("lore:subject", () => requestAnimationFrame(drawn)); }"""
    )
    for done in range(20):
        page.keyboard.press("4")
        expect(page.locator("#work-done")).to_have_text(str(done + 1))
    times = sorted(page.evaluate("window.times"))
    assert len(times) >= 20 and times[int(len(times) * 0.95) - 1] < 100
