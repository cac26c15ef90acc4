"""Pages through the door: roles, the working page with and without a script, injection, query counts."""

import re
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation import services
from annotation.models import Campaign, Flag, Judgment, PairBelief, Skip, Slot
from annotation.selectors import PairChoice, effective_judgments, pairs_chosen
from annotation.selectors.triage import rule_feedback
from annotation.views.answers import AHEAD
from catalog.models import ItemPayload, ItemVersion
from webapp.common.models import AuditEntry

from .conftest import Judge, begun, pairs_make, reasonings_make

JSON = {"Accept": "application/json"}
ClientFor = Callable[[Any], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"annotation:{name}", args=["shop", *args])


def fields(campaign: Campaign, person: Any, shop: SimpleNamespace, **values: Any) -> dict[str, Any]:
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    given = {
        "key": str(uuid.uuid4()),
        "slot": slot.pk,
        "lease": str(slot.lease),
        "release": shop.release.pk,
        "grade": "4",
    }
    return {**given, "have": "", **values}


PAGES = [
    ("annotation_home", {"annotator", "reviewer", "editor", "admin"}),
    ("history_list", {"annotator", "reviewer", "editor", "admin"}),
    ("campaign_list", {"reviewer", "admin"}),
    ("campaign_create", {"reviewer", "admin"}),
    ("agreement_detail", {"reviewer", "admin", "editor"}),
    ("adjudication_list", {"reviewer"}),
    ("export_list", {"reviewer", "admin"}),
    ("triage_list", {"reviewer", "editor", "admin"}),
    ("campaign_detail", {"reviewer", "admin"}),
    ("campaign_grade", {"annotator", "reviewer"}),
]


@pytest.mark.parametrize(("name", "allowed"), PAGES)
def test_each_page_opens_for_its_roles_alone(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge, name: str, allowed: set[str]
) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, shop.people.annotator, grade=4)
    judge(campaign, shop.people.reviewer, grade=1)
    address = url(name, *([campaign.pk] if name in {"campaign_detail", "campaign_grade"} else []))
    for role in ("annotator", "reviewer", "editor", "admin"):
        response = client_for(getattr(shop.people, role)).get(address)
        assert response.status_code == (200 if role in allowed else 403), role
    assert client_for(shop.people.outsider).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_an_id_of_another_corpus_leads_nowhere(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign = shop.campaign()
    other = reverse("annotation:campaign_grade", args=["elsewhere", campaign.pk])
    assert client_for(shop.people.outsider).get(other).status_code in {403, 404}
    elsewhere = services.campaign_create(
        corpus=shop.people.outsider.memberships.get().corpus,
        name="Theirs",
        actor=None,
        pairs=[pair.pk for pair in pairs_make(shop.people.outsider.memberships.get().corpus, 1)],
    )
    slot = Slot.objects.get(campaign=elsewhere)
    sent = fields(campaign, shop.people.annotator, shop, slot=slot.pk)
    response = client_for(shop.people.annotator).post(url("judgment_submit", campaign.pk), sent, headers=JSON)
    assert response.status_code == 404 and not Judgment.objects.exists()


def test_the_working_page_shows_what_helps(shop: SimpleNamespace, client_for: ClientFor) -> None:
    body = begun(client_for(shop.people.annotator), shop.campaign())
    assert "Evening <mark>dress</mark> 0 red" in body
    assert "R01" in body and "it is red" in body and "A named colour is what the person wants." in body
    assert body.count("<template data-slot") == AHEAD - 1


def test_looking_gives_nothing_out_and_asking_does(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    looked = client.get(url("campaign_grade", campaign.pk)).content.decode()
    assert "Begin</button>" in looked and "Evening" not in looked
    assert client.get(url("subject_next", campaign.pk)).status_code == 405
    assert not Slot.objects.exclude(state="open").exists()
    assert "Evening <mark>dress</mark>" in begun(client, campaign)
    held = set(
        Slot.objects.filter(person=shop.people.annotator, state="leased").values_list("pk", "lease_until")
    )
    assert len(held) == AHEAD
    again = client.get(url("campaign_grade", campaign.pk)).content.decode()
    assert again.count("<template data-slot") == AHEAD - 1
    assert held == set(Slot.objects.filter(state="leased").values_list("pk", "lease_until"))


def test_blind_and_gold_subjects_show_no_rule(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign = shop.campaign(blind_share=1.0)
    client = client_for(shop.people.annotator)
    body = begun(client, campaign)
    # as a word: tokens against forgery are letters at random
    assert not re.search(r"\bR01\b", body) and "Judged blind" in body
    sent = fields(campaign, shop.people.annotator, shop)
    assert client.post(url("judgment_submit", campaign.pk), sent, headers=JSON).status_code == 200
    assert Judgment.objects.get().blind


def test_an_answer_brings_the_next_subject_in_few_queries(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    client = client_for(me)
    held = [slot.pk for slot in services.slots_hold(campaign=campaign, person=me, want=AHEAD)]
    for number in range(2):  # the first one warms what a process keeps: the compiled rulebook
        sent = fields(campaign, me, shop, slot=held[number], have=",".join(map(str, held[number + 1 :])))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.post(url("judgment_submit", campaign.pk), sent, headers=JSON)
        body = response.json()
        assert len(body["subjects"]) == 1 and body["subjects"][0]["slot"] not in held
        held.append(body["subjects"][0]["slot"])
    assert body["done"] == 2
    assert len(queries) == QUERIES_SUBMIT_AND_NEXT


QUERIES_SUBMIT_AND_NEXT = 23  # of which four are savepoints: a test runs in a transaction of its own


def test_without_a_script_the_form_works_and_keeps_what_was_typed(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    sent = fields(campaign, shop.people.annotator, shop, grade="2", comment="surely blue", key="")
    refused = client.post(url("judgment_submit", campaign.pk), sent)
    assert refused.status_code == 422 and "surely blue" in refused.content.decode()
    done = client.post(url("judgment_submit", campaign.pk), {**sent, "dimension": "colour"}, follow=True)
    assert done.status_code == 200
    row = Judgment.objects.get()
    assert (row.grade, row.dimension, row.note.comment) == (2, "colour", "surely blue")
    client.post(url("answer_undo", campaign.pk))
    assert not effective_judgments(shop.corpus).exists()


def test_going_against_the_rules_wants_a_reason(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    sent = fields(campaign, shop.people.annotator, shop, allowed="2", rules_shown="R01")
    refused = client.post(url("judgment_submit", campaign.pk), sent, headers=JSON)
    assert refused.status_code == 422 and refused.json()["error"]["code"] == "reason_needed"
    sent["disagreement"] = "item_wrong"
    assert client.post(url("judgment_submit", campaign.pk), sent, headers=JSON).status_code == 200
    row = Judgment.objects.get()
    assert row.disagreement == "item_wrong" and row.rules_shown == ["R01"]


def test_skip_and_flag(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    slot = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)[0]
    flag = {"slot": slot.pk, "comment": "R01 misreads burgundy", "rule": "R01"}
    assert client.post(url("flag_raise", campaign.pk), flag, headers=JSON).status_code == 200
    assert Flag.objects.get().rule is not None and AuditEntry.objects.filter(action="flag.raise").exists()
    assert (
        client.post(
            url("slot_skip", campaign.pk), {"slot": slot.pk, "reason": "unsure"}, headers=JSON
        ).status_code
        == 200
    )
    assert Skip.objects.get().reason == "unsure"
    assert (
        client.post(
            url("slot_skip", campaign.pk), {"slot": slot.pk, "reason": "mood"}, headers=JSON
        ).status_code
        == 422
    )


def test_flags_and_disagreements_reach_the_rule_editors(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign, editor = shop.campaign(), client_for(shop.people.editor)
    judge(
        campaign,
        shop.people.annotator,
        rules_shown=["R01"],
        disagreement="rule_wrong",
        comment="burgundy is red",
    )
    judge(campaign, shop.people.annotator, rules_shown=["R01"], grade=2, dimension="colour")
    flag = services.flag_raise(
        pair=shop.pairs[0], person=shop.people.annotator, comment="look here", rule_code="R01"
    )
    found = rule_feedback(shop.corpus)[0]
    assert (found.code, found.shown, found.rule_wrong, found.against) == ("R01", 2, 1, 1)
    body = editor.get(url("triage_list")).content.decode()
    assert "look here" in body and "burgundy is red" in body
    assert editor.post(url("flag_resolve", flag.pk)).status_code == 302
    assert "look here" not in editor.get(url("triage_list")).content.decode()


def test_words_no_form_expects_are_refused(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    slot = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)[0].pk
    for bad in (
        {"slot": slot, "reason": "mood"},
        {"slot": "x", "reason": "unsure"},
        {"slot": slot, "reason": "\0"},
    ):
        assert client.post(url("slot_skip", campaign.pk), bad, headers=JSON).status_code == 422
    huge = {**fields(campaign, shop.people.annotator, shop), "slot": 10**30, "have": "9" * 40}
    assert client.post(url("judgment_submit", campaign.pk), huge, headers=JSON).status_code == 404
    nul = fields(campaign, shop.people.annotator, shop, comment="a\0b")
    assert client.post(url("judgment_submit", campaign.pk), nul, headers=JSON).status_code == 422


def test_hostile_text_stays_text(shop: SimpleNamespace, client_for: ClientFor) -> None:
    nasty = '<script>alert(1)</script> "><img src=x onerror=alert(2)> \u202eevil 😀'
    ItemVersion.objects.update(title=nasty)
    ItemPayload.objects.update(description=nasty * 300, attributes={"colour": nasty, "<b>": nasty})
    campaign, client = shop.campaign(), client_for(shop.people.annotator)
    body = begun(client, campaign)
    assert "<script>alert" not in body and "<img src=x" not in body and "<b>" not in body
    sent = fields(campaign, shop.people.annotator, shop, comment=nasty, grade="1")
    client.post(url("judgment_submit", campaign.pk), sent, headers=JSON)
    assert "<script>alert" not in client.get(url("history_list")).content.decode()
    assert Judgment.objects.get().note.comment == nasty


def test_ranking_page_and_answer(shop: SimpleNamespace, client_for: ClientFor) -> None:
    lists = [(shop.pairs[0], reasonings_make(3))]
    campaign = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", lists=lists, actor=shop.people.admin
    )
    services.campaign_open(campaign=campaign, actor=shop.people.admin)
    client = client_for(shop.people.annotator)
    body = begun(client, campaign)
    assert "same as A" in body and f'data-pair="{shop.pairs[0].pk}"' in body
    sent = fields(campaign, shop.people.annotator, shop)
    a, b, c = campaign.annotation_tasks.get().reasonings.order_by("pk").values_list("pk", flat=True)
    steps = [
        "query: a dress in burgundy",
        "item: a dress [title]",
        "category: same kind",
        "attributes: burgundy",
    ]
    better = {"fix": "1", "fix_text": "\n".join([*steps, "rules: (R01) colour", "verdict: [L2-colour]"])}
    order = {f"tier_{a}": "2", f"tier_{b}": "1", f"tier_{c}": "2", f"fault_{c}_attributes": "unsupported"}
    response = client.post(url("ranking_submit", campaign.pk), {**sent, **order, **better}, headers=JSON)
    assert response.status_code == 200
    row = services.ranking_undo(campaign=campaign, person=shop.people.annotator).supersedes
    assert row and row.tiers[0] == [b] and sorted(row.tiers[1]) == sorted([a, c])
    assert row.faults == {str(c): {"attributes": "unsupported"}}
    assert row.correction and row.correction.grade == 2 and "(R01)" in row.correction.raw


def test_running_campaigns(shop: SimpleNamespace, client_for: ClientFor) -> None:
    client = client_for(shop.people.admin)
    form = {
        "name": "By query",
        "which": "queries",
        "queries": "  Burgundy   DRESS \n",
        "redundancy": "2",
        "blind_share": "50",
        "gold_share": "0",
        "limit": "5",
        "open_now": "on",
    }
    response = client.post(url("campaign_create"), form)
    campaign = Campaign.objects.get(name="By query")
    assert response.status_code == 302 and campaign.state == "open" and campaign.slots_total == 10
    assert (campaign.blind_share, campaign.sureness, campaign.quiz_pass) == (0.5, 0.9, 0.8)
    assert client.post(url("campaign_create"), form).status_code == 422
    assert client.post(url("campaign_state", campaign.pk), {"action": "pause"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == "paused" and AuditEntry.objects.filter(action="campaign.paused").exists()


def test_shares_are_typed_in_per_cent(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, client = shop.campaign(sureness=0.95), client_for(shop.people.admin)
    assert 'name="blind_share" value="20"' in client.get(url("campaign_create")).content.decode()
    page = url("campaign_edit", campaign.pk)
    assert 'name="sureness" value="95"' in client.get(page).content.decode()
    form = {"name": "Dresses", "priority": "0", "redundancy": "1", "redundancy_most": "0", "sureness": "99.9",
            "quiz_pass": "75", "quiz_tries": "2"}  # fmt: skip
    refused = client.post(page, {**form, "quiz_pass": "101"})
    assert refused.status_code == 422 and 'name="sureness" value="99.9"' in refused.content.decode()
    assert client.post(page, form).status_code == 302
    campaign.refresh_from_db()
    assert (campaign.sureness, campaign.quiz_pass) == (0.999, 0.75)


def test_a_late_order_without_scripts_is_told_and_given_back(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    lists = [(shop.pairs[0], reasonings_make(2))]
    campaign = services.ranking_campaign_create(corpus=shop.corpus, name="Lists", lists=lists)
    services.campaign_open(campaign=campaign, actor=shop.people.admin)
    client, sent = client_for(shop.people.annotator), fields(campaign, shop.people.annotator, shop)
    campaign.slots.update(state="done", person=shop.people.reviewer, lease=None, lease_until=None)
    first = campaign.annotation_tasks.get().reasonings.first()
    text = "query: a dress\nitem: a dress\ncategory: same\nattributes: red\nrules: none\nverdict: [L4]"
    order = {f"tier_{first.pk}": "1", "fix": "1", "fix_text": text}
    page = client.post(url("ranking_submit", campaign.pk), {**sent, **order}, follow=True).content.decode()
    assert "Your time for this list ran out" in page and "attributes: red" in page


def test_a_campaign_s_page_tells_its_pairs_and_who_holds_what(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    choice = PairChoice("rule", rule="R01", limit=6)
    campaign = shop.campaign(pairs=pairs_chosen(shop.corpus, choice), choice=choice.as_json())
    client, her = client_for(shop.people.reviewer), shop.people.annotator
    page = client.get(url("campaign_detail", campaign.pk)).content.decode()
    assert "pairs on which one rule fires: R01, at most 6" in page and "Kept or on the screen now" not in page
    assign = url("slots_assign", campaign.pk)
    page = client.post(
        assign, {"action": "assign", "person": her.pk, "count": "3"}, follow=True
    ).content.decode()
    assert f"Kept or on the screen now: {her.display_name} 3." in page
    page = client.post(
        assign, {"action": "reassign", "person": her.pk, "to": ""}, follow=True
    ).content.decode()
    assert "Choose who it goes to." in page and f"{her.display_name} 3." in page


def test_one_campaign_s_disputes_are_settled_one_after_the_other(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    """The way from a campaign leads through its own disputes alone."""
    campaigns = [
        shop.campaign(name=name, redundancy=2, pairs=[p.pk for p in shop.pairs[:2]])
        for name in ("One", "Two")
    ]
    for _ in range(2):
        for campaign in campaigns:
            judge(campaign, shop.people.annotator, grade=4)
            judge(campaign, shop.people.reviewer, grade=1)
    client, only = client_for(shop.people.reviewer), f"?campaign={campaigns[1].pk}"
    assert (
        url("adjudication_list") + only
        in client.get(url("campaign_detail", campaigns[1].pk)).content.decode()
    )
    first, second = campaigns[1].annotation_tasks.order_by("pk")
    queue = client.get(url("adjudication_list") + only)
    assert [task.pk for task in queue.context["page"].rows] == [first.pk, second.pk]
    assert url("adjudication_detail", first.pk) + only in queue.content.decode()
    assert len(client.get(url("adjudication_list")).context["page"].rows) == 4
    sent = {"grade": "3", "reason": "close enough"}
    settled = client.post(url("adjudication_detail", first.pk) + only, sent)
    assert settled.headers["Location"] == url("adjudication_detail", second.pk) + only
    done = client.post(settled.headers["Location"], sent)
    assert done.headers["Location"] == url("adjudication_list") + only


def test_adjudicating_from_the_queue(shop: SimpleNamespace, client_for: ClientFor, judge: Judge) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, shop.people.annotator, grade=4, comment="fits")
    judge(campaign, shop.people.reviewer, grade=1)
    client, task = client_for(shop.people.reviewer), campaign.annotation_tasks.get()
    queue = client.get(url("adjudication_list")).content.decode()
    assert "burgundy dress" in queue and f'data-pair="{task.pair_id}"' in queue
    page = client.get(url("adjudication_detail", task.pk)).content.decode()
    assert "fits" in page and "R01" in page and "Skene" not in page
    services.quality_compute(corpus=shop.corpus)
    assert "(Dawid–Skene)" in client.get(url("adjudication_detail", task.pk)).content.decode()
    told = client.get("/api/v1/corpora/shop/disputes/").json()["results"][0]
    assert told["belief"]["certainty"] == PairBelief.objects.get().certainty
    assert [row["comment"] for row in told["answers"] if row["grade"] == "L4"] == ["fits"]
    assert client.post(url("adjudication_detail", task.pk), {"grade": "2", "reason": "x"}).status_code == 422
    sent = {"grade": "2", "dimension": "colour", "reason": "red is not burgundy"}
    assert client.post(url("adjudication_detail", task.pk), sent).status_code == 302
    history = client_for(shop.people.annotator).get(url("history_list")).content.decode()
    assert "Evening dress 0 red: you said L4, it was settled as L2-colour: red is not burgundy" in history
    answer = Judgment.objects.get(person=shop.people.annotator)
    assert f"{url('history_list')}#answer-{answer.pk}" in history and f'id="answer-{answer.pk}"' in history
