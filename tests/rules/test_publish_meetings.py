"""Rules that can meet on a pair no corpus holds yet, and checks that have not come in: refused, or taken upon oneself."""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from catalog.models import Item, ItemPayload, ItemVersion
from rules import services
from rules.expected import check_expect, checks_expected
from rules.meetings import CHECK
from rules.models import PublishCheck, Release
from rules.selectors import release_current
from rules.services.checks import check_write
from tests.rules.shop import BRAND, EXACT, rule, stock
from tests.rules.test_review_services import published, signed
from webapp.common.errors import Conflict
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job

HOME, API = "/c/shop/rules/releases/", "/api/v1/corpora/shop/releases/"
# no item of the shop is violet, so no pair brings these two together; a violet one of another brand would
VIOLET = rule(
    EXACT,
    code="R03",
    title="Violet",
    scope="has(item.color)",
    ladder=[{"when": 'item.color == "violet"', "grade": "L4"}],
    examples=[],
)
# of the length of a title lint makes nothing; static analysis brings queries and items together that are no pair yet
FULL = rule(
    EXACT,
    code="R04",
    scope='query.text.startsWith("apple")',
    ladder=[{"when": "size(item.title) > 40", "grade": "L1"}],
    examples=[],
)
SHORT = rule(
    EXACT,
    code="R05",
    scope='query.text.endsWith("phone")',
    ladder=[{"when": 'item.title.contains("leather")', "grade": "L4"}],
    examples=[],
)
LONG = "A sleeve of soft brown leather that holds a phone"


@pytest.fixture(autouse=True)
def shop(corpus: Any) -> SimpleNamespace:
    """The small shop with a sleeve that no query has been shown with."""
    found = stock(corpus)
    sleeve = Item.objects.create(corpus=corpus, external_id="L")
    version = ItemVersion.objects.create(item=sleeve, content_hash="L", title=LONG, category="thing")
    ItemPayload.objects.create(version=version, attributes={})
    Item.objects.filter(pk=sleeve.pk).update(current=version)
    return found


def look(release: Release) -> PublishCheck:
    job = Job.objects.filter(kind="rules.release_meetings", arguments__release=release.pk).latest(
        "created_at"
    )
    assert job_run(job.pk) == "done"
    return PublishCheck.objects.get(release=release, name=CHECK)


def test_rules_that_can_meet_are_refused_with_the_pair_and_the_mend(corpus, people, client_for):
    release = signed(corpus, people, BRAND, VIOLET)
    check = look(release)
    assert not check.ok and check.blocking and "1 of 1 open pairs of rules can meet" in check.message
    (met,) = check.content["witnesses"]
    assert met["item"]["color"] == "violet" and met["query"]["brand"] != met["item"]["brand"]
    editor = client_for(people.editor)
    refused = editor.post(HOME + "1/publish/", {"reason": "a note"})
    assert refused.status_code == 409 and "R01 and R03 can meet" in refused.text
    assert "let one yield to the other" in refused.text and 'name="accepted"' in refused.text
    by_program = editor.post(API + "1/publish/", "{}", content_type="application/json")
    assert (by_program.status_code, by_program.json()["error"]["code"]) == (409, "meetings")
    assert release_current(corpus) is None
    page = editor.get(HOME + "1/").text
    assert "item.color" in page and "violet" in page


def test_they_are_published_once_one_yields_or_somebody_says_why(corpus, people, client_for):
    look(signed(corpus, people, BRAND, VIOLET))
    editor = client_for(people.editor)
    body = json.dumps({"accepted": "the shop sells nothing violet"})
    assert editor.post(API + "1/publish/", body, content_type="application/json").status_code == 200
    entry = AuditEntry.objects.get(action="release.findings_override")
    assert (
        entry.data["reason"] == "the shop sells nothing violet" and "R01 and R03" in entry.data["findings"][0]
    )
    assert "the shop sells nothing violet" in editor.get(HOME + "1/").text
    second = signed(corpus, people, rule(VIOLET, yields_to=["R01"]))
    assert CHECK not in second.checks.values_list("name", flat=True)
    assert editor.post(HOME + "2/publish/").status_code == 302
    assert AuditEntry.objects.filter(action="release.findings_override").count() == 1


def test_what_only_static_analysis_brings_together_is_awaited_and_refused(corpus, people, client_for):
    release = signed(corpus, people, FULL, SHORT)
    editor = client_for(people.editor)
    assert "Not in yet" in editor.get(HOME + "1/").text
    refused = editor.post(HOME + "1/publish/")
    assert refused.status_code == 409 and "Not every check has come in: beyond the corpus" in refused.text
    check = look(release)
    assert not check.ok and check.content["witnesses"] == [
        {"left": "R04", "right": "R05", "query": {"text": "apple phone"}, "item": {"title": LONG}}
    ]
    assert "R04 and R05 can meet" in editor.post(HOME + "1/publish/").text


def test_a_book_published_in_one_call_is_looked_at_afterwards(corpus, people, client_for):
    document = {"rules": [FULL, SHORT]}
    made = services.rulebook_publish(corpus=corpus, document=document, author=None, reviewer=None)
    entry = AuditEntry.objects.get(action="release.checks_override")
    assert entry.data["findings"] == [CHECK] and "in one call" in entry.data["reason"]
    check = look(made.release)
    assert not check.ok and not check.blocking and len(check.content["witnesses"]) == 1
    with pytest.raises(Conflict) as refusal:
        services.rulebook_publish(
            corpus=corpus, document={"rules": [BRAND, VIOLET]}, author=None, reviewer=None
        )
    assert refusal.value.code == "meetings" and release_current(corpus) == made.release


def test_what_an_earlier_study_said_of_the_same_rules_is_taken_over(corpus, people):
    look(signed(corpus, people, FULL, SHORT))
    job = Job.objects.get(kind="rules.release_meetings")
    job.result["answers"][0]["query"] = {"text": "apple kept phone"}
    job.save()
    again = look(signed(corpus, people, rule(BRAND, priority=5)))
    assert again.content["witnesses"][0]["query"] == {"text": "apple kept phone"}
    afresh = look(signed(corpus, people, rule(SHORT, title="Another wording")))
    assert afresh.content["witnesses"][0]["query"] != {"text": "apple kept phone"}


# no text matches the one and begins as the other asks; a pattern is no theory of the solver's, so it cannot prove that
TEN = rule(FULL, ladder=[{"when": 'query.text.matches("^x{10}$")', "grade": "L1"}], scope="has(query.text)")
OTHER = rule(SHORT, ladder=[{"when": 'query.text.startsWith("y")', "grade": "L4"}], scope="has(query.text)")


def test_what_is_not_decided_is_counted_and_stands_in_nobodys_way(corpus, people, client_for):
    check = look(signed(corpus, people, TEN, OTHER))
    assert check.ok and "1 not decided in the time given" in check.message
    assert check.content["undecided"] == [["R04", "R05"]]
    editor = client_for(people.editor)
    assert "1 not decided" in editor.get(HOME + "1/").text
    assert editor.post(HOME + "1/publish/").status_code == 302


@pytest.fixture
def awaited(corpus: Any, people: SimpleNamespace) -> Any:
    """Release 1, signed off; a room above has said that it will write its check."""
    from rules import expected  # noqa: PLC0415

    wanted = {"wanted": True}
    check_expect("a room above", lambda release: wanted["wanted"])
    yield SimpleNamespace(release=signed(corpus, people, BRAND), room=wanted)
    expected._wanted.pop("a room above")


def test_a_check_that_is_not_in_is_waited_for_until_it_is(awaited, corpus, people, client_for):
    editor = client_for(people.editor)
    refused = editor.post(HOME + "1/publish/", {"reason": "now"})
    assert refused.status_code == 409 and "Not every check has come in: a room above" in refused.text
    assert 'name="unchecked"' in refused.text and 'value="now"' in refused.text
    check_write(release=awaited.release, name="a room above", ok=True, blocking=False, message="Fine.")
    assert editor.post(HOME + "1/publish/").status_code == 302
    assert not AuditEntry.objects.filter(action="release.checks_override").exists()


def test_without_a_worker_a_reason_is_the_way_on(awaited, corpus, people, client_for):
    editor = client_for(people.editor)
    refused = editor.post(API + "1/publish/", "{}", content_type="application/json").json()["error"]
    assert (refused["code"], refused["checks"]) == ("checks_missing", ["a room above"])
    assert editor.post(HOME + "1/publish/", {"unchecked": "the machine is down"}).status_code == 302
    entry = AuditEntry.objects.get(action="release.checks_override")
    assert entry.data == {"reason": "the machine is down", "findings": ["a room above"]}
    page = editor.get(HOME + "1/").text
    assert "did not wait for a room above" in page and "Not in when the release was published" in page


def test_nobody_waits_for_what_nobody_would_write(awaited, corpus, people, client_for):
    awaited.room["wanted"] = False
    editor = client_for(people.editor)
    assert editor.post(HOME + "1/publish/").status_code == 302
    assert "a room above" not in editor.get(HOME + "1/").text


def test_a_plan_is_held_to_the_same_checks_and_takes_the_same_reasons(awaited, corpus, people, client_for):
    given = {"release": awaited.release, "due_at": timezone.now() + timedelta(hours=1), "time_zone": "UTC"}
    plan = services.publication_plan_create(**given, actor=people.editor)
    services.publication_plan_run(plan=plan)
    assert plan.state == "refused" and "a room above" in plan.outcome and release_current(corpus) is None
    form = {"due_at": "2099-01-01T08:00", "time_zone": "UTC", "unchecked": "the machine is down"}
    client_for(people.editor).post(HOME + "1/plan/", form)
    again = awaited.release.plans.latest("id")
    assert again.unchecked == "the machine is down"
    services.publication_plan_run(plan=again)
    assert again.state == "done" and release_current(corpus) == awaited.release


def test_another_publication_asks_every_room_again(awaited, corpus, people):
    check_write(release=awaited.release, name="a room above", ok=True, blocking=False, message="Fine.")
    other = signed(corpus, people, rule(EXACT, code="R08"))
    services.release_publish(release=other, actor=people.editor, unchecked="elsewhere")
    assert PublishCheck.objects.get(release=awaited.release, name="a room above").content == {"pending": True}


def test_rules_that_facts_keep_apart_wait_for_no_study(corpus, people):
    release = published(corpus, people, BRAND, EXACT)
    assert CHECK not in checks_expected(release)
    with pytest.raises(Conflict, match="published already"):
        services.release_publish(release=release, actor=people.editor)
