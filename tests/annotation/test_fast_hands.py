"""A fast person on a slow machine: no key is lost, and none falls on another subject than the one it was meant for."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation.models import Judgment, QuizAttempt
from annotation.selectors import effective_judgments
from tests.browser import arrived, held

from .test_browser import answer, opened, saved
from .test_quality_browser import busy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
__all__ = ["busy"]


def test_keys_before_the_scripts_are_there_are_given_to_them(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = shop.campaign(blind_share=1.0)
    page = browse(shop.people.annotator)
    scripts = held(page, "**/annotation-grade.js")
    page.goto(reverse("annotation:campaign_grade", args=["shop", campaign.pk]), wait_until="commit")
    expect(page.locator("#stage article.subject")).to_be_visible()
    for key in "42c":
        page.keyboard.press(key)
    arrived(page, scripts).continue_()
    expect(page.locator("#work-done")).to_have_text("2")
    saved(page)
    rows = Judgment.objects.order_by("at")
    assert [(row.grade, row.dimension) for row in rows] == [(4, ""), (2, "colour")]


def test_a_comment_begun_before_the_scripts_are_there_is_whole(shop: SimpleNamespace, browse: Browse) -> None:
    page = browse(shop.people.annotator)
    scripts = held(page, "**/annotation-grade.js")
    campaign = shop.campaign(blind_share=1.0)
    page.goto(reverse("annotation:campaign_grade", args=["shop", campaign.pk]), wait_until="commit")
    expect(page.locator("#stage article.subject")).to_be_visible()
    page.keyboard.type("cred 4")
    arrived(page, scripts).continue_()
    expect(page.locator("#stage input[name=comment]")).to_have_value("red 4")
    page.wait_for_load_state("networkidle")
    assert not Judgment.objects.exists()


def test_the_key_after_undo_waits_for_what_comes_back(shop: SimpleNamespace, browse: Browse) -> None:
    page = opened(browse(shop.people.annotator), shop.campaign(blind_share=1.0), "grade")
    slot = answer(page, "4")[0]
    saved(page)
    undos = held(page, "**/undo/")
    page.keyboard.press("u")
    page.keyboard.press("1")
    arrived(page, undos).continue_()
    expect(page.locator("#work-notices")).to_be_visible()
    expect(page.locator(f'#stage article:not([data-slot="{slot}"])')).to_be_visible()
    saved(page)
    assert [(str(row.slot_id), row.grade) for row in effective_judgments(shop.corpus)] == [(slot, 1)]


def test_the_key_after_an_undo_that_fails_answers_nothing(shop: SimpleNamespace, browse: Browse) -> None:
    page = opened(browse(shop.people.annotator), shop.campaign(blind_share=1.0), "grade")
    slot = answer(page, "4")[0]
    saved(page)
    undos = held(page, "**/undo/")
    page.keyboard.press("u")
    page.keyboard.press("1")
    arrived(page, undos).abort()
    expect(page.locator("#work-notices")).to_contain_text("Undo needs the connection")
    page.keyboard.press("3")
    saved(page)
    standing = effective_judgments(shop.corpus).order_by("at")
    assert [row.grade for row in standing] == [4, 3] and str(standing[0].slot_id) == slot


def test_words_for_the_next_flag_are_not_wiped_by_the_answer_to_the_last(
    shop: SimpleNamespace, browse: Browse
) -> None:
    page = opened(browse(shop.people.annotator), shop.campaign(blind_share=1.0), "grade")
    flags = held(page, "**/flag/")
    words = page.locator("#work-flag textarea")
    page.keyboard.press("f")
    words.press_sequentially("the first")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("f")
    words.press_sequentially("the second")
    arrived(page, flags).continue_()
    expect(page.locator("#work-notices .note")).to_be_visible()
    expect(words).to_have_value("the second")
    page.keyboard.press("Escape")
    saved(page)


def test_a_second_key_does_not_answer_a_question_twice(busy: SimpleNamespace, browse: Browse) -> None:
    page = browse(busy.people.annotator)
    page.goto(reverse("annotation:quiz_detail", args=["shop", busy.quiz.pk]))
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    answers = held(page, "**/quiz/")
    page.keyboard.press("4")
    page.keyboard.press("1")
    arrived(page, answers).continue_()
    page.unroute("**/quiz/")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    assert [said["grade"] for said in QuizAttempt.objects.get().answers.values()] == [4]
