"""A draft release: rules held back with a reason and put back, its title and note; by page and by program."""

import json

import pytest
from django.db import DatabaseError, transaction

from rules import services
from rules.models import Release, ReleaseOmission, Rule
from rules.selectors import release_current, release_get, versions_in
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import AuditEntry

HOME, API = "/c/shop/rules/releases/", "/api/v1/corpora/shop/releases/"


@pytest.fixture
def written(corpus, people):
    stock(corpus)
    services.rulebook_publish(
        corpus=corpus,
        document=[BRAND, EXACT],
        author=people.editor,
        reviewer=people.reviewer,
    )
    services.rule_edit(rule=Rule.objects.get(code="R01"), form=rule(title="Other brand"), actor=people.editor)
    services.rule_create(corpus=corpus, form=rule(EXACT, code="R03", title="New one"), actor=people.editor)
    return services.release_create(corpus=corpus, actor=people.editor)


def held(number, corpus):
    return [str(version) for version in versions_in(release_get(corpus, number))]


def test_a_change_is_held_back_and_put_back(corpus, people, written, client_for):
    editor = client_for(people.editor)
    assert held(2, corpus) == ["R01 v2", "R02 v1", "R03 v1"]
    assert editor.post(HOME + "2/leave-out/", {"rule": "R01", "reason": " "}).status_code == 422
    page = editor.post(
        HOME + "2/leave-out/", {"rule": "R01", "reason": "needs <another> look"}, follow=True
    ).text
    assert held(2, corpus) == ["R01 v1", "R02 v1", "R03 v1"]
    assert "held back" in page and "needs &lt;another&gt; look" in page and "stays as it is in force" in page
    assert "<ins>Other brand</ins>" not in page and "Take the newest of" not in page
    editor.post(HOME + "2/leave-out/", {"rule": "R03", "reason": "not now", "whole": "1"})
    services.rule_edit(rule=Rule.objects.get(code="R02"), form=rule(EXACT, title="Met"), actor=people.editor)
    editor.post(HOME + "2/refresh/")
    assert held(2, corpus) == ["R01 v1", "R02 v2"], "a refresh leaves what is held back alone"
    assert editor.post(HOME + "2/leave-out/", {"rule": "R03", "reason": "x"}).status_code == 409
    history = editor.get("/c/shop/rules/rule/R01/history/").text
    assert "Kept as it is in force in draft release 2" in history and "needs &lt;another&gt; look" in history
    page = editor.post(HOME + "2/put-back/", {"rule": "R01"}, follow=True).text
    assert held(2, corpus) == ["R01 v2", "R02 v2"] and "<ins>Other brand</ins>" in page
    assert editor.post(HOME + "2/put-back/", {"rule": "R01"}).status_code == 404
    actions = AuditEntry.objects.filter(subject_type="rules.rule").order_by("id")
    assert [(row.action, row.data["release"]) for row in actions] == [
        ("release.hold_back", 2), ("release.leave_out", 2), ("release.put_back", 2),
    ]  # fmt: skip


def test_a_rule_in_force_is_left_out_with_its_reason_in_the_difference(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    page = editor.get(HOME + "2/").text
    assert '<option value="R02">' in page, "a rule that does not differ can be left out as well"
    editor.post(HOME + "2/leave-out/", {"rule": "R02", "reason": "the brand says it all", "whole": "1"})
    page = editor.get(HOME + "2/").text
    assert '<span class="pill pill-bad">removed</span> <span class="mono">R02</span>' in page
    assert "This release goes without it: the brand says it all" in page
    editor.post(HOME + "2/submit/")
    assert editor.post(HOME + "2/put-back/", {"rule": "R02"}).status_code == 409
    assert editor.post(HOME + "2/leave-out/", {"rule": "R01", "reason": "x"}).status_code == 409
    page = reviewer.get(HOME + "2/").text
    assert "the brand says it all" in page and "put-back" not in page
    reviewer.post(HOME + "2/sign-off/")
    editor.post(HOME + "2/publish/")
    assert release_current(corpus).number == 2 and held(2, corpus) == ["R01 v2", "R03 v1"]
    assert "the brand says it all" in reviewer.get(HOME + "2/").text
    with pytest.raises(DatabaseError), transaction.atomic():
        ReleaseOmission.objects.update(reason="another")
    assert Rule.objects.get(code="R02").retired_at is None, "the next draft has it again"
    services.release_create(corpus=corpus, actor=people.editor)
    assert "R02 v1" in held(3, corpus)


def test_the_last_rule_stays(corpus, people, client_for):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    services.release_create(corpus=corpus, actor=people.editor)
    refused = client_for(people.editor).post(HOME + "1/leave-out/", {"rule": "R01", "reason": "x"})
    assert refused.status_code == 422 and not ReleaseOmission.objects.exists()
    assert held(1, corpus) == ["R01 v1"]


def test_a_retirement_is_held_back(corpus, people, written, client_for):
    services.rule_retire(rule=Rule.objects.get(code="R02"), actor=people.editor)
    editor = client_for(people.editor)
    assert "Take the newest of R02" in editor.get(HOME + "2/").text
    editor.post(HOME + "2/refresh/")
    assert held(2, corpus) == ["R01 v2", "R03 v1"]
    editor.post(HOME + "2/leave-out/", {"rule": "R02", "reason": "one more week"})
    assert held(2, corpus) == ["R01 v2", "R02 v1", "R03 v1"]
    editor.post(HOME + "2/put-back/", {"rule": "R02"})
    assert held(2, corpus) == ["R01 v2", "R03 v1"], "its newest state is retired"


def test_putting_a_rule_into_the_draft_from_the_list_takes_it_back_in(corpus, people, written, client_for):
    editor = client_for(people.editor)
    editor.post(HOME + "2/leave-out/", {"rule": "R03", "reason": "not now"})
    asked = {"rule": ["R03"], "change": "release", "value": "2", "confirmed": "1", "note": "now"}
    editor.post("/c/shop/rules/change/", asked)
    assert "R03 v1" in held(2, corpus) and "held back" not in editor.get(HOME + "2/").text


def test_title_and_note_are_changed_while_it_is_a_draft(corpus, people, written, client_for):
    editor, admin = client_for(people.editor), client_for(people.admin)
    base = release_get(corpus, 2).wording
    typed = {"title": "Brands, again", "note": "Why: **they** asked.", "base": base}
    page = editor.post(HOME + "2/reword/", typed, follow=True).text
    assert "Release 2: Brands, again" in page and "<strong>they</strong>" in page
    late = admin.post(HOME + "2/reword/", {"title": "Mine <b>", "note": "my long note", "base": base})
    assert late.status_code == 409 and "Release 2: Brands, again" in late.text
    assert 'value="Mine &lt;b&gt;"' in late.text and "my long note</textarea>" in late.text
    assert release_get(corpus, 2).title == "Brands, again"
    entry = AuditEntry.objects.get(action="release.reword")
    assert entry.actor == people.editor and entry.data["from"] == {"title": "", "note": ""}
    editor.post(HOME + "2/submit/")
    assert editor.post(HOME + "2/reword/", {"title": "Late"}).status_code == 409
    assert "Title and note" not in editor.get(HOME + "2/").text


def test_a_program_does_the_same(corpus, people, written, client_for):
    editor = client_for(people.editor)

    def send(method, url, body=None):
        return getattr(editor, method)(API + url, json.dumps(body or {}), content_type="application/json")

    made = send("post", "2/left-out/", {"rule": "R02", "reason": "no use", "whole": True})
    assert made.status_code == 201 and made.json()["whole"]
    assert send("post", "2/left-out/", {"rule": "R01"}).status_code == 400
    assert send("post", "2/left-out/", {"rule": "R99", "reason": "x"}).status_code == 404
    assert [row["rule"] for row in editor.get(API + "2/left-out/").json()["left_out"]] == ["R02"]
    found = editor.get(API + "2/diff/").json()
    assert found["left_out"][0]["reason"] == "no use" and found["left_out"][0]["by"] == "Editor"
    assert send("delete", "2/left-out/R02/?reason=of+use").status_code == 204
    events = editor.get("/api/v1/corpora/shop/rules/by-code/R02/versions/").json()["events"]
    assert events[0]["what"] == "Put back into draft release 2" and events[0]["reason"] == "of use"
    said = send("patch", "2/", {"title": "Named"}).json()
    assert said["title"] == "Named"
    assert send("patch", "2/", {"note": "x", "base": "0" * 16}).json()["error"]["code"] == "edit_clash"
    assert send("patch", "2/", {"note": "x", "base": said["wording"]}).json()["note"] == "x"
    assert send("patch", "1/", {"note": "x"}).status_code == 409


def test_only_rule_editors_and_admins_do(corpus, people, written, client_for):
    for who, status in (("annotator", 403), ("reviewer", 403), ("outsider", 404)):
        client = client_for(getattr(people, who))
        for url in ("leave-out/", "put-back/", "reword/"):
            posted = {"rule": "R01", "reason": "x", "title": "x"}
            assert client.post(f"{HOME}2/{url}", posted).status_code == status, (who, url)
        body = json.dumps({"rule": "R01", "reason": "x"})
        json_kind = {"content_type": "application/json"}
        assert client.post(API + "2/left-out/", body, **json_kind).status_code == status
        assert client.delete(API + "2/left-out/R01/").status_code == status
        assert client.patch(API + "2/", json.dumps({"title": "x"}), **json_kind).status_code == status
    assert client_for(people.editor).get(HOME + "2/leave-out/").status_code == 405
    assert not ReleaseOmission.objects.exists() and not Release.objects.exclude(title="").exists()
