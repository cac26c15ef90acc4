"""What the rules' pages offer and no endpoint did: versions of tables, files out, fields, examples, jobs."""

import json

import pytest

from rules import services
from rules.formats import rulebook_parse
from rules.models import TableVersion
from rules.services.tables import table_save
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import AuditEntry

API = "/api/v1/corpora/shop/"


@pytest.fixture
def book(corpus, people):
    shop = stock(corpus)
    services.rulebook_publish(
        corpus=corpus, document=[BRAND, EXACT], author=people.editor, reviewer=people.reviewer
    )
    return shop


def post(client, url, body=None):
    return client.post(API + url, json.dumps(body or {}), content_type="application/json")


def test_a_table_goes_back_to_an_earlier_version(corpus, people, book, client_for):
    editor = client_for(people.editor)
    for words in (["navy"], ["navy", "azure"]):
        table_save(corpus=corpus, name="colours", content={"blue": words}, actor=people.editor, note="more")
    found = editor.get(API + "tables/colours/versions/").json()["versions"]
    assert [(row["number"], row["author"], row["note"]) for row in found] == [
        (2, "Editor", "more"),
        (1, "Editor", "more"),
    ]
    restored = post(editor, "tables/colours/versions/1/restore/").json()
    assert restored == {"name": "colours", "version": 3, "content": {"blue": ["navy"]}}
    assert post(editor, "tables/colours/versions/9/restore/").status_code == 404
    assert editor.delete(API + "tables/colours/").status_code == 204
    assert editor.get(API + "tables/colours/versions/").json()["versions"][0]["content"] == {}
    assert post(editor, "tables/colours/versions/2/restore/").json()["version"] == 5
    assert post(client_for(people.annotator), "tables/colours/versions/1/restore/").status_code == 403
    assert post(client_for(people.outsider), "tables/colours/versions/1/restore/").status_code == 404
    assert TableVersion.objects.count() == 5


@pytest.mark.parametrize("form", ["yaml", "json", "csv"])
def test_a_rulebook_leaves_as_the_file_that_the_page_gives(corpus, people, book, client_for, form):
    services.rule_edit(rule=corpus.rules.get(code="R01"), form=rule(title="Newer"), actor=people.editor)
    reader = client_for(people.annotator)
    now, released = (reader.get(f"{API}rulebook/file/?form={form}{more}").text for more in ("", "&release=1"))
    assert now == reader.get(f"/c/shop/rules/rulebook.{form}").text
    assert "Newer" in now and "Newer" not in released and "Another brand" in released
    if form != "csv":
        assert [one["code"] for one in rulebook_parse(released)["rules"]] == ["R01", "R02"]
    assert reader.get(API + "rulebook/file/?form=exe").status_code == 400
    assert reader.get(API + "rulebook/file/?release=99").status_code == 404


def test_what_a_condition_may_name(corpus, people, book, client_for):
    table_save(corpus=corpus, name="colours", content={"blue": ["navy"]}, actor=people.editor)
    reader = client_for(people.annotator)
    found = reader.get(API + "rules/fields/").json()
    named = {row["name"]: row for row in found["fields"]}
    assert named["query.brand"]["type"] == "string" and "Apple" in named["query.brand"]["values"]
    assert "mentions(string, string) -> bool" in found["functions"]
    assert found["tables"] == [{"name": "colours", "families": 1}]
    assert reader.get(API + "rules/fields/?field=item.color&text=BL").json() == {"values": ["blue", "black"]}
    assert reader.get(API + "rules/fields/?field=item.nothing&text=b").json() == {"values": []}
    assert reader.get(API + "rules/fields/?table=colours&text=b").json() == {"values": ["blue"]}


def test_examples_run_and_nothing_is_kept(corpus, people, book, client_for):
    reader, before = client_for(people.annotator), AuditEntry.objects.count()
    wrong = rule(
        examples=[*BRAND["examples"], {"query": {"brand": "A"}, "item": {"brand": "B"}, "grade": "L4"}]
    )
    found = post(reader, "rules/examples/", {"rules": [wrong]}).json()
    assert found["failing"] == 1 and [row["passed"] for row in found["examples"]] == [True, True, False]
    assert found["examples"][2]["found"] == "L2" and found["examples"][2]["message"]
    refused = post(reader, "rules/examples/", {"rules": [rule(scope="((")]})
    assert refused.status_code == 422 and refused.json()["error"]["place"] == "scope"
    assert AuditEntry.objects.count() == before


def test_a_pair_is_evaluated_by_its_id(corpus, people, book, client_for):
    reader, pair = client_for(people.annotator), book.pairs["apple", "B"]
    found = post(reader, "rules/evaluate/", {"pair": pair.pk}).json()
    assert (found["grade"], found["decisive"]) == ("L2", ["R01"])
    assert post(reader, "rules/evaluate/", {"pair": 10**15}).status_code == 404
    assert post(reader, "rules/evaluate/", {"query": {}}).json()["error"]["code"] == "no_pair"


def test_the_job_of_a_step_is_followed_and_cancelled(corpus, people, book, client_for):
    editor, admin = client_for(people.editor), client_for(people.admin)
    pk = post(editor, "rules/conflicts/").json()["job"]
    job = editor.get(f"{API}jobs/{pk}/").json()
    assert (job["state"], job["by"], job["error"]) == ("queued", "Editor", "")
    assert pk in [row["id"] for row in editor.get(API + "jobs/").json()["results"]]
    assert editor.delete(f"{API}jobs/{pk}/").status_code == 403
    assert client_for(people.outsider).get(f"/api/v1/corpora/elsewhere/jobs/{pk}/").status_code == 404
    assert admin.delete(f"{API}jobs/{pk}/").json()["state"] == "cancelled"
    assert AuditEntry.objects.filter(action="job.cancel", actor=people.admin).count() == 1
