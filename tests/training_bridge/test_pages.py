"""Pages and API of the training room: roles, and each page shows what it is for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from training_bridge.models import ModelVersion, Turn
from training_bridge.runs import follow
from training_bridge.selectors import champion
from training_bridge.services import turn_start
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, User

from .conftest import small_recipe

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ("", "models/", "models/1/", "snapshots/", "snapshots/1/", "turns/{turn}/", "turns/{turn}/progress/")


@pytest.fixture
def turn(judged: Corpus, admin: User, fake_trainer: Path, monkeypatch: pytest.MonkeyPatch) -> Turn:
    """One turn that has ended and promoted its model."""
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.05)
    found = turn_start(corpus=judged, actor=admin, recipe="tiny")
    found.recipe_content = small_recipe(stages=["sft"])
    found.save(update_fields=["recipe_content"])
    assert job_run(found.job_id) == "done"
    return found


def test_every_page_shows_to_a_member_and_to_no_outsider(
    turn: Turn, people: Any, client_for: Callable[[User], Client]
) -> None:
    for page in PAGES:
        address = f"/c/shop/training/{page.format(turn=turn.pk)}"
        status = 286 if page.endswith("progress/") else 200
        assert client_for(people.annotator).get(address).status_code == status, address
        assert client_for(people.outsider).get(address).status_code == 404, address
        assert Client().get(address).status_code == 302, address


def test_the_report_stands_on_the_page(turn: Turn, people: Any, client_for: Callable[[User], Client]) -> None:
    page = client_for(people.reviewer).get(f"/c/shop/training/turns/{turn.pk}/").content.decode()
    for words in ("SFT, direct", "majority class", "word overlap + LR", "rules alone", "macro-F1", "Gate"):
        assert words in page


def test_only_an_admin_starts_promotes_and_rolls_back(
    turn: Turn, people: Any, client_for: Callable[[User], Client]
) -> None:
    for address in ("turns/new/", "policy/", "models/1/promote/", "models/rollback/", "models/1/gate/"):
        assert client_for(people.reviewer).post(f"/c/shop/training/{address}").status_code == 403, address
    admin = client_for(people.admin)
    made = admin.post("/c/shop/training/turns/new/", {"recipe": "tiny"})
    assert made.status_code == 302 and Turn.objects.count() == 2
    again = admin.post("/c/shop/training/turns/new/", {"recipe": "tiny"}, follow=True)
    assert Turn.objects.count() == 2 and "already waiting" in again.content.decode()
    assert (
        "no recipe"
        in admin.post("/c/shop/training/turns/new/", {"recipe": "../x"}, follow=True).content.decode()
    )
    rolled = admin.post("/c/shop/training/models/rollback/", {"reason": "x"}, follow=True)
    assert "no earlier champion" in rolled.content.decode()


def test_an_admin_promotes_over_a_gate_with_a_reason(
    turn: Turn, people: Any, client_for: Callable[[User], Client]
) -> None:
    first = ModelVersion.objects.get()
    other = ModelVersion.objects.create(
        corpus=first.corpus,
        number=2,
        release=first.release,
        uri=first.uri,
        content_hash="2",
        template_version="r1",
    )
    admin = client_for(people.admin)
    assert (
        "not been measured" in admin.post("/c/shop/training/models/2/promote/", follow=True).content.decode()
    )
    admin.post("/c/shop/training/models/2/promote/", {"override_reason": "a trial"})
    assert champion(first.corpus) == other
    admin.post("/c/shop/training/models/rollback/", {"reason": "the trial is over"})
    assert champion(first.corpus) == first


def test_the_api_says_the_same(turn: Turn, people: Any, client_for: Callable[[User], Client]) -> None:
    api, admin = "/api/v1/corpora/shop", client_for(people.admin)
    assert admin.get(f"{api}/turns").json()["turns"][0]["id"] == turn.pk
    body = admin.get(f"{api}/turns/{turn.pk}").json()
    assert body["report"]["promoted"] and body["stages"][0]["stage"] == "sft"
    assert len(admin.get(f"{api}/turns/{turn.pk}/evaluations").json()["evaluations"]) == 5
    assert admin.get(f"{api}/models/champion").json()["gate"]["passed"] is True
    assert admin.get(f"{api}/models").json()["models"][0]["aliases"] == ["champion"]
    refused = admin.post(f"{api}/models/1/promote", {}, content_type="application/json")
    assert refused.status_code == 409 and refused.json()["error"]["code"] == "already_champion"
    assert client_for(people.annotator).post(f"{api}/turns").status_code == 403
    assert client_for(people.outsider).get(f"{api}/turns").status_code == 404
    assert admin.post(f"{api}/turns", {}, content_type="application/json").status_code == 201
    assert admin.get(f"{api}/models/99").status_code == 404
