"""Suggestions of a model accepted and corrected: one by one with a key, and in rows with the item in view."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign, Judgment, Slot
from annotation.selectors import effective_judgments
from tests.browser import check_accessible

from .conftest import begun
from .test_browser import opened, saved
from .test_suggestions import record, showing, suggested

ClientFor = Callable[[Any], Client]
Browse = Callable[..., Page]


def scene(shop: SimpleNamespace, **values: Any) -> Campaign:
    """Twelve pairs: the model says what the rule says (L2-colour), but for the burgundy ones, which it calls L4."""
    rows = [suggested(pair, 4 if number % 6 == 3 else 2) for number, pair in enumerate(shop.pairs)]
    record(shop, rows)
    return showing(shop, **values)


def test_rows_are_those_with_a_suggestion_alone(shop: SimpleNamespace, client_for: ClientFor) -> None:
    record(shop, [suggested(pair) for pair in shop.pairs[:5]])
    services.gold_set(pair=shop.pairs[0], grade=4, actor=shop.people.reviewer)
    campaign, client = showing(shop), client_for(shop.people.annotator)
    # two others are judged blind beside the gold one, which of them is drawn: they have no row either
    seen = campaign.annotation_tasks.filter(pair__in=shop.pairs[:5], blind=False, is_gold=False).exclude(
        pair=shop.pairs[0]
    )
    body = begun(client, campaign, review=True)
    assert body.count('class="subject review-row" data-pair="') == seen.count() >= 2
    assert Slot.objects.filter(state="leased").count() == seen.count()
    plain = shop.campaign(name="Plain")
    answer = client.get(reverse("annotation:campaign_review", args=["shop", plain.pk]))
    assert answer.status_code == 302


def test_a_blind_campaign_has_no_rows(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign = scene(shop, blind_share=1.0)
    client = client_for(shop.people.annotator)
    assert "nothing for you at this moment" in begun(client, campaign, review=True)
    address = reverse("annotation:subject_next", args=["shop", campaign.pk])
    told = client.post(f"{address}?review=1", headers={"Accept": "application/json"}).json()
    assert "champion" not in str(told) and "No suggestion left to review" in told["empty"]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_one_key_accepts_the_suggestion(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = scene(shop)
    page = opened(browse(shop.people.annotator), campaign, "grade")
    for _ in range(4):
        page.keyboard.press("a")
    saved(page)
    page.keyboard.press("3")  # corrected, against the rule too: why
    page.keyboard.press("n")
    saved(page)
    rows = list(Judgment.objects.order_by("at").select_related("suggestion_shown"))
    seen = [row.suggestion_shown for row in rows]
    assert all(shown and shown.pair_id == row.pair_id for shown, row in zip(seen, rows, strict=True))
    accepted = [(row.grade, row.dimension) for row in rows[:4]]
    assert accepted == [(shown.grade, shown.dimension) for shown in seen[:4] if shown] and rows[4].grade == 3
    assert not any(row.blind for row in rows)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_rows_are_accepted_corrected_and_taken_back_by_keyboard(
    shop: SimpleNamespace, browse: Browse
) -> None:
    campaign = scene(shop)
    page = opened(browse(shop.people.annotator), campaign, "review")
    rows = page.locator("#stage article.review-row")
    expect(rows).to_have_count(12)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("a")  # the second is accepted
    expect(rows).to_have_count(11)
    page.keyboard.press("1")  # the third is corrected: against the rule, so why
    page.keyboard.press("w")
    expect(rows).to_have_count(10)
    for _ in range(3):
        page.keyboard.press(" ")
    expect(page.locator("[data-marked]")).to_have_text("3")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(7)
    saved(page)
    page.keyboard.press("u")
    expect(rows).to_have_count(8)
    saved(page)
    assert effective_judgments(shop.corpus).count() == 4
    while rows.count():
        page.keyboard.press("a")
    expect(page.locator("#work-empty")).to_be_visible()
    saved(page)
    standing = list(effective_judgments(shop.corpus).select_related("suggestion_shown"))
    assert len(standing) == 12 and all(row.suggestion_shown for row in standing)
    assert sum(row.grade == row.suggestion_shown.grade for row in standing if row.suggestion_shown) == 11
    assert [row.disagreement for row in standing if row.grade == 1] == ["rule_wrong"]
    campaign.refresh_from_db()
    assert campaign.slots_done == 12


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("width", "height", "dark"), [(1280, 800, False), (1280, 800, True), (360, 740, False)]
)
def test_rows_are_accessible_and_do_not_overflow(
    shop: SimpleNamespace, browse: Browse, width: int, height: int, dark: bool
) -> None:
    page = opened(browse(shop.people.annotator, width=width, height=height, dark=dark), scene(shop), "review")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(reverse("annotation:keymap_edit", args=["shop"]))
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
