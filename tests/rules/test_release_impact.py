"""What a release would do to a large corpus, kept by its job; and what going back to one would do, before the click."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from rules import selectors, services
from rules.models import Publication, Rule
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT, rule, stock
from tests.rules.test_review_services import WRONG, frozen, published, signed
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job

HOME = "/c/shop/rules/releases/"
API = "/api/v1/corpora/shop/releases/"
JOBS = Job.objects.filter(kind="rules.release_impact")
SONY = rule(EXACT, code="R03", ladder=[{"when": "item.brand == 'Sony'", "grade": "L4"}], examples=[])


@pytest.fixture
def shop(corpus: Any) -> SimpleNamespace:
    return stock(corpus)


@pytest.fixture
def large(monkeypatch: Any) -> None:
    monkeypatch.setattr(selectors, "LARGE", 1)


def run(kind: str = "rules.release_impact") -> str:
    return job_run(Job.objects.filter(kind=kind, state="queued").latest("created_at").pk)


def test_a_draft_of_a_large_corpus_is_compared_once_and_shown(corpus, people, shop, client_for, large):
    for form in (rule(BRAND), SONY):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    editor = client_for(people.editor)
    editor.post(HOME + "new/")
    assert "has not been held against the corpus yet" in editor.get(HOME + "1/impact/").text
    assert not JOBS.exists(), "a look asks for nothing"
    for _ in range(2):
        page = editor.post(HOME + "1/impact/", headers={"HX-Request": "true"}).text
    assert JOBS.count() == 1 and "every 3s" in page and 'aria-busy="true"' in page
    assert run() == "done"
    page = editor.get(HOME + "1/impact/").text
    assert "every 3s" not in page and "Compared" in page and "Out of date" not in page
    assert "<strong>3</strong> of 6 pairs" in page and "none → L2" in page
    assert "<strong>R01 and R03</strong> stand on opposite sides" in page and "apple phone" in page
    assert "has no example" in page
    job = JOBS.get()
    assert (job.progress_done, job.progress_total) == (6, 6)


def test_an_outcome_says_what_moved_since_and_can_be_had_again(corpus, people, shop, client_for, large):
    published(corpus, people, BRAND)
    second, third = signed(corpus, people, EXACT), signed(corpus, people, rule(title="Brand differs"))
    for release in (second, third):
        job = JOBS.filter(arguments__release=release.pk).latest("created_at")
        assert job_run(job.pk) == "done"
    editor = client_for(people.editor)
    assert "Out of date" not in editor.get(HOME + "3/impact/").text
    services.release_publish(release=second, actor=people.editor)
    JOBS.filter(state="queued").update(state="cancelled")  # no worker has come to it
    assert "since this comparison another release came into force" in editor.get(HOME + "3/impact/").text
    services.replay_set_create(corpus=corpus, actor=people.reviewer, queries=["apple phone"])
    body = editor.get(API + "3/impact/").json()
    assert body["out_of_date"] == ["another release came into force", "a new replay set was frozen"]
    first = editor.post(API + "3/impact/")
    again = editor.post(API + "3/impact/")
    assert first.status_code == 202 and first.json() == again.json()
    assert run() == "done"
    body = editor.get(API + "3/impact/").json()
    assert body["out_of_date"] == [] and body["changed"] == 0 and body["replay"]["n"] == 2


def test_one_that_was_never_compared_says_so_by_program(corpus, people, shop, client_for, large):
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    editor = client_for(people.editor)
    editor.post(HOME + "new/")
    refused = editor.get(API + "1/impact/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "not_compared")
    assert client_for(people.outsider).post(API + "1/impact/").status_code == 404


def test_publishing_and_going_back_on_a_large_corpus_are_joined(corpus, people, shop, client_for, large):
    first = published(corpus, people, BRAND)
    second = signed(corpus, people, EXACT)
    editor = client_for(people.editor)
    for _ in range(2):
        page = editor.post(HOME + "2/publish/", {"reason": "now"}, follow=True).text
    assert Job.objects.filter(kind="rules.release_publish").count() == 1 and "under way already" in page
    assert run("rules.release_publish") == "done" and release_current(corpus) == second
    for _ in range(2):
        editor.post(HOME + "1/rollback/", {"reason": "too kind"})
    assert Job.objects.filter(kind="rules.release_rollback").count() == 1
    assert run("rules.release_rollback") == "done" and release_current(corpus) == first


def test_a_roll_back_that_a_job_refuses_is_told_at_once(corpus, people, shop, client_for, large):
    published(corpus, people, BRAND)
    published(corpus, people, EXACT)
    frozen(corpus, people)
    editor = client_for(people.editor)
    editor.post(HOME + "1/rollback/", {"reason": "too kind"})
    assert run("rules.release_rollback") == "failed" and release_current(corpus).number == 2
    assert "say why that is accepted" in editor.get(HOME + "1/rollback/").text
    editor.post(HOME + "1/rollback/", {"reason": "too kind", "override": "in an emergency"})
    assert run("rules.release_rollback") == "done" and release_current(corpus).number == 1


def test_what_going_back_would_change_stands_on_its_page(corpus, people, shop, client_for):
    published(corpus, people, BRAND)
    published(corpus, people, EXACT)
    frozen(corpus, people)
    editor = client_for(people.editor)
    assert "rollback/" in editor.get(HOME + "1/").text and "rollback/" not in editor.get(HOME + "2/").text
    page = editor.get(HOME + "1/rollback/").text
    assert "Release 2 stops counting at once" in page and "impact/" in page
    found = editor.get(HOME + "1/impact/").text
    assert "<strong>2</strong> of 6 pairs" in found and "L4 → none" in found
    assert "Going back to it needs a reason of its own" in found
    assert "is in force" in editor.get(HOME + "2/rollback/").text
    assert Publication.objects.count() == 2


def test_a_loss_needs_a_reason_of_its_own_and_nothing_typed_is_lost(corpus, people, shop, client_for):
    published(corpus, people, BRAND)
    published(corpus, people, EXACT)
    frozen(corpus, people)
    editor = client_for(people.editor)
    refused = editor.post(HOME + "1/rollback/", {"reason": "too <kind>"})
    assert refused.status_code == 409 and "loses more than" in refused.text
    assert 'value="too &lt;kind&gt;"' in refused.text and release_current(corpus).number == 2
    body = json.dumps({"reason": "too kind"})
    by_program = editor.post(API + "1/rollback/", body, content_type="application/json")
    assert (by_program.status_code, by_program.json()["error"]["code"]) == (409, "replay_loss")
    assert by_program.json()["error"]["replay"]["lost"] == 2
    editor.post(HOME + "1/rollback/", {"reason": "too kind", "override": "the shop is down"})
    assert release_current(corpus).number == 1
    entry = AuditEntry.objects.get(action="release.replay_override")
    assert entry.data["reason"] == "the shop is down" and entry.actor == people.editor


@pytest.fixture
def outgrown(corpus: Any, people: SimpleNamespace, shop: SimpleNamespace) -> None:
    """Release 1, in which two rules meet on a pair that came after it; release 2 settled that."""
    pair = shop.pairs["apple", "B"]
    type(pair).objects.filter(pk=pair.pk).delete()
    release = signed(corpus, people, BRAND, SONY)
    given = {"accepted": "nobody asks for Apple and finds Sony", "unchecked": "no worker runs here"}
    services.release_publish(release=release, actor=people.editor, **given)
    published(corpus, people, rule(SONY, yields_to=["R01"]))
    type(pair).objects.create(corpus=corpus, query=pair.query, item=pair.item)


def test_what_would_block_a_release_blocks_a_roll_back_but_for_a_reason(outgrown, corpus, people, client_for):
    editor = client_for(people.editor)
    assert "R01 and R03" in editor.get(HOME + "1/impact/").text
    refused = editor.post(HOME + "1/rollback/", {"reason": "prices are wrong", "override": "all of it"})
    assert refused.status_code == 409 and "R01 and R03 stand on opposite sides" in refused.text
    assert release_current(corpus).number == 2
    body = json.dumps({"reason": "prices are wrong", "accepted": "worse as it is"})
    done = editor.post(API + "1/rollback/", body, content_type="application/json")
    assert done.status_code == 200 and release_current(corpus).number == 1
    entry = AuditEntry.objects.filter(action="release.findings_override").latest("id")
    assert entry.data["reason"] == "worse as it is" and "R01 and R03" in entry.data["findings"][0]
    page = editor.get(HOME + "1/").text
    assert "accepted what stood in the way" in page and "worse as it is" in page


def test_a_publication_that_is_refused_keeps_what_was_typed(corpus, people, shop, client_for):
    published(corpus, people, BRAND, EXACT)
    frozen(corpus, people)
    signed(corpus, people, WRONG)
    refused = client_for(people.editor).post(HOME + "2/publish/", {"reason": 'a "note"'})
    assert refused.status_code == 409 and "loses more than" in refused.text
    assert 'value="a &quot;note&quot;"' in refused.text and Rule.objects.count() == 2
