"""Campaigns and quality by program."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from django.test import Client

from annotation import services
from annotation.models import JudgmentNote, QualityAlarm
from webapp.common.jobs import job_run
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


def test_somebody_is_let_in_without_the_quiz(shop: SimpleNamespace, client_for: ClientFor) -> None:
    services.gold_set(pair=shop.pairs[0], grade=4, actor=shop.people.admin)
    campaign = shop.campaign(pairs=[shop.pairs[5].pk], quiz_size=1)
    runner, path = client_for(shop.people.admin), f"/campaigns/{campaign.pk}/quiz/waive/"
    assert services.slot_lease(campaign=campaign, person=shop.people.annotator) is None
    assert send(runner, path, {"person": shop.people.annotator.pk}).status_code == 201
    assert services.slot_lease(campaign=campaign, person=shop.people.annotator) is not None
    assert send(runner, path, {"person": shop.people.annotator.pk}).status_code == 409
    assert send(runner, path, {"person": shop.people.outsider.pk}).status_code == 404


def test_one_person_s_answers_and_who_did_what(judged: SimpleNamespace, client_for: ClientFor) -> None:
    services.gold_set(pair=judged.pairs[0], grade=1, actor=judged.people.reviewer)
    reviewer, her = client_for(judged.people.reviewer), judged.people.admin
    path = f"{BASE}/people/{her.pk}/answers/"
    assert len(reviewer.get(path).json()["results"]) == 48
    assert [row["grade"] for row in reviewer.get(f"{path}?show=wrong").json()["results"]] == ["L3"]
    assert reviewer.get(f"{BASE}/people/{judged.people.outsider.pk}/answers/").status_code == 404
    campaign = judged.campaign(pairs=[judged.pairs[0].pk])
    slot = services.slot_lease(campaign=campaign, person=judged.people.annotator)
    assert slot is not None
    services.slot_skip(slot=slot, person=judged.people.annotator, reason="unsure")
    state = reviewer.get(f"{BASE}/campaigns/{campaign.pk}/progress/").json()
    assert state["skips"] == {"unsure": 1} and state["people"] == []


def test_disagreements_are_decided(judged: SimpleNamespace, client_for: ClientFor) -> None:
    row = say(
        judged, judged.people.annotator, judged.pairs[1], 4, disagreement="rule_wrong", rules_shown=["R01"]
    )
    JudgmentNote.objects.create(judgment=row, comment="navy is blue")
    editor = client_for(judged.people.editor)
    (found,) = editor.get(f"{BASE}/triage/?rule=R01").json()["results"]
    assert (found["id"], found["comment"], found["fault"]) == (str(row.pk), "navy is blue", None)
    (rule,) = editor.get(f"{BASE}/triage/rules/").json()
    assert (rule["code"], rule["rule_wrong"], rule["undecided"]) == ("R01", 1, 1)
    assert send(editor, "/triage/", {"judgments": [str(row.pk)], "fault": "mood"}).status_code == 400
    assert send(editor, "/triage/", {"judgments": [str(row.pk)], "fault": "rule"}).json() == {"decided": 1}
    assert editor.get(f"{BASE}/triage/").json()["results"] == []
    assert editor.get(f"{BASE}/triage/?fault=rule").json()["results"][0]["fault"] == "rule"


def test_the_first_ranking_campaign_by_program(shop: SimpleNamespace, client_for: ClientFor) -> None:
    runner = client_for(shop.people.reviewer)
    asked = {"name": "First lists", "limit": 4, "variants": 3, "queries": ["Burgundy dress"], "redundancy": 2}
    made = send(runner, "/campaigns/variants/", asked)
    assert made.status_code == 202 and made.json()["state"] == "draft"
    assert job_run(Job.objects.get(kind="training.variants").pk) == "done"
    campaign = runner.get(f"{BASE}/campaigns/{made.json()['id']}/").json()
    assert (campaign["kind"], campaign["state"], campaign["slots_total"]) == ("ranking", "open", 8)
    annotator = client_for(shop.people.annotator)
    (given,) = send(annotator, f"/campaigns/{campaign['id']}/next/", {"count": 1}).json()["subjects"]
    assert len(given["reasonings"]) == 3
    order = {
        "key": str(uuid.uuid4()),
        "slot": given["slot"],
        "lease": given["lease"],
        "release": given["release"],
    }
    order["tiers"] = [[one["id"] for one in given["reasonings"]]]
    assert send(annotator, f"/campaigns/{campaign['id']}/rankings/", order).status_code == 201
    other = shop.campaign(name="Pairs beside it")
    for pk, n in ((campaign["id"], 1), (other.pk, 0)):
        assert len(runner.get(f"{BASE}/rankings/?campaign={pk}").json()["results"]) == n
    nothing = send(runner, "/campaigns/variants/", {**asked, "name": "None", "queries": ["a boat"]})
    assert nothing.status_code == 422 and nothing.json()["error"]["code"] == "no_pairs"


def test_nothing_of_it_for_an_annotator(judged: SimpleNamespace, client_for: ClientFor) -> None:
    say(judged, judged.people.annotator, judged.pairs[0], 4)
    client = client_for(judged.people.annotator)
    for path in ("/quality/", "/quality/alarms/", "/quality/settings/"):
        assert client.get(f"{BASE}{path}").status_code == 403
