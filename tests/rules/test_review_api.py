"""Review by programs: impact, diff, comments, plans, replay sets, news, bulk changes, examples; and who may not."""

import json

import pytest

from rules import services
from rules.models import Comment, PublicationPlan, ReplaySet, Rule, RuleVersion
from tests.rules.shop import BRAND, EXACT, rule, stock

API = "/api/v1/corpora/shop/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


@pytest.fixture
def written(corpus, people, shop):
    for form in (BRAND, EXACT):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    return shop


def send(client, method, url, body=None):
    return getattr(client, method)(API + url, json.dumps(body or {}), content_type="application/json")


def test_the_whole_way_by_programs(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    send(editor, "post", "releases/", {"title": "One"})
    assert editor.get(API + "releases/1/impact/").json()["changed"] == 4
    assert {row["kind"] for row in editor.get(API + "releases/1/diff/").json()["rules"]} == {"new"}
    send(editor, "post", "releases/1/submit/")
    said = send(reviewer, "post", "releases/1/comments/", {"rule": "R01", "text": "@[Editor] fine"})
    assert said.status_code == 201 and said.json()["rule"] == "R01"
    assert len(editor.get(API + "releases/1/comments/").json()["comments"]) == 1
    assert send(reviewer, "post", "releases/1/return/").json()["error"]["code"] == "reason_needed"
    send(reviewer, "post", "releases/1/sign-off/")
    plan = {"due_at": "2099-01-01T08:00", "time_zone": "Asia/Tokyo"}
    assert send(editor, "post", "releases/1/plan/", plan).json()["local"].startswith("2099-01-01 08:00 JST")
    assert editor.delete(API + "releases/1/plan/").status_code == 204
    assert editor.delete(API + "releases/1/plan/").status_code == 404
    assert send(editor, "post", "releases/1/publish/").json()["state"] == "published"
    made = send(reviewer, "post", "replay-sets/", {"queries": ["apple phone", "sony camera"]})
    assert made.status_code == 201 and made.json()["pairs"] == 4
    worse = rule(EXACT, ladder=[{"when": "query.brand == item.brand", "grade": "L1"}], examples=[])
    send(editor, "put", "rules/by-code/R02/", {"rule": worse})
    send(editor, "post", "releases/", {})
    for client, step in ((editor, "submit"), (reviewer, "sign-off")):
        send(client, "post", f"releases/2/{step}/")
    refused = send(editor, "post", "releases/2/publish/")
    assert refused.status_code == 409 and refused.json()["error"]["replay"]["lost"] == 2
    assert send(editor, "post", "releases/2/publish/", {"override": "asked for"}).status_code == 200
    news = client_for(people.annotator).get(API + "rules/news/").json()
    assert news["since"] == 1 and [row["code"] for row in news["rules"]] == ["R02"]
    assert send(client_for(people.annotator), "post", "releases/2/acknowledge/").status_code == 204
    assert client_for(people.annotator).get(API + "rules/news/").json()["release"] is None
    assert send(editor, "post", "releases/1/rollback/", {"reason": "no"}).status_code == 200


def test_many_rules_examples_and_restore(corpus, people, written, client_for):
    editor = client_for(people.editor)
    change = {"rules": ["R01", "R02"], "change": "priority", "value": "3"}
    told = send(editor, "post", "rules/change/", {**change, "dry_run": True}).json()
    assert told["changes"][0]["after"] == "3" and RuleVersion.objects.count() == 2
    assert send(editor, "post", "rules/change/", change).status_code == 200
    pair = written.pairs["apple", "B"].pk
    made = send(editor, "post", "rules/by-code/R01/examples/", {"pair": pair, "grade": "L2"})
    assert made.status_code == 201 and made.json()["number"] == 3
    assert send(editor, "post", "rules/by-code/R01/versions/1/restore/").json()["number"] == 4
    assert send(editor, "post", "rules/by-code/R01/versions/77/restore/").status_code == 404
    found = editor.get(API + "rules/", {"pair": pair}).json()["rules"]
    assert [row["rule"]["code"] for row in found] == ["R01"]
    assert send(editor, "post", "rules/by-code/R01/comments/", {"text": "a word"}).status_code == 201
    assert len(editor.get(API + "rules/by-code/R01/comments/").json()["comments"]) == 1


WRITES = [
    ("post", "rules/change/", {"rules": ["R01"], "change": "retire"}),
    ("post", "rules/by-code/R01/examples/", {"pair": 1, "grade": "L2"}),
    ("post", "rules/by-code/R01/versions/1/restore/", {}),
    ("post", "rules/by-code/R01/comments/", {"text": "x"}),
    ("post", "replay-sets/", {}),
    ("post", "releases/1/comments/", {"text": "x"}),
    ("post", "releases/1/plan/", {"due_at": "2099-01-01T08:00", "time_zone": "UTC"}),
    ("delete", "releases/1/plan/", {}),
]


def test_annotators_and_outsiders_write_nothing(corpus, people, written, client_for):
    services.release_create(corpus=corpus, actor=people.editor)
    for who, status in (("annotator", 403), ("outsider", 404)):
        client = client_for(getattr(people, who))
        for method, url, body in WRITES:
            assert send(client, method, url, body).status_code == status, (who, url)
    assert send(client_for(people.editor), "post", "replay-sets/", {}).status_code == 403
    for model in (Comment, PublicationPlan, ReplaySet):
        assert not model.objects.exists()
    assert RuleVersion.objects.count() == 2 and not Rule.objects.exclude(retired_at=None).exists()


@pytest.mark.parametrize(
    ("url", "body"),
    [
        ("rules/change/", {"rules": "R01", "change": "retire"}),
        ("rules/change/", {"rules": ["R01"], "change": "explode"}),
        ("rules/by-code/R01/examples/", {"pair": "x"}),
        ("rules/by-code/R01/examples/", {"pair": 2**70, "grade": "L2"}),
        ("releases/1/plan/", {"due_at": "2001-01-01T08:00", "time_zone": "UTC"}),
        ("releases/1/plan/", {"due_at": "x" * 39, "time_zone": "UTC"}),
        ("releases/1/comments/", {"text": ""}),
    ],
)
def test_bad_input_is_refused_clearly(corpus, people, written, client_for, url, body):
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    services.release_sign_off(release=release, actor=people.reviewer)
    response = send(client_for(people.editor), "post", url, body)
    assert 400 <= response.status_code < 500 and response.json()["error"]["message"]
