"""Proving by programs: a condition's meaning, where a rule fires, and what no rule covers."""

import json

import pytest

from rules import services
from rules.models import Rule
from tests.rules.shop import BRAND, EXACT, rule, stock

API = "/api/v1/corpora/shop/rules/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def send(client, url, body):
    return client.post(API + url, json.dumps(body), content_type="application/json")


def test_a_condition_is_told_in_words_or_where_it_is_wrong(people, shop, client_for):
    editor = client_for(people.editor)
    said = send(editor, "check/", {"condition": "query.brand != item.brand"}).json()
    assert said["fields"] == ["item.brand", "query.brand"] and "brand" in said["words"]
    doubt = send(editor, "check/", {"condition": "item.color == 'redd'"}).json()
    (warning,) = doubt["warnings"]
    assert warning["hint"] == "Did you mean “red”?" and (warning["line"], warning["column"]) == (1, 15)
    wrong = send(editor, "check/", {"condition": "query.brand = item.brand"})
    error = wrong.json()["error"]
    assert wrong.status_code == 422 and error["code"] == "condition_invalid" and error["column"] == 13


def test_where_a_rule_would_fire_is_told_and_nothing_is_kept(people, shop, client_for):
    body = send(client_for(people.editor), "coverage/", {"rule": rule(BRAND, code="")}).json()
    assert (body["pairs"], body["fired"], body["queries"]) == (6, 2, 2)
    assert [row["pair_id"] for row in body["shown"]] and body["steps"][0]["fired"] == 2
    outside = send(client_for(people.editor), "coverage/", {"rule": BRAND, "outside": True}).json()
    inside = {row["pair_id"] for row in body["shown"]}
    assert not inside & {row["pair_id"] for row in outside["shown"]}
    refused = send(client_for(people.editor), "coverage/", {"rule": rule(scope="query.brand ==")})
    assert refused.status_code == 422 and refused.json()["error"]["place"] == "scope"
    assert not Rule.objects.exists()


def test_settled_pairs_without_a_rule_are_listed_by_dimension_and_grade(corpus, people, shop, client_for):
    services.rule_create(corpus=corpus, form=EXACT, actor=people.editor)
    body = client_for(people.annotator).get(API + "gaps/").json()
    assert body["counted"] and body["ladders"] == []
    silent = sum(group["silent"] for group in body["uncovered"])
    assert silent == 2 and all(group["rows"] for group in body["uncovered"])


@pytest.mark.parametrize("address", ["check/", "coverage/"])
def test_an_outsider_proves_nothing(people, shop, client_for, address):
    assert send(client_for(people.outsider), address, {"condition": "true", "rule": BRAND}).status_code == 404
