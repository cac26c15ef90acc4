"""The pages of campaigns and quality in a browser: by keyboard, accessible, at 360 px, light and dark."""

import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Adjudication, Campaign, Gold, Judgment, QuizAttempt
from tests.browser import check_accessible
from webapp.common.jobs import job_run
from webapp.common.models import Job

from .conftest import Judge
from .test_quality import url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]


@pytest.fixture
def busy(shop: SimpleNamespace, judge: Judge) -> SimpleNamespace:
    """A dispute, gold, figures, an alarm, a quiz, a returned answer."""
    people = shop.people
    for at, pair in enumerate(shop.pairs[:5]):
        services.gold_set(pair=pair, grade=4, actor=people.admin, reason=f"because {at}")
    shop.split = shop.campaign(name="Split", redundancy=2, guideline="## Look\nat the colour")
    for _ in range(11):
        judge(shop.split, people.annotator, grade=4, seconds=0.4, comment="fits")
        judge(shop.split, people.reviewer, grade=1, seconds=4.0)
    shop.quiz = shop.campaign(name="Quiz", pairs=[shop.pairs[11].pk], quiz_size=2, quiz_tries=1)
    limits = {"fast_answers": 5.0, "gold_answers": 2.0, "kappa_answers": 5.0}
    services.quality_settings_set(
        corpus=shop.corpus, actor=people.admin, thresholds=limits, stale_campaigns=False, stale_most=500
    )
    services.quality_compute(corpus=shop.corpus)
    return shop


def test_every_page_is_accessible_wide_narrow_and_dark(busy: SimpleNamespace, browse: Browse) -> None:
    dispute = busy.split.annotation_tasks.filter(outcome="disputed").first()
    pages = [
        url("agreement_detail"), url("apart_list"), url("alarm_list"), url("quality_settings"), url("campaign_list"),
        url("campaign_create"), url("campaign_detail", busy.split.pk), url("campaign_edit", busy.split.pk),
        url("adjudication_list"), url("adjudication_detail", dispute.pk), url("history_list"),
        url("person_detail", busy.people.annotator.pk), url("quiz_detail", busy.quiz.pk),
    ]  # fmt: skip
    wide, narrow = (
        browse(busy.people.reviewer),
        browse(busy.people.reviewer, width=360, height=740, dark=True),
    )
    for address in pages:
        for page in (wide, narrow):
            response = page.goto(address)
            assert response is not None and response.status == 200, address
            page.wait_for_load_state("networkidle")
            check_accessible(page)
        over = narrow.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, (address, over)


def test_adjudicating_by_keyboard(busy: SimpleNamespace, browse: Browse) -> None:
    disputes = list(busy.split.annotation_tasks.filter(outcome="disputed").order_by("pk"))
    page = browse(busy.people.reviewer)
    page.goto(url("adjudication_detail", disputes[0].pk))
    expect(page.get_by_text("What people said")).to_be_visible()
    page.keyboard.press("4")
    page.keyboard.press("o")
    page.keyboard.press("c")
    page.keyboard.type("it is a dress, 4 and all")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/adjudication/{disputes[1].pk}/")
    row = Adjudication.objects.get()
    assert (row.pair_id, row.grade, row.reason) == (disputes[0].pair_id, 4, "it is a dress, 4 and all")
    assert Gold.objects.get(pair=row.pair_id).reason == "it is a dress, 4 and all"
    page.keyboard.press("n")
    page.wait_for_url(f"**/adjudication/{disputes[2].pk}/")
    hers = browse(busy.people.annotator)
    hers.goto(url("annotation_home"))
    expect(hers.get_by_text("1 new notice about your work")).to_be_visible()
    hers.get_by_role("link", name="read it").click()
    expect(hers.get_by_text("was settled as L4: it is a dress")).to_be_visible()


def test_a_quiz_by_keyboard_and_what_was_right(busy: SimpleNamespace, browse: Browse) -> None:
    page = browse(busy.people.annotator)
    page.goto(url("campaign_grade", busy.quiz.pk))
    page.get_by_role("link", name="To the quiz").click()
    expect(page.get_by_role("button", name="Begin")).to_be_focused()
    page.keyboard.press("Enter")
    for key, number in (("4", "1 of 2"), ("1", "2 of 2")):
        expect(page.get_by_text(number)).to_be_visible()
        page.keyboard.press(key)
    expect(page.get_by_text("1 of 2 right")).to_be_visible()
    expect(page.get_by_text("not right", exact=True)).to_be_visible()
    attempt = QuizAttempt.objects.get()
    assert attempt.right == 1 and attempt.passed is False
    runner = browse(busy.people.reviewer)
    runner.goto(url("campaign_detail", busy.quiz.pk))
    runner.get_by_role("button", name="Let in all the same").click()
    expect(runner.get_by_text("let in", exact=True)).to_be_visible()
    page.goto(url("campaign_grade", busy.quiz.pk))
    expect(page.locator(".query-strip")).to_be_visible()


def test_a_new_campaign_shows_what_it_comes_to(busy: SimpleNamespace, browse: Browse) -> None:
    page = browse(busy.people.reviewer)
    page.goto(url("campaign_create"))
    page.locator("[name=name]").fill(f"By rule {uuid.uuid4().hex[:4]}")
    expect(page.locator("[name=rule]")).to_be_hidden()
    page.locator("[name=which]").select_option("rule")
    page.locator("[name=rule]").fill("R01")
    page.locator("[name=redundancy]").fill("2")
    page.locator("[name=redundancy]").blur()
    expect(page.locator("#preview")).to_contain_text("20")
    page.get_by_role("button", name="Make the campaign").click()
    page.wait_for_url("**/campaigns/*/")
    made: Any = Campaign.objects.latest("pk")
    assert made.slots_total == 20 and made.choice["rule"] == "R01"


def test_what_a_job_came_to_is_there_when_it_ends(
    shop: SimpleNamespace, browse: Browse, settings: Any, tmp_path: Path
) -> None:
    """The link of an export and the figures that were asked for come by themselves; what is typed meanwhile stays."""
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path, tmp_path / "blobs"
    for name in ("reviewer", "admin"):
        Judgment.objects.create(
            id=uuid.uuid4(), corpus=shop.corpus, pair=shop.pairs[0], item_version=shop.pairs[0].item.current,
            person=getattr(shop.people, name), release=shop.release, grade=4,
        )  # fmt: skip
    page = browse(shop.people.admin)
    page.goto(url("export_list"))
    page.get_by_role("button", name="Export").click()
    expect(page.get_by_text("waiting for a worker")).to_be_visible()
    page.get_by_label("Who judged").fill("typed meanwhile")
    assert job_run(Job.objects.get(kind="annotation.export").pk) == "done"
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    expect(page.get_by_label("Who judged")).to_have_value("typed meanwhile")
    page.goto(url("agreement_detail"))
    page.get_by_role("button", name="Work out now").click()
    expect(page.get_by_text("waiting for a worker")).to_be_visible()
    assert job_run(Job.objects.get(kind="annotation.quality").pk) == "done"
    expect(page.get_by_text("Krippendorff's alpha")).to_be_visible()
    expect(page.locator(".pill", has_text="queued")).to_have_count(0)
