"""The catalog in a real browser: accessible in both themes and on a phone, and used from end to end by keyboard."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from catalog.importing.running import import_run
from catalog.models import ImportRun, Item, ItemImage, Query
from tests.browser import check_accessible
from tests.catalog.test_pages import picture_bytes
from webapp.common.models import Corpus

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(corpus: Corpus, tmp_path: Path) -> str:
    """Items with a picture, a remote one, a lost one and none; queries with facets; a rejected row. Its address."""
    (tmp_path / "a.png").write_bytes(picture_bytes())
    pictures = ["a.png", "https://pictures.example.org/b.png", "https://pictures.example.org/c.png", ""]
    items = "".join(
        f"p{n},Kettle number {n} with a rather long title,Brand {n % 12},{('kettle', 'pot')[n % 2]},red,{pictures[n % 4]}\n"
        for n in range(30)
    )
    (tmp_path / "products.csv").write_text(f"product_id,title,brand,category,color,image\n{items}")
    queries = "".join(
        f"q{n},{('red', 'blue', 'green')[n % 3]} {('kettle', 'pot')[n % 2]} {n},{99 - n}\n" for n in range(20)
    )
    (tmp_path / "queries.csv").write_text(f"query_id,query,traffic\n{queries}")
    labels = "".join(f"q{n % 20},p{n},{n % 4}\n" for n in range(30))
    (tmp_path / "labels.csv").write_text(f"query_id,product_id,grade\n{labels}q0,gone,1\n")
    run = ImportRun.objects.create(corpus=corpus, path=str(tmp_path), format="csv")
    import_run(run=run, fence=transaction.atomic, progress=lambda done, total, note: None)
    ItemImage.objects.filter(url__endswith="c.png").update(state="failed", reason="the server answered 404")
    return f"/c/{corpus.slug}/catalog/"


def addresses(root: str) -> list[str]:
    query, item = Query.objects.earliest("pk"), Item.objects.earliest("pk")
    return [
        root, f"{root}queries/", f"{root}queries/?facet=color:red&facet=category:pot", f"{root}queries/?text=zebra",
        f"{root}queries/{query.pk}/", f"{root}items/", f"{root}items/?facet=category:pot", f"{root}items/{item.pk}/",
        f"{root}pictures/", f"{root}imports/new/", f"{root}imports/{ImportRun.objects.earliest('pk').pk}/",
    ]  # fmt: skip


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_every_page_is_accessible_and_fits(
    shop: str, people: SimpleNamespace, browse: Callable[..., Page], width: int, dark: bool
) -> None:
    page = browse(people.admin, width=width, height=740, dark=dark)
    wrong: list[Any] = []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    for address in addresses(shop):
        answer = page.goto(address)
        assert answer is not None and answer.status == 200
        check_accessible(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{address} is {wide} wide"
        pictures = page.locator("img.thumb, svg.thumb")
        for place in range(min(4, pictures.count())):
            box = pictures.nth(place).bounding_box()
            assert box is not None and box["width"] >= 40, address
    assert wrong == []


def test_from_search_to_item_and_back_by_keyboard(
    shop: str, people: SimpleNamespace, browse: Callable[..., Page]
) -> None:
    page = browse(people.annotator)
    page.goto(f"{shop}items/")
    search = page.get_by_role("searchbox", name="Search items")
    while not search.evaluate("box => box === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("number 7")
    expect(page.locator("table.list tbody tr")).to_have_count(1)
    page.wait_for_url("**text=number*7*")
    link = page.locator("table.list tbody a").first
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kettle number 7")
    page.go_back()  # what Alt and the left arrow do in a window; headless Chromium has none
    expect(page.get_by_role("searchbox", name="Search items")).to_have_value("number 7")
    expect(page.locator("table.list tbody tr")).to_have_count(1)
    expect(
        page.locator("header.bar")
    ).to_be_visible()  # the page, not the fragment that the search had fetched


def test_filters_narrow_and_are_dropped_again(
    shop: str, people: SimpleNamespace, browse: Callable[..., Page]
) -> None:
    page = browse(people.annotator)
    page.goto(f"{shop}queries/")
    filters = page.get_by_role("navigation", name="Filters")
    filters.get_by_role("link", name="red").focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.list tbody tr")).to_have_count(7)
    expect(page.get_by_text("7 of 20 queries")).to_be_visible()
    page.get_by_role("searchbox").fill("pot")
    expect(page.locator("table.list tbody tr")).to_have_count(3)
    assert "facet=color" in page.url and "text=pot" in page.url
    page.get_by_role("link", name="Drop the filter color: red").click()
    expect(page.locator("table.list tbody tr")).to_have_count(10)
    page.locator("table.list tbody .pill").first.click()
    expect(page.get_by_text("of 20 queries")).to_be_visible()


def test_nothing_moves_while_pictures_load(
    shop: str, people: SimpleNamespace, browse: Callable[..., Page]
) -> None:
    page = browse(people.annotator)
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.moved += e.value))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    for address in addresses(shop)[:9]:
        answer = page.goto(address, wait_until="networkidle")
        assert answer is not None and answer.status == 200
        assert page.evaluate("window.moved") < 0.02, address


def test_a_pair_becomes_an_example_from_here_as_from_the_rules(
    shop: str, people: SimpleNamespace, browse: Callable[..., Page]
) -> None:
    page = browse(people.editor, width=360)
    page.goto(f"{shop}queries/{Query.objects.earliest('pk').pk}/")
    page.locator("tr[data-pair]").first.hover()
    page.keyboard.press("e")
    row = page.locator("#example-dialog .rules-pair")
    expect(row).to_have_css("display", "flex")  # its looks come with the page, not with the rules room
    expect(row).to_have_css("list-style-type", "none")
