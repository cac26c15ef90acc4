"""A change of overlap while people work: who is asked again, which places go, and what the page says of it before."""

import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Campaign
from annotation.overlap import Overlap
from annotation.selectors import overlap as reading
from annotation.selectors.overlap import overlap_preview
from annotation.services import overlap as writing
from annotation.services.overlap import overlap_fit
from catalog.models import SettledVerdict
from tests.browser import check_accessible
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job, User

from .conftest import Judge
from .test_campaigns import team

ClientFor = Callable[[User], Client]
Browse = Callable[..., Page]
KIND = "application/json"
__all__ = ["team"]


def api(campaign: Campaign, name: str = "campaign") -> str:
    return reverse(f"annotation_api:{name}", args=["shop", campaign.pk])


def patched(client: Client, campaign: Campaign, **values: Any) -> dict[str, Any]:
    answer = client.patch(api(campaign), values, KIND)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def asked(client: Client, campaign: Campaign, **values: Any) -> tuple[int, int, int]:
    """(subjects asked again, places, given back) as the preview has it."""
    body = client.post(api(campaign, "campaign_overlap"), values, KIND).json()
    return body["subjects"], body["places"], body["given_back"]


def saved(client: Client, campaign: Campaign, **values: Any) -> Any:
    """Save the page's form with these values changed."""
    page = {
        "name": campaign.name, "priority": 0, "redundancy": campaign.redundancy, "quiz_pass": 80, "quiz_tries": 2,
        "redundancy_most": campaign.redundancy_most, "sureness": 100 * campaign.sureness, **values,
    }  # fmt: skip
    return client.post(reverse("annotation:campaign_edit", args=["shop", campaign.pk]), page)


def previewed(client: Client, campaign: Campaign, **values: Any) -> str:
    address = reverse("annotation:campaign_overlap", args=["shop", campaign.pk])
    return " ".join(client.get(address, values).content.decode().split())


def outcomes(campaign: Campaign) -> list[tuple[str, int, int]]:
    """(outcome, places, open ones) of each task."""
    return [
        (task.outcome, task.slots.count(), task.slots.filter(state="open").count())
        for task in campaign.annotation_tasks.order_by("pk")
    ]


@pytest.fixture
def decided(shop: SimpleNamespace, team: list[User], judge: Judge) -> Campaign:
    """Three pairs, two to three people each: agreed by two (.98), agreed by two of three (.91), disputed by three."""
    made: Campaign = shop.campaign(
        pairs=[pair.pk for pair in shop.pairs[:3]], redundancy=2, redundancy_most=3, sureness=0.9
    )
    for person, grades in ((team[0], (4, 4, 4)), (team[1], (4, 1, 1)), (team[2], (4, 3))):
        for grade in grades:
            judge(made, person, grade=grade)
    assert outcomes(made) == [("agreed", 2, 0), ("agreed", 3, 0), ("disputed", 3, 0)]
    made.refresh_from_db()
    return made


def test_raising_sure_from_asks_again_where_the_consensus_is_not_sure_enough(
    shop: SimpleNamespace, decided: Campaign, client_for: ClientFor, team: list[User], judge: Judge
) -> None:
    admin = client_for(shop.people.admin)
    assert asked(admin, decided, sureness=0.95) == (0, 0, 0)  # all three may be asked already
    assert asked(admin, decided, sureness=0.95, redundancy_most=4) == (2, 2, 0)
    body = patched(admin, decided, sureness=0.95, redundancy_most=4)
    assert body["slots_total"] == 10
    assert outcomes(decided) == [("agreed", 2, 0), ("", 4, 1), ("", 4, 1)]
    assert SettledVerdict.objects.count() == 2  # what stands stands until somebody answers
    for person in team[:3]:
        assert services.slot_lease(campaign=decided, person=person) is None  # never the same person twice
    judge(decided, team[3], grade=4)
    judge(decided, team[3], grade=4)
    assert outcomes(decided) == [("agreed", 2, 0), ("agreed", 4, 0), ("disputed", 4, 0)]
    assert judge(decided, team[4]) is None
    facts = AuditEntry.objects.get(action="campaign.edit").data
    assert (facts["asked_again"], facts["places"], facts["given_back"]) == (2, 2, 0)


def test_raising_up_to_asks_another_rater_by_the_page(
    shop: SimpleNamespace, decided: Campaign, client_for: ClientFor
) -> None:
    runner = client_for(shop.people.reviewer)
    page = runner.get(reverse("annotation:campaign_edit", args=["shop", decided.pk])).content.decode()
    assert reverse("annotation:campaign_overlap", args=["shop", decided.pk]) in page
    told = previewed(runner, decided, redundancy=2, redundancy_most=5, sureness=90)
    assert "<strong>1 subject</strong> will be asked again" in told and "1 more answer wanted" in told
    assert outcomes(decided)[2] == ("disputed", 3, 0)  # a look writes nothing
    assert saved(runner, decided, redundancy_most=5).status_code == 302
    assert outcomes(decided) == [("agreed", 2, 0), ("agreed", 3, 0), ("", 4, 1)]
    assert saved(runner, decided, redundancy_most=5, guideline="Look").status_code == 302
    assert outcomes(decided)[2] == ("", 4, 1)  # nothing twice


def test_lowering_gives_back_places_that_nobody_holds(
    shop: SimpleNamespace, decided: Campaign, client_for: ClientFor, team: list[User]
) -> None:
    admin = client_for(shop.people.admin)
    patched(admin, decided, sureness=0.95, redundancy_most=4)
    held = services.slot_lease(campaign=decided, person=team[3])
    assert held is not None
    assert asked(admin, decided, redundancy_most=3) == (0, 0, 1)
    assert patched(admin, decided, redundancy_most=3)["slots_total"] == 9
    waiting = [row for row in outcomes(decided) if row[0] == ""]
    assert len(waiting) == 1 and waiting[0][1:] == (4, 0)  # the one in somebody's hands stays
    services.judgment_submit(key=uuid.uuid4(), slot=held, person=team[3], release=shop.release, grade=4)
    decided.refresh_from_db()
    assert outcomes(decided)[1][0] == "agreed" and outcomes(decided)[2][0] == "disputed"
    assert decided.slots_done == decided.slots_total == decided.slots.count() == 9


def test_lowering_sure_from_settles_what_is_sure_enough_now(
    shop: SimpleNamespace, team: list[User], judge: Judge, client_for: ClientFor
) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk], redundancy=1, redundancy_most=3, sureness=0.9)
    judge(campaign, team[0], grade=4)
    assert outcomes(campaign) == [("", 2, 1)] and not SettledVerdict.objects.exists()
    told = previewed(client_for(shop.people.admin), campaign, redundancy=1, redundancy_most=3, sureness=75)
    assert "1 added place that nobody holds goes" in told
    patched(client_for(shop.people.admin), campaign, sureness=0.75)
    assert outcomes(campaign) == [("agreed", 1, 0)]
    found = SettledVerdict.objects.get()
    assert (found.grade, found.source, found.method) == (4, "consensus", "majority of 1")


def test_adding_people_where_nobody_was_added_before_and_no_longer(
    shop: SimpleNamespace, team: list[User], judge: Judge, client_for: ClientFor
) -> None:
    campaign = shop.campaign(pairs=[pair.pk for pair in shop.pairs[:2]], redundancy=2)
    for person, grades in zip(team[:2], [(4, 4), (4, 1)], strict=True):
        for grade in grades:
            judge(campaign, person, grade=grade)
    assert outcomes(campaign) == [("agreed", 2, 0), ("disputed", 2, 0)]
    admin = client_for(shop.people.admin)
    assert asked(admin, campaign, redundancy_most=3) == (1, 1, 0)
    assert patched(admin, campaign, redundancy_most=3)["slots_total"] == 5
    assert outcomes(campaign) == [("agreed", 2, 0), ("", 3, 1)]
    held = services.slot_lease(campaign=campaign, person=team[2])
    assert held is not None
    assert asked(admin, campaign, redundancy_most=0) == (0, 0, 0)  # somebody has it in front of her
    patched(admin, campaign, redundancy_most=0)
    services.slot_skip(slot=held, person=team[2], reason="unsure")
    assert outcomes(campaign) == [("agreed", 2, 0), ("disputed", 2, 0)]


def test_raising_the_overlap_leaves_adjudicated_and_well_answered_subjects_alone(
    shop: SimpleNamespace, decided: Campaign, client_for: ClientFor, team: list[User], judge: Judge
) -> None:
    services.adjudication_record(
        pair=shop.pairs[2], actor=shop.people.reviewer, release=shop.release, grade=3, reason="it is a red"
    )
    admin = client_for(shop.people.admin)
    assert asked(admin, decided, redundancy=3) == (1, 1, 0)
    patched(admin, decided, redundancy=3)
    assert outcomes(decided) == [("", 3, 1), ("agreed", 3, 0), ("adjudicated", 3, 0)]
    judge(decided, team[3], grade=4)
    assert outcomes(decided)[0] == ("agreed", 3, 0)
    refused = admin.patch(api(decided), {"redundancy": 2}, KIND)
    assert refused.status_code == 422
    assert "raised, not lowered" in previewed(admin, decided, redundancy=2, redundancy_most=3, sureness=90)
    assert admin.post(api(decided, "campaign_overlap"), {"redundancy": 2}, KIND).status_code == 422


def test_a_large_campaign_is_fitted_by_a_job(
    shop: SimpleNamespace, decided: Campaign, client_for: ClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (reading, writing):
        monkeypatch.setattr(module, "AT_ONCE", 5)
    admin = client_for(shop.people.admin)
    assert "About:" in previewed(admin, decided, redundancy=2, redundancy_most=5, sureness=95)
    patched(admin, decided, sureness=0.95, redundancy_most=5)
    assert outcomes(decided)[1] == ("agreed", 3, 0)
    page = admin.get(reverse("annotation:campaign_detail", args=["shop", decided.pk])).content.decode()
    assert "Places for more answers" in page
    job = Job.objects.get(kind="annotation.overlap")
    assert job_run(job.pk) == "done"
    job.refresh_from_db()
    assert job.result == {"asked_again": 2, "places": 2, "given_back": 0, "settled": 0}
    assert outcomes(decided) == [("agreed", 2, 0), ("", 4, 1), ("", 4, 1)]
    assert AuditEntry.objects.get(action="campaign.overlap").data["asked_again"] == 2
    start, end = reading.stretches(decided)[0]
    decided.refresh_from_db()
    again = overlap_fit(campaign=decided, start=start, end=end)  # a job that is run twice
    assert (again.places, again.given_back, decided.slots.count()) == (0, 0, decided.slots_total)
    page = admin.get(reverse("annotation:campaign_detail", args=["shop", decided.pk])).content.decode()
    assert "Places for more answers" not in page


def test_what_a_change_costs_does_not_grow_with_the_campaign(shop: SimpleNamespace, judge: Judge) -> None:
    """Set by set: as many statements for twelve subjects as for three."""

    def cost(campaign: Campaign) -> int:
        for _ in range(12):
            judge(campaign, shop.people.annotator, grade=4)
        start, end = reading.stretches(campaign)[0]
        campaign.redundancy_most, campaign.sureness = 2, 0.9
        with CaptureQueriesContext(connection) as found:
            assert overlap_preview(campaign, Overlap(1, 2, 0.9)).subjects == campaign.annotation_tasks.count()
            fitted = overlap_fit(campaign=campaign, start=start, end=end)
        assert fitted.asked_again == campaign.annotation_tasks.count()
        return len(found)

    few = cost(shop.campaign(name="Few", pairs=[pair.pk for pair in shop.pairs[:3]]))
    assert few == cost(shop.campaign(name="Many")) == 12


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_says_what_a_change_comes_to(shop: SimpleNamespace, judge: Judge, browse: Browse) -> None:
    campaign = shop.campaign()
    for _ in range(12):
        judge(campaign, shop.people.annotator, grade=4)
    page = browse(shop.people.admin)
    page.goto(reverse("annotation:campaign_edit", args=["shop", campaign.pk]))
    expect(page.locator("#overlap")).to_contain_text("Fewer people per subject")
    page.get_by_label("Add people while unsure, up to").fill("3")
    page.keyboard.press("Tab")
    expect(page.locator("#overlap")).to_contain_text("12 subjects will be asked again")
    check_accessible(page)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_crowd_answers_while_the_overlap_goes_up_and_down(shop: SimpleNamespace) -> None:
    """Nobody waits for ever, counters stay exact, and what is complete in the end is what the last settings ask for."""
    campaign = shop.campaign(redundancy=2, redundancy_most=3)
    people = [User.objects.create_user(f"judge{n}@example.org", f"Judge {n}") for n in range(6)]
    over = threading.Event()

    def run(person: User, seed: int) -> None:
        chance = random.Random(seed)
        try:
            while not over.is_set():
                slot = services.slot_lease(campaign=campaign, person=person)
                if slot is None:
                    time.sleep(0.02)
                elif chance.random() < 0.15:
                    services.slot_skip(slot=slot, person=person, reason="unsure")
                else:
                    services.judgment_submit(
                        key=uuid.uuid4(), slot=slot, lease=slot.lease, person=person, release=shop.release,
                        grade=chance.choice((3, 4, 4)),
                    )  # fmt: skip
                    if chance.random() < 0.2:
                        services.judgment_undo(campaign=campaign, person=person)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(people)) as pool:
        working = [pool.submit(run, person, seed) for seed, person in enumerate(people)]
        settings = ((5, 0.99), (3, 0.9), (6, 0.999), (0, 0.9), (4, 0.95)) * 4
        try:
            for most, sureness in settings:
                services.campaign_edit(
                    campaign=campaign, actor=shop.people.admin, redundancy_most=most, sureness=sureness
                )
                time.sleep(0.1)
        finally:
            over.set()
        for future in working:
            future.result()
    services.campaign_edit(campaign=campaign, actor=shop.people.admin, redundancy_most=3, sureness=0.9)
    campaign.refresh_from_db()
    slots = campaign.slots
    assert campaign.slots_total == slots.count() and campaign.slots_done == slots.filter(state="done").count()
    for task in campaign.annotation_tasks.all():
        waiting, done = task.slots.exclude(state="done"), task.slots.filter(state="done").count()
        assert (task.outcome == "") == waiting.exists() and task.slots.count() <= 6, (task.outcome, done)
        assert done >= 2 or waiting.exists()
        settled = SettledVerdict.objects.filter(pair=task.pair_id).exists()
        assert task.outcome != "agreed" or settled
        assert task.outcome != "disputed" or not settled
