import json

import pytest

from rules import services
from rules.models import Release, Rule
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common import services as people_services

API = "/api/v1/corpora/shop/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def send(client, method, url, body=None):
    return getattr(client, method)(API + url, json.dumps(body or {}), content_type="application/json")


def test_rules_are_written_read_and_edited(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    response = send(editor, "post", "rules/", {"rule": BRAND, "note": "first"})
    assert response.status_code == 201 and response.json()["number"] == 1
    response = send(editor, "put", "rules/by-code/R01/", {"rule": rule(title="Two"), "base": 1})
    assert response.json()["number"] == 2
    response = send(editor, "put", "rules/by-code/R01/", {"rule": rule(title="Three"), "base": 1})
    assert response.status_code == 409 and response.json()["error"]["code"] == "edit_clash"
    assert [row["rule"]["title"] for row in editor.get(API + "rules/").json()["rules"]] == ["Two"]
    assert len(editor.get(API + "rules/by-code/R01/versions/").json()["versions"]) == 2
    assert editor.delete(API + "rules/by-code/R01/?reason=gone").status_code == 204
    assert Rule.objects.get().retired_at
    assert editor.get(API + "rules/by-code/R01/versions/").json()["events"][0]["reason"] == "gone"


def test_bad_rules_name_the_place(corpus, people, client_for):
    response = send(client_for(people.editor), "post", "rules/", {"rule": rule(scope="query.brand ==")})
    error = response.json()["error"]
    assert response.status_code == 422 and error["code"] == "rule_invalid"
    assert error["place"] == "scope" and error["line"] == 1 and error["column"] > 1


def test_releases_step_by_step(corpus, people, shop, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    send(editor, "post", "rules/", {"rule": BRAND})
    assert send(editor, "post", "releases/", {"title": "One"}).json()["number"] == 1
    assert send(editor, "post", "releases/1/submit/").status_code == 200
    assert send(editor, "post", "releases/1/sign-off/").json()["error"]["code"] == "own_release"
    assert send(reviewer, "post", "releases/1/publish/").status_code == 403
    assert send(reviewer, "post", "releases/1/sign-off/").status_code == 200
    assert send(editor, "post", "releases/1/publish/").json()["state"] == "published"
    assert send(editor, "post", "releases/1/publish/").json()["error"]["code"] == "wrong_state"
    assert send(editor, "post", "releases/1/dance/").status_code == 422
    assert editor.get(API + "releases/").json()["in_force"] == 1
    found = editor.get(API + "releases/1/").json()
    assert found["rulebook"]["rules"][0]["code"] == "R01" and {c["name"] for c in found["checks"]} >= {
        "examples"
    }


def test_evaluate(corpus, people, shop, client_for):
    client = client_for(people.annotator)
    pair = {"query": {"brand": "Apple"}, "item": {"brand": "Sony"}}
    assert send(client, "post", "rules/evaluate/", pair).json()["error"]["code"] == "no_release"
    services.rulebook_publish(
        corpus=corpus, document=[BRAND, EXACT], author=people.editor, reviewer=people.reviewer
    )
    found = send(client, "post", "rules/evaluate/", pair).json()
    assert (found["grade"], found["dimension"], found["decisive"]) == ("L2", "brand", ["R01"])
    assert found["firings"][0]["trace"]["value"] is True
    nothing = send(client, "post", "rules/evaluate/", {"query": {}, "item": {}}).json()
    assert nothing["grade"] is None and nothing["allowed"] == ["L1", "L2", "L3", "L4"]
    given = send(client, "post", "rules/evaluate/", {**pair, "rules": [rule(scope="((")]})
    assert given.status_code == 422


def test_rulebook_dry_run_and_import(corpus, people, client_for):
    editor = client_for(people.editor)
    assert send(editor, "put", "rulebook/?dry_run=1", {"rules": [BRAND]}).json()["created"] == ["R01"]
    assert not Rule.objects.exists()
    send(editor, "put", "rulebook/", {"rules": [BRAND]})
    document = editor.get(API + "rulebook/").json()
    assert send(editor, "put", "rulebook/", document).json()["same"] == ["R01"]


@pytest.mark.parametrize("person", ["annotator", "reviewer"])
def test_writing_needs_the_role(corpus, people, client_for, person):
    client = client_for(getattr(people, person))
    assert send(client, "post", "rules/", {"rule": BRAND}).status_code == 403
    assert send(client, "put", "rulebook/", {"rules": [BRAND]}).status_code == 403
    assert send(client, "post", "releases/").status_code == 403
    assert client.get(API + "rules/").status_code == 200


def test_outsiders_and_strangers(corpus, people, client_for, client):
    outsider = client_for(people.outsider)
    for url in ("rules/", "releases/", "rulebook/"):
        assert outsider.get(API + url).status_code == 404
        assert client.get(API + url).status_code in (401, 403)
    assert send(outsider, "post", "rules/", {"rule": BRAND}).status_code == 404


def test_a_key_carries_one_role(corpus, people, client):
    _, secret = people_services.api_key_create(corpus=corpus, user=people.editor, role="editor", name="ci")
    headers = {"Authorization": f"Bearer {secret}"}
    body = json.dumps({"rule": BRAND})
    response = client.post(API + "rules/", body, content_type="application/json", headers=headers)
    assert response.status_code == 201 and not Release.objects.exists()


@pytest.mark.parametrize(
    "part",
    [
        {"tables": 5},
        {"tables": {"colours": [5]}},
        {"tables": {"colours": {"blue": "navy"}}},
        {"level_definitions": {"L9": "x"}},
        {"level_definitions": {"L1": 5}},
        {"dimensions": "brand"},
        {"dimensions": [1]},
        {"rules": "none"},
        {"rules": [5]},
    ],
)
def test_documents_of_another_shape_are_refused(corpus, people, client_for, part):
    response = send(client_for(people.editor), "put", "rulebook/", {"rules": [BRAND], **part})
    assert response.status_code == 422 and response.json()["error"]["code"] == "rulebook_invalid"
    assert not Rule.objects.exists()


def test_a_release_refuses_tables_of_another_shape(corpus, people, client_for):
    editor = client_for(people.editor)
    send(editor, "post", "rules/", {"rule": BRAND})
    response = send(editor, "post", "releases/", {"tables": {"colours": 5}})
    assert response.status_code == 422 and not Release.objects.exists()
