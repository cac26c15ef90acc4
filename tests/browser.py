"""A real browser against the live site: `browse(user)` gives a signed-in page; `check_accessible(page)` runs axe."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from webapp.common.models import User

expect.set_options(timeout=20_000)  # a test that passes never waits for it, and a loaded machine may need it
# What brings races to light: how many times slower the page's processor is, and how late the site answers, in seconds.
SLOWDOWN = float(os.environ.get("LORE_BROWSER_SLOWDOWN", "1"))
LAG = float(os.environ.get("LORE_BROWSER_LAG", "0"))
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.environ.get("CI"):
        pytest.fail("Chromium is missing, and CI must not skip the browser tests")
    pytest.skip("no Chromium on this machine: install the package chromium to run the browser tests")


@pytest.fixture(scope="session")
def chromium_browser() -> Iterator[Browser]:
    executable = chromium()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browse(chromium_browser: Browser, live_server: Any) -> Iterator[Callable[..., Page]]:
    """`browse(user, width=1280, height=800, dark=False)`: a page signed in as that person, on the site's own address.

    An error that a page's script does not catch fails the test, whatever else it saw.
    """
    contexts: list[Any] = []
    thrown: list[str] = []

    def open_page(user: User, *, width: int = 1280, height: int = 800, dark: bool = False) -> Page:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        context = chromium_browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
        )
        contexts.append(context)
        context.on(
            "weberror", lambda error: thrown.append(f"{error.page.url if error.page else ''}: {error.error}")
        )
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        if SLOWDOWN > 1:
            context.on("page", slow_down)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    requests_end()
    assert thrown == [], "errors in the pages' scripts"


def requests_end(seconds: float = 20) -> None:
    """Until the server has done what closed pages had asked of it: it would hold tables that are emptied now, or ask a
    database that no test has open any more.
    """
    limit = time.monotonic() + seconds
    connection.close()  # a test may have cut it
    while time.monotonic() < limit:
        if under_way:
            time.sleep(0.05)
            continue
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND state <> 'idle'"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)


under_way: set[int] = set()


def counted(following: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: the requests that are being answered; between two statements the database does not know of them."""

    def answer(request: HttpRequest) -> HttpResponse:
        under_way.add(id(request))
        try:
            return following(request)
        finally:
            under_way.discard(id(request))

    return answer


def lag(following: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: every answer of the site comes late."""

    def answer(request: HttpRequest) -> HttpResponse:
        time.sleep(LAG)
        return following(request)

    return answer


settings.MIDDLEWARE = ["tests.browser.counted", *settings.MIDDLEWARE]
if LAG:
    settings.MIDDLEWARE = ["tests.browser.lag", *settings.MIDDLEWARE]


def slow_down(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})


def held(page: Page, address: str) -> list[Route]:
    """Requests to that address wait until they are let go on: see `arrived`."""
    routes: list[Route] = []
    page.route(address, lambda route: routes.append(route))
    return routes


def arrived(page: Page, routes: list[Route]) -> Route:
    """The first request that was held, once it has come."""
    for _ in range(400):
        if routes:
            break
        page.wait_for_timeout(50)
    return routes[0]


def check_accessible(page: Page) -> None:
    """Fails with axe's own words when the page breaks WCAG 2 A or AA."""
    results = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    assert not results.response["violations"], results.generate_report()
