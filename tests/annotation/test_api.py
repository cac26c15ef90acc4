"""The same work by program."""

import json
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation import services
from annotation.models import Judgment
from webapp.common.jobs import job_run
from webapp.common.models import Job

from .conftest import Judge, reasonings_make

ClientFor = Callable[[Any], Client]
KIND = "application/json"


def api(name: str, *args: Any) -> str:
    return reverse(f"annotation_api:{name}", args=["shop", *args])


def test_next_submit_skip_undo(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    body = client.post(api("next", campaign.pk), {"count": 2}, KIND).json()
    first, second = body["subjects"]
    assert (
        first["rules"][0]["code"] == "R01" and first["allowed"] == ["L2"] and body["progress"]["total"] == 12
    )
    sent = {
        "key": str(uuid.uuid4()),
        "slot": first["slot"],
        "lease": first["lease"],
        "release": first["release"],
    }
    answer = {**sent, "grade": "L2", "dimension": "colour", "rules_shown": ["R01"], "rules_cited": ["R01"]}
    saved = client.post(api("judgment_submit", campaign.pk) + "?next=1", answer, KIND)
    assert saved.status_code == 201 and saved.json()["judgment"]["grade"] == "L2" and saved.json()["subjects"]
    assert client.post(api("judgment_submit", campaign.pk), answer, KIND).json()["repeated"]
    skip = {"slot": second["slot"], "reason": "unknown"}
    assert client.post(api("skip", campaign.pk), skip, KIND).status_code == 200
    undone = [client.post(api("undo", campaign.pk), {}, KIND).json() for _ in range(2)]
    assert [(row["undone"], row["slot"]) for row in undone] == [
        (None, second["slot"]), (sent["key"], first["slot"]),
    ]  # fmt: skip
    assert client.post(api("undo", campaign.pk), {}, KIND).status_code == 409


@pytest.mark.parametrize(
    "change", [{"grade": "L7"}, {"grade": "L2", "dimension": ""}, {"key": "x"}, {"release": 10**6}]
)
def test_a_bad_answer_is_refused_in_one_shape(
    shop: SimpleNamespace, client_for: ClientFor, change: dict[str, Any]
) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    slot = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)[0]
    sent = {"key": str(uuid.uuid4()), "slot": slot.pk, "release": shop.release.pk, "grade": "L4", **change}
    response = client.post(api("judgment_submit", campaign.pk), sent, KIND)
    assert response.status_code in {400, 422} and response.json()["error"]["message"]
    assert not Judgment.objects.exists()


def test_ranking_by_program(shop: SimpleNamespace, client_for: ClientFor) -> None:
    lists = [(shop.pairs[0], reasonings_make(2))]
    campaign = services.ranking_campaign_create(corpus=shop.corpus, name="Lists", lists=lists)
    services.campaign_open(campaign=campaign, actor=None)
    client = client_for(shop.people.annotator)
    found = client.post(api("next", campaign.pk), {}, KIND).json()["subjects"][0]
    a, b = (row["id"] for row in found["reasonings"])
    sent = {"key": str(uuid.uuid4()), "slot": found["slot"], "release": found["release"], "tiers": [[b], [a]]}
    assert client.post(api("ranking_submit", campaign.pk), sent, KIND).json()["ranking"]["tiers"] == [
        [b],
        [a],
    ]
    assert client_for(shop.people.admin).get(api("rankings")).json()["results"][0]["tiers"] == [[b], [a]]
    twice = {**sent, "key": str(uuid.uuid4()), "tiers": [[a], [a]]}
    assert client.post(api("ranking_submit", campaign.pk), twice, KIND).status_code == 422


def test_lists_page_by_keyset_and_keep_roles_apart(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign = shop.campaign()
    for _ in range(12):
        judge(campaign, shop.people.annotator)
    client = client_for(shop.people.reviewer)
    assert len(client.get(api("judgments"), {"campaign": campaign.pk, "standing": 1}).json()["results"]) == 12
    assert client_for(shop.people.annotator).get(api("judgments")).status_code == 403
    assert client_for(shop.people.outsider).get(api("judgments")).status_code == 404
    assert client.get(api("campaigns")).json()["results"][0]["slots_done"] == 12
    made = client.post(
        api("campaigns"), {"name": "By API", "which": "pairs", "pairs": [shop.pairs[0].pk]}, KIND
    )
    assert made.status_code == 201 and made.json()["state"] == "open"
    closed = client.post(api("campaign", made.json()["id"]), {"action": "close"}, KIND)
    assert closed.json()["state"] == "closed"


def test_an_export_ends_in_a_file(shop: SimpleNamespace, client_for: ClientFor, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator)
    client = client_for(shop.people.reviewer)
    ordered = client.post(api("exports"), {"format": "jsonl", "campaign": None}, KIND)
    assert ordered.status_code == 202
    assert job_run(Job.objects.get(pk=ordered.json()["id"]).pk) == "done"
    found = client.get(api("export", ordered.json()["id"])).json()
    assert found["rows"] == 1
    body = b"".join(client.get(found["file"]))  # type: ignore[call-overload]  # a streamed response
    assert json.loads(body)["kind"] == "judgment"
    assert client_for(shop.people.outsider).get(found["file"]).status_code == 404


def test_a_program_that_was_shown_rules_says_why_it_goes_against_them(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    subject = client.post(api("next", campaign.pk), {"count": 1}, KIND).json()["subjects"][0]
    assert subject["allowed"] == ["L2"]
    seen = {name: subject[name] for name in ("slot", "lease", "release", "item_version")}
    answer = {**seen, "key": str(uuid.uuid4()), "grade": "L4", "rules_shown": ["R01"]}
    refused = client.post(api("judgment_submit", campaign.pk), answer, KIND)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "reason_needed")
    assert not Judgment.objects.exists()
    told = client.post(
        api("judgment_submit", campaign.pk), {**answer, "disagreement": "not_applicable"}, KIND
    )
    assert told.status_code == 201 and told.json()["judgment"]["disagreement"] == "not_applicable"
