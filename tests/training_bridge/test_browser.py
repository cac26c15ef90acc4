"""In a browser: an admin starts a turn, watches it end, promotes another model and rolls it back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import check_accessible
from training_bridge.models import ModelVersion, Turn
from training_bridge.runs import follow
from training_bridge.selectors import champion
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job, User

from .conftest import small_recipe

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_admin_starts_watches_promotes_and_rolls_back(
    judged: Corpus,
    people: Any,
    browse: Callable[[User], Page],
    fake_trainer: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.05)
    page = browse(people.admin)
    page.goto("/c/shop/training/")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_role("heading", name="Turn")).to_be_visible()
    turn = Turn.objects.get()
    turn.recipe_content = small_recipe(stages=["sft"])
    turn.save(update_fields=["recipe_content"])
    assert job_run(turn.job_id) == "done"
    expect(page.get_by_role("heading", name="Held-out queries")).to_be_visible()
    check_accessible(page)
    first = champion(judged)
    assert first is not None
    ModelVersion.objects.create(
        corpus=judged, number=2, release=first.release, uri=first.uri, content_hash="2", template_version="r1"
    )
    page.goto("/c/shop/training/models/2/")
    page.get_by_role("button", name="Promote …").click()
    page.get_by_label("Why before its gate was run").fill("a trial")
    check_accessible(page)
    page.get_by_role("button", name="Promote model 2").click()
    expect(page.get_by_text("Model 2 is the champion now.")).to_be_visible()
    page.get_by_role("button", name="Roll back …").click()
    page.get_by_label("Why it shall serve again").fill("the trial is over")
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_text("Model 1 is the champion again.")).to_be_visible()
    assert champion(judged) == first
    Job.objects.filter(pk=turn.job_id).update(
        state=Job.State.FAILED,
        progress_note="sft: " + "/a/long/path" * 9,
        error="OSError: " + "/a/long/path" * 20 + "\nFile x" * 9,
    )
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/c/shop/training/turns/{turn.pk}/")
    expect(page.get_by_text("File x").first).to_be_hidden()
    page.get_by_text("The whole error").click()
    expect(page.get_by_text("File x").first).to_be_visible()
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
