"""Every field of every answer filled with what no form sends: refused in words or taken, never an error of ours."""

import json
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation import services

from .test_hostile_doors import campaigns
from .test_page_answers import lists

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Any], Client]
__all__ = ["lists"]
VALUES = (
    None, 5, -1, 1.5, "x", "²", 10**30, [], ["x"], [[None]], [10**30], {"a": 1}, True, "a\0b", ["a\0b"],
    {"1": {"item": None}}, {"1": 5},
)  # fmt: skip
TEXTS = ("", "²", "-1", "9" * 40, "a\0b", "nan", "1", "\u0663")
# door -> (kind of campaign, what it sends beside key, slot and release)
PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "next": ("pair", {"count": 1, "have": []}),
    "judgment_submit": ("pair", {"grade": "L4", "dimension": "", "rules_shown": [], "rules_cited": [],
        "picture_decided": False, "disagreement": "", "comment": "", "item_version": None, "suggestion": None,
        "seconds": 1, "lease": None}),
    "ranking_submit": ("ranking", {"tiers": [], "all_bad": True, "faults": {}, "shown_order": [], "correction": ""}),
    "page_verdict_submit": ("page", {"mark": "good", "grades": [], "comment": ""}),
    "preference_submit": ("page_pair", {"left_by": 0, "comment": ""}),
    "skip": ("pair", {"reason": "unsure", "comment": ""}),
    "leases": ("pair", {"slots": []}),
}  # fmt: skip
PAGES: dict[str, tuple[str, dict[str, str], tuple[str, ...]]] = {
    "judgment_submit": ("pair", {"grade": "4"}, ("rules_cited", "allowed", "suggestion", "item_version", "have")),
    "ranking_submit": ("ranking", {"all_bad": "1"}, ("tier_{id}", "tier_²", "fault_{id}_item", "fault_²_x", "shown_order")),
    "page_submit": ("page", {"mark": "3", "grade_{id}": "4"}, ("key_{id}", "why_{id}", "rules_{id}", "grade_²")),
    "preference_submit": ("page_pair", {"left_by": "0"}, ("comment",)),
    "slot_skip": ("pair", {"reason": "unsure"}, ("comment",)),
    "flag_raise": ("pair", {"comment": "x"}, ("rule",)),
    "page_flag": ("page", {"comment": "x", "pair": "{id}"}, ("rule",)),
    "lease_renew": ("pair", {"slots": "1"}, ()),
    "answer_undo": ("pair", {"holding": "1"}, ("have",)),
}  # fmt: skip


def fresh(lists: SimpleNamespace, made: dict[str, Any], kind: str) -> dict[str, Any]:
    """A slot of hers, where one is left, and what every answer names."""
    slots = services.slots_hold(campaign=made[kind], person=lists.people.annotator, want=1)
    slot = slots[0].pk if slots else 1
    return {"key": str(uuid.uuid4()), "slot": slot, "release": lists.release.pk}


def of_programs(lists: SimpleNamespace, made: dict[str, Any], name: str) -> Iterator[tuple[Any, Any]]:
    kind, body = PROGRAMS[name]
    for field in (*body, "key", "slot", "release", None):
        for odd in VALUES:
            whole = {**body, **fresh(lists, made, kind)}
            yield (field, odd), odd if field is None else {**whole, field: odd}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_told_what_is_wrong(lists: SimpleNamespace, client_for: ClientFor, name: str) -> None:
    client, made = client_for(lists.people.annotator), campaigns(lists)
    address = reverse(f"annotation_api:{name}", args=["shop", made[PROGRAMS[name][0]].pk])
    for what, body in of_programs(lists, made, name):
        response = client.post(address, json.dumps(body), "application/json")
        assert response.status_code < 500, what
        if response.status_code >= 400:
            assert response.json()["error"]["message"], what


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_told_what_is_wrong(lists: SimpleNamespace, client_for: ClientFor, name: str) -> None:
    client, made = client_for(lists.people.annotator), campaigns(lists)
    kind, body, more = PAGES[name]
    asked = made[kind].annotation_tasks.first()
    subject = str(
        asked.reasonings.first().pk
        if kind == "ranking"
        else asked.pair_id or asked.page.entries.first().pair_id
    )
    address = reverse(f"annotation:{name}", args=["shop", made[kind].pk])
    for field in (*body, *more, "key", "slot", "release", "lease", "seconds"):
        for odd in TEXTS:
            sent = {**body, **fresh(lists, made, kind), field: odd}
            fields = {key.format(id=subject): str(value).format(id=subject) for key, value in sent.items()}
            response = client.post(address, fields, headers={"Accept": "application/json"})
            assert response.status_code < 500, (field, odd)
            if response.status_code >= 400:
                assert response.json()["error"]["message"], (field, odd)
