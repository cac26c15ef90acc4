"""Webhooks, exports, jobs and the audit log as people see them: readable by everybody, on a phone, in the dark."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page

from tests.browser import check_accessible
from webapp.common.models import Corpus, Job, WebhookDelivery
from webapp.common.webhooks import services

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TRIES = [
    {"at": "2026-11-23T02:00:00+00:00", "status": 500, "milliseconds": 12, "answer": "no"},
    {"at": "2026-11-23T02:00:10+00:00", "status": 0, "milliseconds": 9, "error": "TimeoutError: timed out"},
]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_pages_are_accessible(
    corpus: Corpus,
    people: SimpleNamespace,
    browse: Callable[..., Page],
    width: int,
    dark: bool,
    tmp_path: Path,
) -> None:
    hook, _ = services.webhook_create(
        corpus=corpus, actor=people.admin, name="Ours", url="https://example.org/a-long-path/" + "x" * 80,
        kinds=["model.promoted", "my.own"],
    )  # fmt: skip
    for number, state in enumerate(WebhookDelivery.State.values):
        WebhookDelivery.objects.create(
            webhook=hook,
            event=f"evt_{number}",
            kind="model.promoted",
            body="{}",
            state=state,
            tries=TRIES[:number],
        )
    Job.objects.create(
        corpus=corpus,
        kind="training.turn",
        state=Job.State.FAILED,
        error="OSError: " + "/a/path/of/its/own" * 12,
    )
    page = browse(people.admin)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme="dark" if dark else "light")
    for path in ("webhooks/", f"webhooks/{hook.pk}/", "annotation/exports/", "jobs/", "audit/"):
        page.goto(f"/c/shop/{path}")
        check_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
        place = Path(os.environ.get("PICTURES", tmp_path))
        page.screenshot(path=place / f"{path.strip('/').replace('/', '-')}-{width}.png", full_page=True)
