"""Campaigns and quality by program."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.test import Client

from annotation import services
from annotation.models import QualityAlarm
from webapp.common.models import Job

from .test_quality import judged, say

__all__ = ["judged"]
ClientFor = Callable[[Any], Client]
BASE = "/api/v1/corpora/shop"


def send(client: Client, path: str, body: Any = None, method: str = "post") -> Any:
    return getattr(client, method)(f"{BASE}{path}", body or {}, content_type="application/json")


def test_figures_by_scope_metric_and_slice(judged: SimpleNamespace, client_for: ClientFor) -> None:
    client = client_for(judged.people.editor)
    assert client.get(f"{BASE}/quality/").json() == {"computed_at": None, "answers": 0, "figures": []}
    services.quality_compute(corpus=judged.corpus)
    found = client.get(f"{BASE}/quality/?metric=alpha&slice=rule").json()
    assert found["answers"] == 144 and [row["key"] for row in found["figures"]] == ["R01 v1"]
    assert send(client, "/quality/").status_code == 403
    assert send(client_for(judged.people.admin), "/quality/").status_code == 202
    assert Job.objects.filter(kind="annotation.quality").count() == 1


def test_alarms_and_settings(judged: SimpleNamespace, client_for: ClientFor) -> None:
    reviewer = client_for(judged.people.reviewer)
    limits = {"fast_seconds": 6.0, "fast_answers": 20}
    kept = send(reviewer, "/quality/settings/", {"thresholds": limits, "stale_campaigns": True}, "put").json()
    assert kept["stale_campaigns"] and kept["thresholds"]["fast_seconds"] == 6.0
    services.quality_compute(corpus=judged.corpus)
    rows = reviewer.get(f"{BASE}/quality/alarms/").json()["results"]
    fast = [row for row in rows if row["kind"] == "fast"]
    assert len(fast) == 3 and "5.0 s" in fast[0]["message"]
    done = send(reviewer, f"/quality/alarms/{fast[0]['id']}/resolve/", {"resolution": "fine"})
    assert done.json()["resolution"] == "fine"
    assert QualityAlarm.objects.get(pk=fast[0]["id"]).resolved_by == judged.people.reviewer
    assert send(reviewer, f"/quality/alarms/{fast[0]['id']}/resolve/").status_code == 409
    assert send(reviewer, "/quality/settings/", {"thresholds": {"mood": 1}}, "put").status_code == 422


def test_preview_progress_and_moving(shop: SimpleNamespace, client_for: ClientFor) -> None:
    runner = client_for(shop.people.admin)
    seen = send(runner, "/campaigns/preview/", {"which": "rule", "rule": "R01", "redundancy": 2}).json()
    assert (seen["pairs"], seen["answers"]) == (10, 20)
    assert send(runner, "/campaigns/preview/", {"which": "rule", "rule": "R99"}).status_code == 422
    campaign = shop.campaign()
    slot = services.slot_lease(campaign=campaign, person=shop.people.annotator)
    assert slot is not None
    services.judgment_submit(
        key=uuid.uuid4(), slot=slot, person=shop.people.annotator, release=shop.release, grade=4
    )
    state = runner.get(f"{BASE}/campaigns/{campaign.pk}/progress/").json()
    assert (state["done"], state["total"]) == (1, 12) and state["per_day"] == 1 and state["days"][0][1] == 1
    services.slots_assign(campaign=campaign, person=shop.people.annotator, count=3, actor=shop.people.admin)
    move = {"person": shop.people.annotator.pk, "to": shop.people.reviewer.pk}
    assert send(runner, f"/campaigns/{campaign.pk}/move/", move).json() == {"moved": 3}
    back = {"person": shop.people.reviewer.pk}
    assert send(runner, f"/campaigns/{campaign.pk}/move/", back).json() == {"moved": 3}
    assert (
        send(runner, f"/campaigns/{campaign.pk}/move/", {"person": shop.people.outsider.pk}).status_code
        == 404
    )


def test_a_quiz_by_program_tells_nothing_before_its_end(shop: SimpleNamespace, client_for: ClientFor) -> None:
    for pair in shop.pairs[:2]:
        services.gold_set(pair=pair, grade=4, actor=shop.people.admin, reason="why")
    campaign = shop.campaign(pairs=[shop.pairs[5].pk], quiz_size=2)
    client, path = client_for(shop.people.annotator), f"/campaigns/{campaign.pk}/quiz/"
    assert client.get(f"{BASE}{path}").json() == {
        "passed": False,
        "tries_left": 2,
        "question": None,
        "result": None,
    }
    state = send(client, path).json()
    for _ in range(2):
        assert state["result"] is None and "why" not in str(state)
        state = send(client, path, {"pair": state["question"]["pair"], "grade": "L4"}).json()
    assert state["passed"] and state["result"]["right"] == 2 and state["result"]["answers"][0]["why"] == "why"
    assert send(client, path, {"pair": 1, "grade": "L4"}).status_code == 409


def test_nothing_of_it_for_an_annotator(judged: SimpleNamespace, client_for: ClientFor) -> None:
    say(judged, judged.people.annotator, judged.pairs[0], 4)
    client = client_for(judged.people.annotator)
    for path in ("/quality/", "/quality/alarms/", "/quality/settings/"):
        assert client.get(f"{BASE}{path}").status_code == 403
