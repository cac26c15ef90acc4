"""Levels and dimensions: edited as versions, taken up by the next release, never pulled from under a rule."""

import json

import pytest
from django.db import DatabaseError, transaction

from relevance.grades import DIMENSIONS
from rules import services
from rules.models import DefinitionsVersion, Rule
from rules.selectors import release_get, version_form
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import AuditEntry

PAGE, API = "/c/shop/rules/levels/", "/api/v1/corpora/shop/definitions/"
RELEASES = "/c/shop/rules/releases/"
COLOUR = rule(
    code="R04",
    title="Another colour",
    dimension="colour",
    scope="has(query.color)",
    priority=1,  # over the brand that is met
    ladder=[{"when": "query.color != item.color", "grade": "L2", "dimension": "colour", "reason": "not it"}],
    examples=[{"query": {"color": "red"}, "item": {"color": "blue"}, "grade": "L2", "dimension": "colour"}],
)
WORDS = {
    "L4": "Perfect match: what was asked for.",
    "L3": "Partial match: the same need.",
    "L2": "Explicit mismatch: another than was named.",
    "L1": "Completely inconsistent: of no use.",
}


@pytest.fixture
def shop(corpus, people):
    stock(corpus)
    document = {"rules": [BRAND, EXACT, COLOUR], "level_definitions": WORDS}
    services.rulebook_publish(
        corpus=corpus, document=document, author=people.editor, reviewer=people.reviewer
    )


def form(changed=None, seen=WORDS, **more):
    """What the page's form posts."""
    posted = dict(more)
    for grade, text in {**WORDS, **(changed or {})}.items():
        name, _, meaning = text.partition(": ")
        posted |= {f"name_{grade}": name, f"text_{grade}": meaning, f"seen_{grade}": seen[grade]}
    return posted


def send(client, method, url, body=None):
    return getattr(client, method)(API + url, json.dumps(body or {}), content_type="application/json")


def test_new_words_for_a_level_go_into_the_next_release(corpus, people, shop, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    page = editor.get(PAGE).text
    assert 'value="Perfect match"' in page and "what was asked for." in page
    typed = {"L2": "Clash: the query <b>names</b> another."}
    page = editor.post(PAGE + "save/", form(typed, note="people mixed it with L3"), follow=True).text
    assert "Saved as version 2" in page and "people mixed it with L3" in page
    assert "differs from release 1" in page and "all standing judgments become stale" in page
    assert "<del>Explicit mismatch: another than was named.</del>" in page
    assert "<ins>Clash: the query &lt;b&gt;names&lt;/b&gt; another.</ins>" in page
    entry = AuditEntry.objects.filter(action="definitions.save").latest("id")
    assert entry.actor == people.editor and entry.data["levels"] == ["L2"]
    assert entry.data["note"] == "people mixed it with L3"
    assert release_get(corpus, 1).level_definitions == WORDS
    editor.post(RELEASES + "new/")
    assert release_get(corpus, 2).level_definitions == {**WORDS, **typed}
    assert "Clash: the query" in editor.get(RELEASES + "2/").text
    editor.post(RELEASES + "2/submit/")
    assert reviewer.post(RELEASES + "2/sign-off/").status_code == 302
    editor.post(RELEASES + "2/publish/")
    assert "differs from release" not in editor.get(PAGE).text


def test_a_draft_takes_up_what_was_edited_after_it_was_made(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    editor.post(RELEASES + "new/")
    editor.post(PAGE + "dimension/", {"step": "add", "name": "voltage", "note": "chargers"})
    editor.post(PAGE + "save/", form({"L1": "No: of no use."}))
    assert "Take the newest of levels, dimensions" in editor.get(RELEASES + "2/").text
    editor.post(RELEASES + "2/refresh/")
    release = release_get(corpus, 2)
    assert release.dimensions[-1] == "voltage" and release.level_definitions["L1"] == "No: of no use."
    assert "Take the newest" not in editor.get(RELEASES + "2/").text


def test_two_people_at_different_levels_do_not_clash_and_at_one_they_do(corpus, people, shop, client_for):
    editor, admin = client_for(people.editor), client_for(people.admin)
    editor.post(PAGE + "save/", form({"L2": "Clash: hers."}))
    assert "Saved as version 3" in admin.post(PAGE + "save/", form({"L3": "Near: his."}), follow=True).text
    newest = DefinitionsVersion.objects.latest("number")
    assert (newest.level_definitions["L2"], newest.level_definitions["L3"]) == ("Clash: hers.", "Near: his.")
    late = admin.post(PAGE + "save/", form({"L2": "Clash: <mine>.", "L1": "Junk: mine too."}, note="my why"))
    page = late.text
    assert late.status_code == 409 and "Admin changed L2 while you were editing" in page
    assert "&lt;mine&gt;.</textarea>" in page and "mine too.</textarea>" in page and "my why" in page
    assert "wrote meanwhile: Clash: hers." in page and DefinitionsVersion.objects.count() == 3
    again = form({"L2": "Clash: mine.", "L1": "Junk: mine."}, seen={**WORDS, "L2": "Clash: hers."})
    assert admin.post(PAGE + "save/", again).status_code == 302
    newest = DefinitionsVersion.objects.latest("number").level_definitions
    assert newest["L2"] == "Clash: mine." and newest["L3"] == "Near: his."


def test_an_empty_level_is_refused_and_what_was_typed_stays(corpus, people, shop, client_for):
    response = client_for(people.editor).post(PAGE + "save/", form({"L1": "", "L2": "Kept: words."}))
    assert response.status_code == 422 and "Say what L1 means" in response.text
    assert 'value="Kept"' in response.text and "words.</textarea>" in response.text
    assert DefinitionsVersion.objects.count() == 1


def test_dimensions_are_added_where_rules_can_use_them_at_once(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    add = {"step": "add", "name": " voltage ", "note": "chargers came in"}
    assert "It counts from the next release on" in editor.post(PAGE + "dimension/", add, follow=True).text
    assert DefinitionsVersion.objects.latest("number").dimensions == [*DIMENSIONS, "voltage"]
    assert "<option>voltage</option>" in editor.get("/c/shop/rules/rule/R01/").text
    assert editor.post(PAGE + "dimension/", add).status_code == 409
    for name in ("", "x", "Colour", "3d", "colour]", "a" * 41, "<b>"):
        refused = editor.post(PAGE + "dimension/", {"step": "add", "name": name})
        assert refused.status_code == 422, name
    assert editor.post(PAGE + "dimension/", {"step": "explode", "name": "voltage"}).status_code == 422
    asked = {"rule": ["R01"], "change": "dimension", "value": "voltage", "confirmed": "1"}
    assert editor.post("/c/shop/rules/change/", asked, follow=True).status_code == 200
    lint = editor.get("/c/shop/rules/lint/").text
    assert "The release has no dimension" not in lint


def test_a_dimension_that_rules_use_does_not_vanish(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    refused = editor.post(PAGE + "dimension/", {"step": "retire", "name": "colour"})
    assert refused.status_code == 409 and "colour is used by R04" in refused.text
    put = send(editor, "put", "", {"dimensions": ["brand", "other"]})
    assert put.status_code == 409 and put.json()["error"]["rules"] == ["R04"]
    given = json.dumps({"dimensions": ["brand"]})
    made = editor.post("/api/v1/corpora/shop/releases/", given, content_type="application/json")
    assert made.status_code == 409 and made.json()["error"]["code"] == "dimension_used"
    services.rule_retire(rule=Rule.objects.get(code="R04"), actor=people.editor)
    page = editor.post(PAGE + "dimension/", {"step": "retire", "name": "colour"}, follow=True).text
    assert "goes without colour" in page and "<strong>colour</strong>" not in page
    assert "colour" in release_get(corpus, 1).dimensions
    assert editor.post(PAGE + "dimension/", {"step": "retire", "name": "colour"}).status_code == 404
    assert editor.post(PAGE + "dimension/", {"step": "retire", "name": "unstated"}).status_code == 422
    services.rule_retire(rule=Rule.objects.get(code="R04"), actor=people.editor, retired=False)
    assert "<strong>colour</strong> is not in the list and used by" in editor.get(PAGE).text


def test_a_renamed_dimension_is_renamed_in_its_rules(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    asked = {"step": "rename", "name": "colour", "to": "shade", "note": "as the shop says"}
    page = editor.post(PAGE + "dimension/", asked, follow=True).text
    assert "colour is called shade now, in R04 as well" in page
    names = DefinitionsVersion.objects.latest("number").dimensions
    assert names.index("shade") == DIMENSIONS.index("colour") and "colour" not in names
    version = Rule.objects.get(code="R04").latest
    written = version_form(version)
    assert written["dimension"] == written["ladder"][0]["dimension"] == "shade"
    assert written["examples"][0]["dimension"] == "shade"
    assert version.note == "Dimension colour renamed to shade. as the shop says"
    assert Rule.objects.get(code="R01").latest.number == 1
    assert editor.post(PAGE + "dimension/", {**asked, "name": "shade", "to": "brand"}).status_code == 409
    services.release_create(corpus=corpus, actor=people.editor)
    assert "shade" in release_get(corpus, 2).dimensions


def test_versions_are_kept_told_and_restored(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    editor.post(PAGE + "save/", form({"L2": "Clash: hers."}, note="sharper"))
    editor.post(PAGE + "dimension/", {"step": "add", "name": "voltage"})
    page = editor.post(PAGE + "restore/2/", {"note": "too soon"}, follow=True).text
    assert "Version 2 stands again, as version 4" in page and "Restored version 2. too soon" in page
    assert "Editor" in page and "sharper" in page
    editor.post(PAGE + "restore/0/", {})
    newest = DefinitionsVersion.objects.latest("number")
    assert newest.number == 5 and newest.level_definitions == WORDS and newest.note == "Restored as released."
    assert editor.post(PAGE + "restore/77/").status_code == 404
    assert "Nothing differs" in editor.post(PAGE + "restore/5/", follow=True).text
    with pytest.raises(DatabaseError), transaction.atomic():
        DefinitionsVersion.objects.update(note="x")


def test_who_changed_the_levels_alone_does_not_sign_them_off(corpus, people, shop, client_for):
    editor, admin = client_for(people.editor), client_for(people.admin)
    editor.post(PAGE + "save/", form({"L2": "Clash: hers."}))
    admin.post(RELEASES + "new/")
    admin.post(RELEASES + "2/submit/")
    assert editor.post(RELEASES + "2/sign-off/").status_code == 403
    assert client_for(people.reviewer).post(RELEASES + "2/sign-off/").status_code == 302


def test_a_program_does_the_same(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    found = editor.get(API).json()
    assert found["version"] == 1 and found["used_by"]["colour"] == ["R04"]
    body = {"level_definitions": {"L2": "Clash: hers."}, "base": 1, "note": "why"}
    said = send(editor, "put", "", body).json()
    assert said["version"] == 2 and said["level_definitions"] == {**WORDS, "L2": "Clash: hers."}
    assert send(editor, "put", "", body).json()["error"]["code"] == "edit_clash"
    assert send(editor, "put", "", {"level_definitions": {"L2": ""}}).status_code == 400
    assert send(editor, "put", "", {"dimensions": [*DIMENSIONS, "Not A Name"]}).status_code == 422
    renamed = send(editor, "post", "rename/", {"dimension": "colour", "to": "shade"})
    assert renamed.json() == {"rules": ["R04"]}
    rows = editor.get(API + "versions/").json()["versions"]
    assert [(row["number"], row["author"]) for row in rows] == [(n, "Editor") for n in (3, 2, 1)]
    assert rows[1]["note"] == "why"
    refused = send(editor, "post", "versions/1/restore/", {"reason": "back"})
    assert refused.status_code == 409, "R04 uses shade by now"
    assert send(editor, "post", "versions/3/restore/").json()["version"] == 3


def test_a_file_travels_with_levels_and_dimensions_as_they_are_by_now(corpus, people, shop, client_for):
    editor = client_for(people.editor)
    editor.post(PAGE + "dimension/", {"step": "add", "name": "voltage"})
    document = services.rulebook_export(corpus=corpus)
    assert document["dimensions"][-1] == "voltage"
    assert services.rulebook_import(corpus=corpus, document=document, actor=people.editor).release is None
    document["level_definitions"]["L2"] = "Clash: from a file."
    outcome = services.rulebook_import(corpus=corpus, document=document, actor=people.editor, note="file")
    assert release_get(corpus, outcome.release).level_definitions["L2"] == "Clash: from a file."
    assert "Clash" in editor.get(PAGE).text and "<span>file</span>" in editor.get(PAGE).text


def test_only_rule_editors_and_admins_change_them(corpus, people, shop, client_for):
    annotator, outsider = client_for(people.annotator), client_for(people.outsider)
    page = annotator.get(PAGE).text
    assert "what was asked for." in page and "<form" not in page.split("<main")[1].split("</main>")[0]
    for url, posted in (
        ("save/", form({"L2": "x: y"})),
        ("dimension/", {"step": "add", "name": "voltage"}),
        ("restore/1/", {}),
    ):
        assert annotator.post(PAGE + url, posted).status_code == 403
        assert client_for(people.reviewer).post(PAGE + url, posted).status_code == 403
        assert outsider.post(PAGE + url, posted).status_code == 404
    assert outsider.get(PAGE).status_code == 404
    assert send(annotator, "put", "", {"dimensions": ["brand"]}).status_code == 403
    assert DefinitionsVersion.objects.count() == 1


def test_the_page_asks_a_fixed_number_of_queries(corpus, people, shop, client_for, django_assert_num_queries):
    client = client_for(people.editor)
    client.post(PAGE + "save/", form({"L2": "Clash: hers."}), follow=True)
    for size in (0, 25):
        many = [rule(EXACT, code=f"S{n:02d}", title=f"Rule {n}") for n in range(size)]
        services.rulebook_import(corpus=corpus, document=many, actor=people.editor)
        with django_assert_num_queries(8):
            assert "wrote meanwhile" not in client.get(PAGE).text
