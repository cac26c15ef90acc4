"""A release that rules, rooms and the replay set stand in the way of, and going back to one, as people see it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from rules import selectors
from rules.models import Release
from rules.selectors import release_current
from rules.services.checks import check_write
from tests.browser import check_accessible
from tests.rules.shop import BRAND, EXACT, stock
from tests.rules.test_publish_meetings import VIOLET, look
from tests.rules.test_review_services import frozen, published, signed
from webapp.common.jobs import job_run
from webapp.common.models import Job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOME = "/c/shop/rules/releases/"
Browse = Callable[..., Page]


@pytest.fixture
def release(corpus: Any, people: SimpleNamespace) -> Release:
    """Release 2, signed off: its rules can meet beyond the corpus, and a room has not looked at it yet."""
    stock(corpus)
    published(corpus, people, BRAND)
    frozen(corpus, people)
    found = signed(corpus, people, EXACT, VIOLET)
    look(found)
    waits = {"ok": False, "blocking": True, "message": "Not in yet: a worker looks at it."}
    check_write(release=found, name="champion adherence", content={"pending": True}, **waits)
    return found


def fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    check_accessible(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_what_stands_in_its_way_is_said_and_can_be_taken_upon_oneself(
    release: Release, people: SimpleNamespace, corpus: Any, browse: Browse, width: int, dark: bool
) -> None:
    page = browse(people.editor, width=width, dark=dark)
    page.goto(HOME + "2/")
    expect(page.locator("#release-checks")).to_contain_text("waits")
    expect(page.locator("#h-verdicts")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Publish…").click()
    page.locator("#why").fill("violet at last")
    fits(page)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("can meet")
    page.get_by_role("button", name="Publish…").click()
    expect(page.locator("#why")).to_have_value("violet at last")
    page.locator("#accepted").fill("nothing violet is sold")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("main")).to_contain_text("Release 2 is in force")
    expect(page.locator("main")).to_contain_text("nothing violet is sold")
    assert release_current(corpus) == release


def test_the_outcome_of_a_comparison_comes_by_itself(
    release: Release, people: SimpleNamespace, browse: Browse, monkeypatch: Any
) -> None:
    Job.objects.filter(kind="rules.release_impact").update(state="cancelled")
    monkeypatch.setattr(selectors, "LARGE", 1)
    page = browse(people.editor, width=360)
    page.goto(HOME + "2/")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#release-impact .card")).to_contain_text("waiting for a worker")
    page.get_by_role("link", name="Releases", exact=True).first.focus()
    assert job_run(Job.objects.get(kind="rules.release_impact", state="queued").pk) == "done"
    expect(page.locator("#release-impact")).to_contain_text("2 of 6 pairs get another verdict")
    expect(page.get_by_role("button", name="Look again")).to_be_visible()
    fits(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)])
def test_going_back_shows_what_it_changes_first(
    people: SimpleNamespace, corpus: Any, browse: Browse, width: int, dark: bool
) -> None:
    stock(corpus)
    published(corpus, people, BRAND)
    published(corpus, people, EXACT)
    frozen(corpus, people)
    page = browse(people.editor, width=width, dark=dark)
    page.goto(HOME + "1/")
    page.get_by_role("link", name="Roll back to this release…").click()
    expect(page.locator("#h-impact").locator("..")).to_contain_text("2 of 6 pairs get another verdict")
    fits(page)
    page.get_by_label("Why", exact=True).fill("too kind")
    page.get_by_role("button", name="Go back to release 1").click()
    expect(page.get_by_role("alert")).to_contain_text("loses more than")
    expect(page.get_by_label("Why", exact=True)).to_have_value("too kind")
    fits(page)
    page.get_by_label("If it loses accuracy on the replay set").fill("the shop is down")
    page.get_by_role("button", name="Go back to release 1").click()
    expect(page.locator("main")).to_contain_text("This release is in force again")
    assert release_current(corpus).number == 1
