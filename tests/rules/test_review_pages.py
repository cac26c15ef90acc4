"""Pages around a release: replay sets, plans, comments, news, presence, merging, bulk changes, one-key examples."""

import html
import json

import pytest

from rules import services
from rules.fields_text import fields_text
from rules.models import Comment, ReplaySet, Rule, RuleVersion
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import Notification

HOME = "/c/shop/rules/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


@pytest.fixture
def written(corpus, people, shop):
    for form in (BRAND, EXACT):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    return shop


def publish(editor, reviewer, number, **given):
    editor.post(HOME + "releases/new/", {"title": f"Number {number}"})
    editor.post(f"{HOME}releases/{number}/submit/")
    reviewer.post(f"{HOME}releases/{number}/sign-off/")
    return editor.post(f"{HOME}releases/{number}/publish/", given, follow=True)


def test_the_replay_gate_on_the_page(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    publish(editor, reviewer, 1)
    freeze = {"which": "named", "queries": "apple phone\nsony camera", "note": "before the sale"}
    assert editor.post(HOME + "releases/replay/new/", freeze).status_code == 403
    assert "4 pairs of 2 queries" in reviewer.post(HOME + "releases/replay/new/", freeze, follow=True).text
    assert reviewer.post(HOME + "releases/replay/new/", freeze).status_code == 409
    worse = rule(EXACT, ladder=[{"when": "query.brand == item.brand", "grade": "L1"}], examples=[])
    services.rule_edit(rule=Rule.objects.get(code="R02"), form=worse, actor=people.editor)
    response = publish(editor, reviewer, 2)
    assert response.status_code == 409 and "say why that is accepted" in response.text
    impact = editor.post(HOME + "releases/2/impact/").text
    assert "0.7500" in impact and "0.2500" in impact and "2 lost, 0 won" in impact and "apple phone" in impact
    page = editor.post(HOME + "releases/2/publish/", {"override": "agreed with the shop"}, follow=True).text
    assert "agreed with the shop" in page and "accepted a loss on replay set 1" in page
    assert ReplaySet.objects.count() == 1 and release_current(corpus).number == 2


def test_a_plan_is_made_shown_and_cancelled(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    editor.post(HOME + "releases/new/", {})
    editor.post(HOME + "releases/1/submit/")
    reviewer.post(HOME + "releases/1/sign-off/")
    plan = {"due_at": "2099-07-01T09:00", "time_zone": "Europe/Berlin"}
    page = editor.post(HOME + "releases/1/plan/", plan, follow=True).text
    assert "2099-07-01 09:00 CEST (UTC+0200), Europe/Berlin" in page and "Cancel the plan" in page
    assert reviewer.post(HOME + "releases/1/plan/", plan).status_code == 403
    assert "stays signed off" in editor.post(HOME + "releases/1/plan/cancel/", follow=True).text
    assert editor.post(HOME + "releases/1/plan/", {**plan, "time_zone": "Nowhere"}).status_code == 422


def test_comments_notices_and_their_deep_link(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    editor.post(HOME + "releases/new/", {})
    editor.post(HOME + "releases/1/submit/")
    say = {"rule": "R01", "text": "@[Editor] is this <i>right</i>?"}
    page = reviewer.post(HOME + "releases/1/comment/", say, follow=True).text
    assert '<span class="mention">@Editor</span> is this &lt;i&gt;right&lt;/i&gt;?' in page
    comment = Comment.objects.get()
    assert "1 unread" in editor.get("/notices/bell/").text
    listed = editor.get("/notices/").text
    assert "Reviewer mentions you on R01" in listed
    notice = Notification.objects.get(person=people.editor, kind="rules.mention")
    response = editor.post(f"/notices/{notice.pk}/open/")
    assert response.url == f"/c/shop/rules/releases/1/#comment-{comment.pk}"
    assert "unread" not in editor.get("/notices/bell/").text
    assert reviewer.post(f"/notices/{notice.pk}/open/").status_code == 404
    assert reviewer.post(HOME + "releases/1/comment/", {"text": "@[Outsider] x"}).status_code == 422
    assert client_for(people.annotator).post(HOME + "releases/1/comment/", say).status_code == 403
    assert client_for(people.outsider).post(HOME + "releases/1/comment/", say).status_code == 404
    reviewer.post(HOME + "rule/R01/comment/", {"text": "outside a release"})
    history = reviewer.get(HOME + "rule/R01/history/").text
    assert "outside a release" in history and "on v1" in history
    editor.post("/notices/read/")
    assert not Notification.objects.filter(person=people.editor, read_at=None).exists()


def test_notices_of_a_corpus_one_has_left_are_gone(corpus, people, written, client_for):
    client_for(people.editor).post(HOME + "releases/new/", {})
    client_for(people.editor).post(HOME + "releases/1/submit/")
    reviewer = client_for(people.reviewer)
    assert "waits for a second person" in reviewer.get("/notices/").text
    people.reviewer.memberships.all().delete()
    assert "waits for a second person" not in reviewer.get("/notices/").text


def test_news_is_shown_once(corpus, people, written, client_for):
    annotator = client_for(people.annotator)
    assert "<dialog" not in annotator.get(HOME + "news/").text
    publish(client_for(people.editor), client_for(people.reviewer), 1)
    assert "<dialog" not in annotator.get(HOME + "news/").text
    services.rule_edit(
        rule=Rule.objects.get(code="R01"), form=rule(title="Not that brand"), actor=people.editor
    )
    publish(client_for(people.editor), client_for(people.reviewer), 2)
    news = annotator.get(HOME + "news/").text
    assert "Not that brand" in news and "I have read this" in news and "Against release 1" in news
    annotator.post(HOME + "releases/2/acknowledge/", headers={"HX-Request": "true"})
    assert "<dialog" not in annotator.get(HOME + "news/").text
    assert client_for(people.outsider).get(HOME + "news/").status_code == 404


def test_two_editors_hear_of_each_other_and_merge(corpus, people, written, client_for):
    editor, admin = client_for(people.editor), client_for(people.admin)
    beat = HOME + "rule/R01/presence/"
    editor.post(beat, {"base": "1", "typing": "1"})
    assert "Editor</strong> is changing this rule" in admin.post(beat, {"base": "1"}).text
    services.rule_edit(
        rule=Rule.objects.get(code="R01"), form=rule(title="His words"), actor=people.editor, base=1
    )
    assert "saved version 2 meanwhile" in admin.post(beat, {"base": "1"}).text
    step = BRAND["ladder"][0]
    typed = {
        "title": "Her words",
        "base": "1",
        "dimension": "brand",
        "scope": "has(query.brand)",
        "note": "why",
    }
    typed |= {f"step_{name}": step[name] for name in step}
    response = admin.post(HOME + "rule/R01/edit/", typed)
    assert response.status_code == 409 and RuleVersion.objects.filter(rule__code="R01").count() == 2
    page = response.text
    assert "Take theirs: title" in page and 'value="Her words"' in page and "His words" in page
    admin.post(beat, {"left": "1"})
    assert "Admin" not in editor.post(beat, {"base": "2"}).text


def test_what_only_they_changed_is_not_undone_by_her_old_text(corpus, people, written, client_for):
    services.rule_edit(
        rule=Rule.objects.get(code="R01"),
        form=rule(**{**BRAND, "principle": "His principle.", "priority": 7}),
        actor=people.editor,
        base=1,
    )
    typed = as_posted(BRAND) | {"title": "Her words", "base": "1", "note": "why"}
    admin = client_for(people.admin)
    page = admin.post(HOME + "rule/R01/edit/", typed).text
    assert "What only they changed is taken over already." in page and "Only you changed: title." in page
    assert "Back to yours: principle" in page and "Where both changed" not in page
    assert 'name="priority" value="7"' in page and 'value="Her words"' in page
    again = admin.get(HOME + "rule/R01/edit/")  # signed in again, or the address gone to once more
    assert again.status_code == 405 and f'href="{HOME}rule/R01/"' in again.text
    taken = {**BRAND, "principle": "His principle.", "priority": 7, "title": "Her words"}
    assert admin.post(HOME + "rule/R01/edit/", as_posted(taken) | {"base": "2"}).status_code == 302
    assert RuleVersion.objects.get(rule__code="R01", number=3).priority == 7


def test_a_clash_of_unknown_origin_chooses_for_nobody(corpus, people, written, client_for):
    him = rule(**{**BRAND, "principle": "His principle."})
    services.rule_edit(rule=Rule.objects.get(code="R01"), form=him, actor=people.editor, base=1)
    typed = as_posted(BRAND) | {"base": "99"}
    page = client_for(people.admin).post(HOME + "rule/R01/edit/", typed).text
    assert "Take theirs: principle" in page and "taken over already" not in page


def as_posted(form):
    """A rule as the editor's form sends it back."""
    plain = ("title", "principle", "dimension", "capability", "scope", "priority")
    posted = {name: form[name] for name in plain if name in form}
    rows = {
        "step": ("ladder", ("when", "grade", "dimension", "reason")),
        "example": ("examples", ("query", "item", "grade", "dimension", "note")),
    }
    for kind, (row, names) in rows.items():
        for name in names:
            values = [one.get(name) or "" for one in form[row]]
            posted[f"{kind}_{name}"] = [fields_text(v) if isinstance(v, dict) else v for v in values]
    return posted


def test_a_clash_in_rows_keeps_both_texts(corpus, people, written, client_for):
    kept = [{**BRAND["examples"][0], "note": "only the note differs"}, BRAND["examples"][1]]
    steps = [
        *BRAND["ladder"],
        {"when": "item.color == 'red'", "grade": "L1", "dimension": "", "reason": "red"},
    ]
    rows = Rule.objects.get(code="R01")
    services.rule_edit(rule=rows, form=rule(ladder=steps, examples=kept), actor=people.editor, base=1)
    typed = {"title": "Hers", "base": "1", "step_when": "false", "step_grade": "L3", "step_reason": "mine"}
    typed |= {"example_query": "brand: A", "example_item": "brand: B", "example_note": "my own"}
    response = client_for(people.admin).post(HOME + "rule/R01/edit/", typed)
    page = response.text
    assert response.status_code == 409 and 'name="base" value="2"' in page
    for text in ("only the note differs", "item.color == &#x27;red&#x27;", "my own", "mine", "when false"):
        assert text in page
    rows_of = {
        part: page.split(f'data-take="{part}" data-value="')[1].split('"')[0] for part in ("step", "example")
    }
    theirs = {part: json.loads(html.unescape(text)) for part, text in rows_of.items()}
    assert [text for name, text in theirs["step"] if name == "step_reason"] == [
        BRAND["ladder"][0]["reason"],
        "red",
    ]
    assert ["example_note", "only the note differs"] in theirs["example"]
    assert ["example_query", "brand: Apple"] in theirs["example"]
    assert RuleVersion.objects.filter(rule__code="R01").count() == 2


def test_the_list_is_searched_by_author_and_by_a_pair(corpus, people, written, client_for):
    annotator = client_for(people.annotator)
    services.rule_edit(rule=Rule.objects.get(code="R02"), form=rule(EXACT, title="Met"), actor=people.admin)
    page = annotator.get(HOME, {"author": people.admin.pk}).text
    assert "Met" in page and "Another brand" not in page
    page = annotator.get(HOME, {"pair": written.pairs["apple", "B"].pk}).text
    assert "Another brand" in page and ">Met<" not in page and "Sony camera" in page
    assert annotator.get(HOME, {"pair": "99999999"}).status_code == 404
    assert annotator.get(HOME, {"author": "x"}).status_code == 200


def test_bulk_changes_are_confirmed_first(corpus, people, written, client_for):
    editor = client_for(people.editor)
    asked = {"rule": ["R01", "R02"], "change": "priority", "value_priority": "5"}
    page = editor.post(HOME + "change/", asked).text
    assert "Shift priority by 5: 2 rules" in page and RuleVersion.objects.count() == 2
    done = {"rule": ["R01", "R02"], "change": "priority", "value": "5", "confirmed": "1", "note": "order"}
    assert "2 rules changed" in editor.post(HOME + "change/", done, follow=True).text
    assert RuleVersion.objects.filter(priority=5, note="order").count() == 2
    assert client_for(people.annotator).post(HOME + "change/", done).status_code == 403


def test_the_reason_of_a_bulk_change_stands_in_each_rules_history(corpus, people, written, client_for):
    editor = client_for(people.editor)
    services.release_create(corpus=corpus, actor=people.editor)
    for change, value, why in (
        ("release", "1", "ready at last"),
        ("retire", "", "out of season"),
        ("revive", "", "spring again"),
        ("dimension", "colour", "filed anew"),
    ):
        services.rule_edit(rule=Rule.objects.get(code="R01"), form=rule(title=why), actor=people.editor)
        asked = {"rule": ["R01"], "change": change, "value": value, "confirmed": "1", "note": why}
        assert editor.post(HOME + "change/", asked, follow=True).status_code == 200
    page = client_for(people.annotator).get(HOME + "rule/R01/history/").text
    for what, why in (
        ("Put into draft release 1", "ready at last"),
        ("Retired: left out of the releases to come", "out of season"),
        ("Taken back in", "spring again"),
    ):
        assert f"<strong>{what}</strong>" in page and f"<p>{why}</p>" in page
    assert "<p>filed anew</p>" in page
    events = editor.get("/api/v1/corpora/shop/rules/by-code/R01/versions/").json()["events"]
    assert [(row["by"], row["reason"]) for row in events] == [
        ("Editor", "spring again"), ("Editor", "out of season"), ("Editor", "ready at last"),
    ]  # fmt: skip


def test_what_is_said_with_a_step_stands_in_the_releases_discussion(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    editor.post(HOME + "releases/new/", {})
    editor.post(HOME + "releases/1/submit/")
    reviewer.post(HOME + "releases/1/return/", {"reason": "R02 has <no> example"})
    editor.post(HOME + "releases/1/submit/")
    reviewer.post(HOME + "releases/1/sign-off/", {"comment": "fine now, @[Editor]"})
    said = editor.get(HOME + "releases/1/").text.split('id="h-said"')[1]
    assert "returned to draft</span>" in said and "R02 has &lt;no&gt; example" in said
    assert said.index("signed off</span>") < said.index('fine now, <span class="mention">@Editor')
    told = Notification.objects.filter(person=people.editor).order_by("id").values_list("kind", flat=True)
    assert list(told) == ["rules.returned", "rules.mention", "rules.signed_off"]
    rows = editor.get("/api/v1/corpora/shop/releases/1/comments/").json()["comments"]
    assert [row["step"] for row in rows] == ["return", "sign_off"]


def test_the_one_key_dialog_offers_what_fires_first(corpus, people, written, client_for):
    editor, pair = client_for(people.editor), written.pairs["apple", "B"]
    page = editor.get(HOME + "examples/new/", {"pair": pair.pk}).text
    assert page.index("R01") < page.index("R02") and "fires on this pair" in page
    assert '<option value="L2" selected>' in page
    given = {"pair": pair.pk, "rule": "R01", "grade": "L2", "note": "triage"}
    response = editor.post(HOME + "examples/", given, headers={"HX-Request": "true"})
    assert "version 2" in response.text
    assert RuleVersion.objects.get(number=2).examples.filter(pair=pair, grade=2).exists()
    assert editor.post(HOME + "examples/", given).status_code == 409
    assert client_for(people.reviewer).post(HOME + "examples/", given).status_code == 403


def test_any_two_versions_side_by_side(corpus, people, written, client_for):
    for title in ("Two", "Three"):
        services.rule_edit(rule=Rule.objects.get(code="R01"), form=rule(title=title), actor=people.editor)
    page = client_for(people.annotator).get(HOME + "rule/R01/history/", {"from": "1", "to": "3"}).text
    side = page[page.index("h-compare") :]
    assert 'class="rules-gone">Another brand' in side and 'class="rules-new">Three' in side


def test_the_release_page_shows_differences_side_by_side(corpus, people, written, client_for):
    editor = client_for(people.editor)
    publish(editor, client_for(people.reviewer), 1)
    services.rule_edit(rule=Rule.objects.get(code="R01"), form=rule(title="Two"), actor=people.editor)
    editor.post(HOME + "releases/new/", {})
    assert "<ins>Two</ins>" in editor.get(HOME + "releases/2/").text
    assert 'class="rules-new">Two' in editor.get(HOME + "releases/2/?diff=side").text


def test_a_return_says_why(corpus, people, written, client_for):
    editor, reviewer = client_for(people.editor), client_for(people.reviewer)
    editor.post(HOME + "releases/new/", {})
    editor.post(HOME + "releases/1/submit/")
    assert reviewer.post(HOME + "releases/1/return/").status_code == 422
    assert "Back to draft" in reviewer.post(HOME + "releases/1/return/", {"reason": "x"}, follow=True).text
    assert "returned release 1: x" in editor.get("/notices/").text


def test_the_list_of_a_thousand_rules_asks_a_fixed_number_of_queries(
    corpus, people, client_for, django_assert_num_queries
):
    client = client_for(people.editor)
    counts = []
    for size in (5, 1000):
        codes = range(Rule.objects.count() + 1, size + 1)
        rules = Rule.objects.bulk_create(Rule(corpus=corpus, code=f"R{n:04d}") for n in codes)
        versions = RuleVersion.objects.bulk_create(
            RuleVersion(rule=row, number=1, title=f"Rule {row.code}", dimension="brand", author=people.editor,
                        ladder=BRAND["ladder"], content_hash="x") for row in rules
        )  # fmt: skip
        for row, version in zip(rules, versions, strict=True):
            row.latest = version
        Rule.objects.bulk_update(rules, ["latest"], batch_size=500)
        counts.append(size)
        with django_assert_num_queries(9):
            assert f"Rule R{min(size, 100):04d}" in client.get(HOME).text
    assert counts == [5, 1000]
