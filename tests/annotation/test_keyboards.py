"""Every page with keys of its own, typed on keyboards of other languages: French, Russian, Hebrew, and Dvorak."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import (
    Adjudication,
    Gold,
    Judgment,
    PagePreference,
    PageVerdict,
    QuizAttempt,
    Ranking,
    Skip,
)
from webapp.common.models import User

from .conftest import Judge, reasonings_make
from .test_browser import opened, saved
from .test_page_answers import lists
from .test_quality import url
from .test_review import scene

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
__all__ = ["lists"]

# layout -> what is printed on a key of an English keyboard -> (what the layout's own key types, its place)
DIGITS = {digit: (digit, f"Digit{digit}") for digit in "1234789"}
LAYOUTS = {
    "French": {
        **{digit: (sign, f"Digit{digit}") for digit, sign in zip("1234789", "&é\"'è_ç", strict=True)},
        **{letter: (letter, f"Key{letter.upper()}") for letter in "bcdeinorsu"},
        "a": ("a", "KeyQ"), "w": ("w", "KeyZ"),
    },
    "Russian": {
        **DIGITS,
        **{letter: (char, f"Key{letter.upper()}") for letter, char in zip("abcdeinorsuw", "фисвуштщкыгц", strict=True)},
    },
    "Hebrew": {
        **DIGITS,
        **{letter: (char, f"Key{letter.upper()}") for letter, char in zip("abcdeinorsuw", "שנבגקןמםרדו'", strict=True)},
    },
    "Dvorak": {
        **DIGITS,
        "a": ("a", "KeyA"), "b": ("b", "KeyN"), "c": ("c", "KeyI"), "d": ("d", "KeyH"), "e": ("e", "KeyD"),
        "i": ("i", "KeyG"), "n": ("n", "KeyL"), "o": ("o", "KeyS"), "r": ("r", "KeyO"), "s": ("s", "Semicolon"),
        "u": ("u", "KeyF"), "w": ("w", "Comma"),
    },
}  # fmt: skip
everywhere = pytest.mark.parametrize("layout", LAYOUTS)


def typed(page: Page, layout: str, keys: str) -> None:
    """Keys pressed by what they mean on the page, one after the other, as that keyboard sends them."""
    devtools = page.context.new_cdp_session(page)
    for meant in keys:
        key, code = LAYOUTS[layout][meant]
        devtools.send("Input.dispatchKeyEvent", {"type": "keyDown", "key": key, "code": code, "text": key})
        devtools.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": key, "code": code})
    devtools.detach()


@everywhere
def test_pairs_and_lists(shop: SimpleNamespace, browse: Browse, layout: str) -> None:
    lists = [(shop.pairs[0], reasonings_make(2))]
    ranking = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", lists=lists, actor=shop.people.admin
    )
    services.campaign_open(campaign=ranking, actor=shop.people.admin)
    campaign = shop.campaign(pairs=[pair.pk for pair in shop.pairs[:4]])
    campaign.annotation_tasks.update(blind=False)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    typed(page, layout, "4")
    expect(page.locator("[data-ask=why].asking")).to_be_visible()
    typed(page, layout, "w")  # where a Hebrew keyboard has an apostrophe
    typed(page, layout, "2")
    expect(page.locator("[data-ask=dimension].asking")).to_be_visible()
    typed(page, layout, "cs")
    expect(page.locator("#work-skip")).to_be_visible()
    typed(page, layout, "1")
    saved(page)
    rows = Judgment.objects.order_by("at")
    assert [(row.grade, row.dimension, row.disagreement) for row in rows] == [
        (4, "", "rule_wrong"), (2, "colour", ""),
    ]  # fmt: skip
    assert Skip.objects.count() == 1
    opened(page, ranking, "rank")
    typed(page, layout, "21")
    expect(page.locator(".order")).to_have_text("B  >  A")
    page.keyboard.press("Shift+Digit7")  # no digit: other layouts have a sign there
    page.keyboard.press("Enter")
    saved(page)
    assert [len(tier) for tier in Ranking.objects.get().tiers] == [1, 1]


@everywhere
def test_pages_and_sides(lists: SimpleNamespace, browse: Browse, layout: str) -> None:
    page = opened(browse(lists.people.annotator), lists.campaign(), "page")
    typed(page, layout, "42c3")
    expect(page.locator("[data-graded]")).to_have_text("3 of 4 items graded")
    typed(page, layout, "9")
    saved(page)
    graded = Judgment.objects.order_by("pair_id")
    assert [(row.grade, row.dimension) for row in graded] == [(4, ""), (2, "colour"), (3, "")]
    assert PageVerdict.objects.get().mark == 3
    opened(page, lists.sides(), "sides")
    typed(page, layout, "3")
    saved(page)
    row = PagePreference.objects.get()
    assert row.preference == (-1 if row.left_page_id == row.page_id else 1)
    typed(page, layout, "u")
    expect(page.locator(".mark.said")).to_contain_text("Right")


@everywhere
def test_suggestions_in_rows(shop: SimpleNamespace, browse: Browse, layout: str) -> None:
    page = opened(browse(shop.people.annotator), scene(shop), "review")
    typed(page, layout, "a")
    saved(page)
    typed(page, layout, "1")  # stricter than the rule allows: asks why
    expect(page.locator("[data-ask=why].asking")).to_be_visible()
    typed(page, layout, "n")
    saved(page)
    accepted, corrected = Judgment.objects.order_by("at")
    assert accepted.suggestion_shown_id and accepted.grade == 2
    assert (corrected.grade, corrected.disagreement) == (1, "not_applicable")


@everywhere
def test_quiz(shop: SimpleNamespace, browse: Browse, layout: str) -> None:
    services.gold_set(pair=shop.pairs[0], grade=4, actor=shop.people.admin)
    services.gold_set(pair=shop.pairs[1], grade=4, actor=shop.people.admin)
    campaign = shop.campaign(pairs=[shop.pairs[5].pk], quiz_size=2, quiz_tries=1)
    page = browse(shop.people.annotator)
    page.goto(url("quiz_detail", campaign.pk))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    typed(page, layout, "4")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    typed(page, layout, "d")
    expect(page.locator("select[name=dimension]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    typed(page, layout, "2")
    expect(page.get_by_text("1 of 2 right")).to_be_visible()
    attempt = QuizAttempt.objects.get()
    assert sorted(said["grade"] for said in attempt.answers.values()) == [2, 4]


def disputed(shop: SimpleNamespace, judge: Judge) -> list[int]:
    split = shop.campaign(pairs=[pair.pk for pair in shop.pairs[:3]], redundancy=2)
    for _ in range(3):
        judge(split, shop.people.annotator, grade=4)
        judge(split, shop.people.reviewer, grade=1)
    return list(split.annotation_tasks.filter(outcome="disputed").order_by("pk").values_list("pk", flat=True))


@everywhere
def test_adjudication(shop: SimpleNamespace, judge: Judge, browse: Browse, layout: str) -> None:
    first, second, third = disputed(shop, judge)
    page = browse(shop.people.reviewer)
    page.goto(url("adjudication_detail", first))
    typed(page, layout, "n")
    page.wait_for_url(f"**/adjudication/{second}/")
    typed(page, layout, "d")
    expect(page.locator("select[name=dimension]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    typed(page, layout, "2ioc")
    page.keyboard.insert_text("another colour")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/adjudication/{third}/")
    row = Adjudication.objects.get()
    assert (row.grade, row.dimension, row.picture_decided, row.reason) == (
        2,
        "colour",
        True,
        "another colour",
    )
    assert Gold.objects.get().pair_id == row.pair_id


def test_her_own_keys_adjudicate_and_answer_the_quiz(
    shop: SimpleNamespace, judge: Judge, browse: Browse
) -> None:
    me = shop.people.reviewer
    first, second, _ = disputed(shop, judge)
    keys = {"grade_4": "j", "comment": "y", "next": "h"}
    services.keys_set(actor=me, corpus=shop.corpus, keys=keys, dimensions={})
    page = browse(User.objects.get(pk=me.pk))
    page.goto(url("adjudication_detail", first))
    expect(page.locator("form[data-quick]")).to_contain_text("H leave it, next one")
    page.keyboard.press("4")  # means nothing any more
    page.keyboard.press("j")
    page.keyboard.press("y")
    page.keyboard.type("it fits")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/adjudication/{second}/")
    assert Adjudication.objects.get().grade == 4
    services.gold_set(pair=shop.pairs[4], grade=4, actor=shop.people.admin)
    campaign = shop.campaign(name="Quiz", pairs=[shop.pairs[5].pk], quiz_size=1, quiz_tries=1)
    page.goto(url("quiz_detail", campaign.pk))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("button", name="J L4")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_text("You have passed")).to_be_visible()
