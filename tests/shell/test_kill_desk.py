"""Somebody judges by keyboard in Chromium while the real web server and the real database are killed under her hands."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from runtime.children import Child, end_leftovers, wait_for, web
from runtime.embedded import Embedded
from runtime.identity import Identity

from .test_kill import free_port, program, services

__all__ = ["services"]
FOREVER = 120_000  # an answer is sent again after at most fifteen seconds


def kill_web(site: Child) -> None:
    """The server and all its workers, at once."""
    noted = Identity.read(site.pid_file)
    assert noted is not None
    os.kill(noted.pid, signal.SIGKILL)
    while site.alive():
        pass
    end_leftovers(site.pid_file)


def kill_database(services: Embedded) -> None:
    assert services.cluster is not None
    pid = services.cluster.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


class Desk:
    """Her page, and what she has given so far: (slot, grade), in her order."""

    def __init__(self, browser: Browser, url: str, scene: dict[str, object]) -> None:
        self.url = url
        context = browser.new_context(base_url=url)
        context.add_cookies([{**scene["cookie"], "url": url}])
        self.page: Page = context.new_page()
        self.given: list[list[str]] = []
        self.page.goto(f"/c/kill/annotation/campaigns/{scene['campaign']}/grade/")
        expect(self.page.locator("#work[data-ready]")).to_be_attached()

    def judge(self, grades: str) -> None:
        for grade in grades:
            subject = self.page.locator("#stage article.subject")
            expect(subject).to_be_visible()
            self.given.append([subject.get_attribute("data-slot") or "", grade])
            self.page.keyboard.press(grade)

    def is_told(self, words: str) -> None:
        expect(self.page.locator("#work-state")).to_contain_text(words, timeout=FOREVER)
        expect(self.page.locator("#work-notices")).to_contain_text("your answers are kept", timeout=FOREVER)

    def all_sent(self) -> None:
        expect(self.page.locator("#work-state")).to_have_attribute("data-state", "saved", timeout=FOREVER)
        expect(self.page.locator("#work")).to_have_attribute("data-waiting", "0")
        self.page.wait_for_load_state("networkidle")


@pytest.mark.slow
@pytest.mark.browser
def test_a_burst_outlives_the_death_of_server_and_database(
    services: Embedded, chromium_browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_POOL", raising=False)  # connections are kept, as elsewhere
    place, port = Path(services.home), free_port()
    scene = program(place, "set_desk")
    site = web(place, "127.0.0.1", port)
    site.ensure()
    assert wait_for(f"http://127.0.0.1:{port}/healthz", 180)
    desk = Desk(chromium_browser, f"http://127.0.0.1:{port}", scene)
    try:
        play(desk, services, site)
    finally:
        desk.page.context.close()
    found = program(place, "desk")
    assert found["answers"] == desk.given and len(desk.given) == found["counter"] == 20
    assert len({slot for slot, _ in desk.given}) == 20


def play(desk: Desk, services: Embedded, site: Child) -> None:
    desk.judge("431")
    kill_web(site)  # what is on its way may have arrived or not
    desk.judge("143")
    desk.is_told("offline")
    site.ensure()
    desk.all_sent()
    expect(desk.page.locator("#work-notices")).to_contain_text("all your answers have arrived")

    desk.judge("314")
    kill_database(services)  # the server stands and has nothing to write to
    desk.judge("413")
    desk.is_told("offline")
    services.ensure()
    desk.all_sent()

    desk.judge("41")
    kill_database(services)
    desk.judge("3")
    kill_web(site)
    desk.judge("1")
    desk.is_told("offline: ")
    expect(desk.page.locator("#work")).to_have_attribute("data-kept", str(waiting(desk)))
    services.ensure()
    site.ensure()
    assert wait_for(f"{desk.url}/healthz", 180)
    desk.page.reload()
    expect(desk.page.locator("#work[data-ready]")).to_be_attached()
    desk.judge("4431")
    desk.all_sent()


def waiting(desk: Desk) -> int:
    return int(desk.page.locator("#work").get_attribute("data-waiting") or 0)
