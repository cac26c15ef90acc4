"""Ranking reasonings: the better answer is read by the parser, verdicts can be hidden, letters dragged, lists written."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign, ListSettings, Ranking, Reasoning
from annotation.selectors.lists import contradiction_of, lists_for
from annotation.services.rankings import ranking_submit
from annotation.services.reasonings import reasoning_read
from relevance.reasoning import Reasoning as Written
from relevance.reasoning import parse
from tests.browser import check_accessible
from training_bridge.snapshots.rows import _tiers, rankings_standing
from webapp.common.errors import Invalid
from webapp.common.jobs import job_run
from webapp.common.models import Job

from .conftest import Judge, begun, reasonings_make
from .test_browser import opened, saved

pytestmark = pytest.mark.django_db
Browse = Callable[..., Page]
ClientFor = Callable[[Any], Client]
BETTER = """query: a burgundy dress
item: a dress [title]
category: same kind
attributes: colour blue
rules: (R01) L2
verdict: [L2-colour]"""


def ranking_campaign(
    shop: SimpleNamespace, *, hides: bool = False, count: int = 3, lists: int = 1
) -> Campaign:
    found = [(pair, reasonings_make(count)) for pair in shop.pairs[:lists]]
    campaign = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", lists=found, actor=shop.people.admin
    )
    ListSettings.objects.create(campaign=campaign, hides_verdicts=hides)
    return services.campaign_open(campaign=campaign, actor=shop.people.admin)


def ranked(shop: SimpleNamespace, campaign: Campaign, tiers: list[list[int]], **values: Any) -> Ranking:
    person = shop.people.annotator
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    return ranking_submit(
        key=uuid.uuid4(), slot=slot, person=person, release=shop.release, tiers=tiers, **values
    )


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "no query"),
        (BETTER.replace("rules: (R01) L2\n", ""), "no rules"),
        (BETTER.replace("[L2-colour]", "[L5]"), "no verdict in"),
        (BETTER.replace("[L2-colour]", "[L2]"), "name what conflicts"),
        (BETTER.replace("colour]", "mood]"), "no dimension"),
        (f"well,\n{BETTER}", "no step"),
        ("item: x\n" + BETTER.replace("item: a dress [title]\n", ""), "out of order"),
    ],
)
def test_what_is_wrong_with_a_text_is_named(shop: SimpleNamespace, text: str, fault: str) -> None:
    with pytest.raises(Invalid, match=fault):
        reasoning_read(text, shop.release)


def test_the_better_answer_becomes_a_persons_reasoning_above_all_others(shop: SimpleNamespace) -> None:
    campaign = ranking_campaign(shop)
    ids = list(campaign.annotation_tasks.get().reasonings.order_by("pk").values_list("pk", flat=True))
    row = ranked(shop, campaign, [ids[:1], ids[1:]], correction=BETTER, shown_order=ids)
    assert row.correction and row.correction.author_kind == Reasoning.Author.PERSON
    assert row.correction.person == shop.people.annotator and row.correction.rules_cited == ["R01"]
    standing = rankings_standing([row.pair_id])[row.pair_id]
    assert _tiers(standing[0]) == [[row.correction_id], ids[:1], ids[1:]]


def test_the_text_is_checked_while_it_is_written(shop: SimpleNamespace, client_for: ClientFor) -> None:
    client, url = client_for(shop.people.annotator), reverse("annotation:reasoning_check", args=["shop"])
    assert client.post(url, {"text": BETTER}).json() == {"fault": ""}
    assert "no verdict" in client.post(url, {"text": BETTER.replace("L2-colour", "?")}).json()["fault"]
    assert not Reasoning.objects.exists()


def test_hidden_verdicts_are_on_no_page_and_in_no_answer(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    own = shop.campaign(pairs=[shop.pairs[0].pk])
    judge(own, shop.people.annotator, grade=1)
    campaign = ranking_campaign(shop, hides=True)
    client = client_for(shop.people.annotator)
    body = begun(client, campaign)
    assert "hidden while you rank" in body and "data-grade=" not in body and "verdict: [" not in body
    assert 'data-own=""' in body
    sent = (
        client.post(
            reverse("annotation_api:next", args=["shop", campaign.pk]), {"count": 1}, "application/json"
        ).json()["subjects"]
        or client.post(
            reverse("annotation_api:next", args=["shop", campaign.pk]), {"count": 1}, "application/json"
        ).json()["subjects"]
    )
    assert all(row["grade"] is None and not row["raw"] for subject in sent for row in subject["reasonings"])
    best = campaign.annotation_tasks.get().reasonings.get(grade=4)
    row = ranked(shop, campaign, [[best.pk]])
    assert contradiction_of(row) == "Saved. The one you put first says L4; you yourself judged this pair L1."


def test_a_list_of_what_is_judged_blind_hides_its_verdicts(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    """A verdict read while ranking would be known when the same pair is judged as gold."""
    campaign = ranking_campaign(shop)
    services.gold_set(pair=shop.pairs[0], grade=2, dimension="colour", actor=shop.people.reviewer)
    body = begun(client_for(shop.people.annotator), campaign)
    assert "hidden while you rank" in body and "data-grade=" not in body and "verdict: [" not in body


def test_the_order_shown_and_the_faults_are_those_of_the_list(shop: SimpleNamespace) -> None:
    campaign = ranking_campaign(shop)
    ids = sorted(campaign.annotation_tasks.get().reasonings.values_list("pk", flat=True))
    with pytest.raises(Invalid, match="one of its steps"):
        ranked(shop, campaign, [ids], faults={str(ids[0]): {"x" * 5000: "visual"}})
    slot = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)[0]
    seen = [column.reasoning.pk for column in lists_for([slot], shop.release)[0].columns]
    for sent in ([], [7, 7], [*ids, 12345]):
        row = ranked(shop, campaign, [ids], shown_order=sent, faults={str(ids[0]): {"item": "visual"}})
        assert row.shown_order == seen
        services.ranking_undo(campaign=campaign, person=shop.people.annotator)
    assert ranked(shop, campaign, [ids], shown_order=ids[::-1]).shown_order == ids[::-1]


def test_the_first_ranking_campaign_needs_no_model(shop: SimpleNamespace, client_for: ClientFor) -> None:
    client = client_for(shop.people.admin)
    form = {
        "kind": "ranking",
        "name": "First",
        "variants": "4",
        "limit": "5",
        "redundancy": "1",
        "priority": "7",
        "deadline": "2199-05-01T10:00",
        "open_now": "on",
    }
    response = client.post(reverse("annotation:list_campaign_create", args=["shop"]), form)
    campaign = Campaign.objects.get(name="First")
    assert campaign.priority == 7 and campaign.deadline is not None and campaign.deadline.year == 2199
    assert response.status_code == 302 and campaign.state == Campaign.State.DRAFT
    job_run(Job.objects.get(kind="training.variants").pk)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.slots_total) == (Campaign.State.OPEN, 5)
    for task in campaign.annotation_tasks.prefetch_related("reasonings"):
        rows = list(task.reasonings.all())
        assert len(rows) == 4 and {row.author_kind for row in rows} == {"synthesiser"}
        assert all(isinstance(parse(row.raw), Written) for row in rows)
    slot = services.slot_lease(campaign=campaign, person=shop.people.annotator)
    assert slot is not None and len(lists_for([slot], shop.release)[0].columns) == 4


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_letters_are_dragged_into_tiers_and_a_text_is_mended(shop: SimpleNamespace, browse: Browse) -> None:
    campaign = ranking_campaign(shop, lists=2)
    page = opened(browse(shop.people.annotator), campaign, "rank")
    page.drag_and_drop('.lane [data-chip="1"]', '[data-lane="1"]')
    page.drag_and_drop('.lane [data-chip="0"]', '[data-lane="2"]')
    page.drag_and_drop('.lane [data-chip="2"]', '[data-lane="2"]')
    expect(page.locator(".order")).to_have_text("B  >  A = C")
    page.keyboard.press("e")
    expect(page.locator(".fix-word")).to_have_text("Reads as a reasoning.")
    page.locator('[name="fix_text"]').fill(BETTER.replace("verdict: [L2-colour]", "verdict: fine"))
    expect(page.locator(".fix-word")).to_contain_text("no verdict in")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#work-notices")).to_contain_text("no verdict in")
    page.locator('[name="fix_text"]').fill(BETTER)
    expect(page.locator(".fix-word")).to_have_text("Reads as a reasoning.")
    page.keyboard.press("Control+Enter")
    saved(page)
    row = Ranking.objects.get()
    assert [len(tier) for tier in row.tiers] == [1, 2] and row.tiers[0] == [row.shown_order[1]]
    assert row.correction and row.correction.raw == BETTER


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 800, True), (360, 740, False)])
def test_eight_reasonings_are_readable_anywhere(
    shop: SimpleNamespace, browse: Browse, width: int, height: int, dark: bool
) -> None:
    campaign = ranking_campaign(shop, count=8)
    page = opened(browse(shop.people.annotator, width=width, height=height, dark=dark), campaign, "rank")
    check_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for key in "87654321":
        page.keyboard.press(key)
    expect(page.locator(".order")).to_have_text("H  >  G  >  F  >  E  >  D  >  C  >  B  >  A")
    box = page.locator('.reasonings thead [data-column="7"]').bounding_box()
    assert box and box["x"] >= 0 and box["x"] + min(box["width"], 100) <= width
    check_accessible(page)


def test_a_clone_asks_for_the_same_lists(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign = ranking_campaign(shop, hides=True, lists=2)
    client = client_for(shop.people.admin)
    assert "Over the same lists" in client.get(place("campaign_detail", campaign)).content.decode()
    client.post(place("campaign_clone", campaign), {"name": "Again"})
    made = Campaign.objects.get(name="Again")
    assert (made.kind, made.state, made.slots_total) == ("ranking", "draft", campaign.slots_total)
    assert made.list_settings.hides_verdicts

    def asked(of: Campaign) -> dict[int, set[int]]:
        rows = of.annotation_tasks.all()
        return {row.pair_id: set(row.reasonings.values_list("pk", flat=True)) for row in rows if row.pair_id}

    assert asked(made) == asked(campaign) and len(asked(made)) == 2
    empty = Campaign.objects.create(corpus=shop.corpus, name="Empty", kind=Campaign.Kind.RANKING)
    with pytest.raises(Invalid, match="not written yet"):
        services.campaign_clone(campaign=empty, actor=shop.people.admin, name="Never")


def place(name: str, campaign: Campaign) -> str:
    return reverse(f"annotation:{name}", args=["shop", campaign.pk])
