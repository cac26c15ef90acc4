"""Tables and imports in a real browser: by keyboard, accessible, narrow as well as wide."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from rules.services import rulebook_publish
from rules.table_selectors import table_content
from tests.browser import check_accessible
from tests.rules.shop import BRAND, EXACT, stock
from webapp.common.models import Corpus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Browse = Callable[..., Page]
HOME = "/c/shop/rules/"
FIXTURES = Path(__file__).parent / "formats" / "fixtures"


@pytest.fixture
def book(corpus: Corpus, people: SimpleNamespace) -> Corpus:
    stock(corpus)
    rulebook_publish(
        corpus=corpus,
        document={"rules": [BRAND, EXACT], "tables": {"colours": {"blue": ["navy"], "red": ["crimson"]}}},
        author=people.editor,
        reviewer=people.reviewer,
    )
    return corpus


def test_a_table_is_searched_and_changed_by_keyboard(
    book: Corpus, people: SimpleNamespace, browse: Browse
) -> None:
    page = browse(people.editor)
    page.goto(HOME + "tables/")
    page.get_by_role("link", name="colours").click()
    expect(page.get_by_label("New family")).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("green")
    page.keyboard.press("Tab")
    page.keyboard.type("olive, mint")
    page.keyboard.press("Enter")
    expect(page.locator(".rules-families > li")).to_have_count(3)
    assert table_content(book, "colours")["green"] == ["olive", "mint"]
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("crim")
    expect(page.locator(".rules-families > li")).to_have_count(1)
    check_accessible(page)
    page.get_by_text("Merge into another").click()
    page.get_by_label("Merge red into").fill("blue")
    page.keyboard.press("Enter")
    expect(page.locator(".rules-families > li")).to_have_count(2)
    assert table_content(book, "colours")["blue"] == ["navy", "red", "crimson"]


def test_a_spreadsheet_is_looked_at_and_taken_up(
    book: Corpus, people: SimpleNamespace, browse: Browse
) -> None:
    page = browse(people.editor)
    page.goto(HOME + "import/")
    check_accessible(page)
    page.set_input_files("input[type=file]", FIXTURES / "sheet.csv")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("cell", name="row 5", exact=True)).to_be_visible()
    check_accessible(page)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Take the rest up").click()
    expect(page.get_by_text("They count from the next release on.")).to_be_visible()
    expect(page.get_by_role("link", name="R06").first).to_be_visible()
