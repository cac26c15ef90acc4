"""What is meant to hurt, sent by the API and by the pages: a clear refusal, and nothing half-written.

How the language itself meets it is seen in language/test_bad_input.py, what files do in formats/test_formats.py.
"""

import json
import time
from typing import Any

import pytest

from rules import services
from rules.models import Comment, Publication, Release, ReplaySet, Rule, RuleVersion, TableVersion
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import AuditEntry, Job, OutboxEvent

pytestmark = pytest.mark.django_db
API, HOME = "/api/v1/corpora/shop/", "/c/shop/rules/"
YAML_BOMB = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)
WRITTEN = (
    Rule,
    RuleVersion,
    Release,
    Publication,
    ReplaySet,
    Comment,
    TableVersion,
    AuditEntry,
    Job,
    OutboxEvent,
)

CONDITIONS = {
    "unclosed string": 'query.brand == "Apple',
    "unknown function": "system(query.brand)",
    "type error": '"a" + 1 == item.title',
    "not a condition": "'a'",
    "recursion bomb": "(" * 50_000 + "true" + ")" * 50_000,
    "lists in lists": "[" * 5_000 + "]" * 5_000 + " == 1",
    "regex bomb": "item.title.matches('" + "(a{1000}){1000}" + "')",
    "regex of backtracking": "item.title.matches('(a)\\\\1')",
    "a megabyte": "true && " * 131_072 + "true",
    "a megabyte of one name": "x" * 1_048_576,
    "look-alike letters": "quеry.brand == 'x'",
    "look-alike quotes": "query.brand == “x”",
    "invisible character": "query.brand\u200b == 'x'",
    "null": "item.brand == null",
    "beyond 64 bits": "item.price > 9223372036854775808",
    "too large a number": "item.price > 1e999",
}


def send(client: Any, method: str, url: str, body: Any) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return getattr(client, method)(API + url, text, content_type="application/json")


def counts() -> list[int]:
    return [model.objects.count() for model in WRITTEN]


def refused(response: Any, *, within: float = 5.0, started: float | None = None) -> str:
    assert 400 <= response.status_code < 500, response.text[:300]
    assert started is None or time.process_time() - started < within
    message = str(response.json()["error"]["message"])
    assert message and "Traceback" not in message and len(message) < 2_000
    return message


@pytest.mark.parametrize("place", ["scope", "ladder"])
@pytest.mark.parametrize("name", list(CONDITIONS))
def test_a_condition_that_is_none(corpus, people, client_for, name, place):
    client, source, before = client_for(people.editor), CONDITIONS[name], counts()
    part = source if place == "scope" else [{"when": source, "grade": "L2"}]
    form, started = rule(**{place: part}, examples=[]), time.process_time()
    for method, url in (("post", "rules/"), ("put", "rulebook/")):
        refused(send(client, method, url, {"rule": form} if url == "rules/" else {"rules": [EXACT, form]}))
    refused(send(client, "post", "rules/lint/", {"rules": [form]}))
    pair = {"query": {}, "item": {}, "rules": [form]}
    refused(send(client, "post", "rules/evaluate/", pair), within=10, started=started)
    assert counts() == before


def test_a_long_condition_is_said_to_be_long(corpus, people, client_for):
    form = rule(ladder=[{"when": CONDITIONS["a megabyte"], "grade": "L2"}])
    assert "longer than" in refused(send(client_for(people.editor), "post", "rules/", {"rule": form}))


@pytest.mark.parametrize("name", list(CONDITIONS))
def test_the_editor_says_what_is_wrong_and_keeps_what_was_typed(corpus, people, client_for, name):
    source = CONDITIONS[name]
    typed = {"code": "R01", "title": "Bad", "step_when": source, "step_grade": "L2", "step_reason": "why"}
    before, client = counts(), client_for(people.editor)
    response = client.post(HOME + "new/", typed)
    assert response.status_code == 422 and "nothing you typed is lost" in response.text
    assert client.post(HOME + "live/condition/", {"step_when": source}).status_code == 200
    assert counts() == before


@pytest.mark.parametrize(
    "part",
    [
        {"priority": 2**70},
        {"priority": 1.5},
        {"priority": True},
        {"title": None, "code": None},
        {"title": "x" * 161},
        {"title": "\ud800"},
        {"principle": "\ud800 half a character"},
        {"principle": "x" * 1_048_576},
        {"ladder": None},
        {"ladder": [None]},
        {"ladder": [{"when": None, "grade": None}]},
        {"ladder": [{"when": "true", "grade": "L5"}]},
        {"ladder": [{"when": "true", "grade": "L2", "reason": "\ud800"}]},
        {"ladder": [{"when": "true", "grade": "L2"}] * 10_000},
        {"yields_to": ["R01"]},
        {"yields_to": {"R02": 1}},
        {"examples": [{"query": [1], "item": {}, "grade": "L2"}]},
        {"examples": [{"query": {"a": "\x00"}, "item": {}, "grade": "L2"}]},
        {"examples": [{"query": {"a": "\ud800"}, "item": {}, "grade": "L2"}]},
        {"examples": [{"query": {}, "item": {}, "grade": "L2"}] * 10_000},
        {"examples": [{"query": {"a": float("nan")}, "item": {}, "grade": "L2"}]},
        {"examples": [{"query": {"a": 1e400}, "item": {}, "grade": "L2"}]},
        {"code": "../../etc"},
        {"surprise": 1},
    ],
    ids=lambda part: (
        "-".join(part) + "-" + str(next(iter(part.values())))[:12].encode("ascii", "replace").decode()
    ),
)
def test_a_form_that_is_none(corpus, people, client_for, part):
    client, before = client_for(people.editor), counts()
    refused(send(client, "post", "rules/", {"rule": rule(**part)}))
    refused(send(client, "put", "rulebook/", {"rules": [EXACT, rule(**part)]}))
    assert counts() == before


BODIES = [
    "",
    "{",
    "[[]]",
    "null",
    "5",
    '"x"',
    "[" * 100_000,
    "[" * 500 + "]" * 500,
    '{"rule":' * 500 + "1" + "}" * 500,
    '{"rules": ["\\ud800"]}',
    '{"text": "\\u0000"}',
    '{"rule":' * 20_000,
    '{"rule": NaN}',
    '{"rule": Infinity}',
    "\x00",
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize(
    "url", ["post rules/", "put rulebook/", "post rules/evaluate/", "post rules/change/", "post rulebook/file/",
            "put tables/colours/", "post rules/lint/", "post rules/conflicts/resolve/"],
)  # fmt: skip
def test_a_body_that_is_none(corpus, people, client_for, url, body):
    client, before = client_for(people.editor), counts()
    method, _, place = url.partition(" ")
    refused(send(client, method, place, body))
    assert counts() == before


@pytest.mark.parametrize("kind", ["native", "jdm"])
@pytest.mark.parametrize(
    "text",
    [
        '{"rules": [{"title": "\\ud800"}]}',
        'rules:\n- title: "\\uD800"\n',
        '{"tables": {"a": {"\\u0000": []}}}',
        "[" * 500 + "]" * 500,
    ],
)
def test_a_file_with_what_nothing_can_keep(corpus, people, client_for, text, kind):
    client, before = client_for(people.editor), counts()
    refused(send(client, "post", "rulebook/file/", {"text": text, "kind": kind, "dry_run": False}))
    assert counts() == before


@pytest.mark.parametrize("name", ["bomb.yaml", "bomb.json", "bomb"])
def test_a_file_that_is_a_bomb(corpus, people, client_for, name):
    client, before, started = client_for(people.editor), counts(), time.process_time()
    for dry_run in (True, False):
        body = {"text": YAML_BOMB, "name": name, "kind": "native", "dry_run": dry_run}
        assert "aliases" in refused(send(client, "post", "rulebook/file/", body), started=started)
    assert counts() == before


ODD = [
    None,
    [],
    {},
    "",
    0,
    0.0,
    -0.0,
    2**63,
    2**64,
    -(2**70),
    1e308,
    True,
    "NaN",
    "x" * 100_000,
    [None],
    {"a": {"b": 1}},
]


@pytest.mark.parametrize("value", ODD, ids=lambda value: repr(value)[:12].encode("ascii", "replace").decode())
def test_odd_values_are_unknown_and_never_an_error(corpus, people, client_for, value):
    """Nulls, missing attributes, division by zero, integers beyond 64 bits, half characters: the rule does not fire."""
    asks = "item.price / item.parts > 2 && item.price % item.parts == 0 && item.title.matches('^a')"
    body = {
        "query": {"brand": value}, "item": {"price": value, "parts": 0, "title": value},
        "rules": [rule(scope="", ladder=[{"when": asks, "grade": "L1"}], examples=[])],
    }  # fmt: skip
    response = send(client_for(people.annotator), "post", "rules/evaluate/", body)
    assert response.status_code == 200 and response.json()["grade"] is None


@pytest.mark.parametrize("number", [0, 999, 2**31, 2**63, 10**30])
def test_a_release_that_is_none(corpus, people, client_for, number):
    client, before = client_for(people.editor), counts()
    for method, url in (
        ("get", ""),
        ("get", "impact/"),
        ("get", "diff/"),
        ("post", "publish/"),
        ("post", "plan/"),
    ):
        response = send(client, method, f"releases/{number}/{url}", {}) if method == "post" else client.get(
            f"{API}releases/{number}/{url}"
        )  # fmt: skip
        assert response.status_code in (400, 404, 422), (url, response.status_code)
    body = {"query": {}, "item": {}, "release": number}
    assert send(client, "post", "rules/evaluate/", body).status_code in (400, 404)
    assert counts() == before


WRITES = [
    ("post", "rules/", {"rule": EXACT}), ("put", "rules/by-code/R01/", {"rule": BRAND}),
    ("delete", "rules/by-code/R01/", {}), ("post", "rules/change/", {"rules": ["R01"], "change": "retire"}),
    ("post", "rules/by-code/R01/comments/", {"text": "x"}), ("post", "rules/by-code/R01/examples/", {"pair": 1}),
    ("post", "rules/by-code/R01/versions/1/restore/", {}), ("put", "rulebook/", {"rules": [EXACT]}),
    ("post", "rulebook/file/", {"text": "rules: []", "dry_run": False}), ("put", "tables/a/", {"content": {"b": []}}),
    ("delete", "tables/a/", {}), ("post", "tables/a/versions/1/restore/", {}), ("post", "rules/conflicts/", {}),
    ("post", "rules/conflicts/resolve/", {"rule": "R01", "other": "R02", "how": "yield"}),
    ("post", "replay-sets/", {}), ("post", "releases/", {}), ("post", "releases/1/comments/", {"text": "x"}),
    ("post", "releases/1/plan/", {"due_at": "2099-01-01T08:00", "time_zone": "UTC"}),
    ("delete", "releases/1/plan/", {}),
    *(("post", f"releases/1/{step}/", {"reason": "x"}) for step in
      ("refresh", "submit", "return", "sign-off", "publish", "rollback", "discard")),
]  # fmt: skip


@pytest.mark.parametrize(("person", "status"), [("annotator", 403), ("outsider", 404), (None, 401)])
def test_whoever_may_not_writes_nothing(corpus, people, client_for, client, person, status):
    stock(corpus)
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    services.release_create(corpus=corpus, actor=people.editor)
    caller, before = client_for(getattr(people, person)) if person else client, counts()
    for method, url, body in WRITES:
        answer = send(caller, method, url, body)
        assert answer.status_code == status or (person is None and answer.status_code == 403), url
    assert counts() == before


POSTS = [
    ("new/", {"code": "R\x0009", "title": "a\x00", "step_when": "true", "step_reason": "\x00", "note": "\x00"}),
    ("rule/R01/edit/", {"title": "a\x00b", "principle": "\x00", "step_when": "true\x00", "note": "w\x00"}),
    ("rule/R01/comment/", {"text": "a\x00b"}), ("rule/R\x0001/comment/", {"text": "x"}),
    ("rule/R01/presence/", {"base": "9" * 40}), ("releases/new/", {"title": "a\x00", "note": "\x00"}),
    ("releases/1/comment/", {"text": "a\x00", "rule": "R\x0001"}),
    ("releases/1/sign-off/", {"comment": "\x00"}), ("releases/1/publish/", {"reason": "\x00"}),
    ("releases/1/plan/", {"due_at": "\x00", "time_zone": "\x00"}), ("releases/replay/new/", {"note": "a\x00"}),
    ("releases/replay/new/", {"which": "named", "queries": "\x00"}), ("change/", {"rules": "R\x0001", "change": "retire"}),
    ("tables/new/", {"name": "a\x00", "family": "b\x00", "words": "\x00"}), ("import/", {"text": "\x00", "kind": "native"}),
    ("live/condition/", {"step_when": "item.title == '\x00'"}),
    ("live/pair/", {"try_query": "\x00", "try_product": "\x00"}),
    ("live/coverage/", {"scope": "query.text == '\x00'", "step_when": "true", "step_grade": "L2"}),
]  # fmt: skip
GETS = [
    "?text=%00",
    "?pair=%00",
    "?after=%00",
    "?author=%00",
    "rule/R%0001/",
    "rulebook.json?release=%00",
    "new/?pair=%00",
]


@pytest.mark.parametrize("at", range(len(POSTS)), ids=lambda at: POSTS[at][0])
def test_a_nul_in_any_field_is_no_error_of_ours(corpus, people, client_for, at):
    stock(corpus)
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    services.release_create(corpus=corpus, actor=people.admin)
    url, body = POSTS[at]
    for person in (people.editor, people.reviewer):
        assert client_for(person).post(HOME + url, body).status_code < 500


@pytest.mark.parametrize("url", GETS)
def test_a_nul_in_an_address_is_no_error_of_ours(corpus, people, client_for, url):
    stock(corpus)
    assert client_for(people.editor).get(HOME + url).status_code < 500


def test_a_nul_in_an_address_of_the_api_is_a_refusal(corpus, people, client_for):
    assert "NUL" in refused(client_for(people.editor).get(API + "rules/?text=%00"))
    assert client_for(people.editor).get(API + "rules/by-code/R%0001/").status_code in (404, 422)
