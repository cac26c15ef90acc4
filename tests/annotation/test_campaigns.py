"""Campaigns: exact and dynamic overlap, gold, edits, clones, assignment."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation import services
from annotation.consensus import certainty_of
from annotation.models import Gold, Judgment, Slot
from annotation.selectors import PairChoice, pairs_chosen
from catalog.models import SettledVerdict
from webapp.common.errors import Conflict, DomainError, Invalid
from webapp.common.models import AuditEntry, Membership, Notification, Role, User

from .conftest import Judge, pairs_make, reasonings_make


@pytest.fixture
def team(shop: SimpleNamespace) -> list[User]:
    """Five annotators of the shop."""
    found = []
    for number in range(5):
        user = User.objects.create_user(
            f"rater{number}@example.org", f"Rater {number}", "correct horse battery"
        )
        Membership.objects.create(user=user, corpus=shop.corpus, role=Role.ANNOTATOR)
        found.append(user)
    return found


def test_gold_is_mixed_in_by_a_seeded_draw_and_always_blind(shop: SimpleNamespace) -> None:
    more = pairs_make(shop.corpus, 12, text="green dress", colour="green")
    for pair in more:
        services.gold_set(pair=pair, grade=4, actor=shop.people.admin)
    campaign = shop.campaign(gold_share=0.25, redundancy=2)
    gold = campaign.annotation_tasks.filter(is_gold=True)
    assert gold.count() == 4 and gold.filter(blind=True).count() == 4 and campaign.slots_total == 32
    firsts = list(
        campaign.slots.filter(number=1).order_by("pk").values_list("annotation_task__is_gold", flat=True)
    )
    assert True in firsts[:12] and firsts != sorted(firsts)  # strewn, not at the end
    assert list(campaign.slots.order_by("pk").values_list("number", flat=True)) == [1] * 16 + [2] * 16


def test_certainty_of_a_few_answers() -> None:
    assert round(certainty_of([(4, None)], 4), 2) == 0.80
    assert round(certainty_of([(4, None), (4, None)], 4), 2) == 0.98
    assert round(certainty_of([(4, None), (4, None), (1, None)], 4), 2) == 0.91
    guesser = [[0.25] * 4] * 4
    assert round(certainty_of([(4, None), (4, guesser)], 4), 2) == 0.80


def test_a_person_is_added_only_where_the_consensus_is_not_sure(
    shop: SimpleNamespace, team: list[User], judge: Judge
) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk, shop.pairs[1].pk], redundancy=2, redundancy_most=4)
    for person, grades in zip(team[:2], [(4, 4), (4, 1)], strict=True):
        for grade in grades:
            judge(campaign, person, grade=grade)
    campaign.refresh_from_db()
    assert (campaign.slots_total, campaign.slots_done) == (5, 4)  # the second pair got one more place
    agreed, split = campaign.annotation_tasks.order_by("pk")
    assert (agreed.outcome, split.outcome) == ("agreed", "") and split.slots.filter(state="open").count() == 1
    assert services.slot_lease(campaign=campaign, person=team[0]) is None  # never the same person twice
    judge(campaign, team[2], grade=4)  # two against one: .91, sure enough
    split.refresh_from_db()
    assert split.outcome == "agreed" and split.slots.count() == 3


def test_dynamic_overlap_ends_at_its_most(shop: SimpleNamespace, team: list[User], judge: Judge) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk], redundancy=1, redundancy_most=4, sureness=0.99)
    for person, grade in zip(team, (4, 1, 4, 1), strict=False):
        judge(campaign, person, grade=grade)
    campaign.refresh_from_db()
    task = campaign.annotation_tasks.get()
    assert (task.outcome, campaign.slots_total, campaign.slots_done) == ("disputed", 4, 4)
    assert judge(campaign, team[4]) is None


@pytest.mark.parametrize("way", ["expires", "skips", "returned"])
def test_an_added_place_that_is_given_back_goes_where_people_agree_by_then(
    shop: SimpleNamespace, team: list[User], judge: Judge, way: str
) -> None:
    campaign = shop.campaign(redundancy=2, redundancy_most=4, pairs=[shop.pairs[0].pk])
    judge(campaign, team[0], grade=4)
    second = judge(campaign, team[1], grade=1).judgment
    third = services.slot_lease(campaign=campaign, person=team[2])
    assert third is not None and third.number == 3
    services.judgment_submit(
        key=uuid.uuid4(), slot=second.slot_id, person=team[1], release=shop.release, grade=4
    )
    assert campaign.slots.count() == 3  # somebody is at it
    if way == "expires":
        Slot.objects.filter(pk=third.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
        assert services.leases_expire() == 1
    elif way == "skips":
        services.slot_skip(slot=third, person=team[2], reason="unsure")
    else:
        services.slots_return(campaign=campaign, person=team[2], actor=shop.people.admin)
    campaign.refresh_from_db()
    assert campaign.slots.count() == campaign.slots_total == campaign.slots_done == 2
    assert campaign.annotation_tasks.get().outcome == "agreed"
    assert SettledVerdict.objects.get(pair=shop.pairs[0]).grade == 4
    assert services.slot_lease(campaign=campaign, person=team[3]) is None


def test_an_undo_takes_a_place_back_that_is_needed_no_more(
    shop: SimpleNamespace, team: list[User], judge: Judge
) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk], redundancy=2, redundancy_most=3)
    judge(campaign, team[0], grade=4)
    judge(campaign, team[1], grade=1)
    assert campaign.slots.count() == 3
    row = services.judgment_undo(campaign=campaign, person=team[1])
    services.judgment_submit(
        key=uuid.uuid4(), slot=row.slot_id, person=team[1], release=shop.release, grade=4
    )
    campaign.refresh_from_db()
    assert (campaign.slots.count(), campaign.slots_total, campaign.slots_done) == (2, 2, 2)
    assert campaign.annotation_tasks.get().outcome == "agreed"


def test_a_clone_has_the_same_pairs_and_settings(shop: SimpleNamespace) -> None:
    choice = PairChoice("all", limit=4)
    campaign = shop.campaign(
        pairs=pairs_chosen(shop.corpus, choice),
        choice=choice.as_json(),
        redundancy=2,
        guideline="# Look",
        blind_share=0.5,
    )
    pairs_make(shop.corpus, 3, text="another query")
    clone = services.campaign_clone(campaign=campaign, actor=shop.people.admin, name="Again")
    assert (clone.state, clone.redundancy, clone.guideline, clone.slots_total) == ("draft", 2, "# Look", 8)
    wider = services.campaign_clone(campaign=campaign, actor=shop.people.admin, name="Wider", again=True)
    assert wider.slots_total == 8  # the choice says at most four pairs
    with pytest.raises(DomainError):
        services.campaign_clone(campaign=campaign, actor=shop.people.admin, name="Again")


def test_edits_while_people_work(shop: SimpleNamespace, judge: Judge) -> None:
    campaign, actor = shop.campaign(pairs=[shop.pairs[0].pk]), shop.people.admin
    judge(campaign, shop.people.annotator)
    assert campaign.annotation_tasks.get().outcome == "agreed"
    edited = services.campaign_edit(
        campaign=campaign,
        actor=actor,
        redundancy=3,
        priority=5,
        guideline="New",
        deadline=timezone.now() + timedelta(1),
    )
    assert edited.slots_total == 3 and campaign.annotation_tasks.get().outcome == ""
    assert set(campaign.slots.filter(state="open").values_list("priority", flat=True)) == {5}
    assert AuditEntry.objects.filter(action="campaign.edit").count() == 1
    for bad in ({"redundancy": 2}, {"name": " "}, {"sureness": 2.0}, {"redundancy_most": 2}):
        with pytest.raises(DomainError):
            services.campaign_edit(campaign=campaign, actor=actor, **bad)  # type: ignore[arg-type]
    services.campaign_edit(campaign=campaign, actor=actor, priority=5)
    assert AuditEntry.objects.filter(action="campaign.edit").count() == 1  # nothing changed, nothing written


def test_a_ranking_campaign_is_not_asked_what_only_pairs_have(
    shop: SimpleNamespace, client_for: Callable[[User], Client]
) -> None:
    content = reasonings_make(2)
    made = services.ranking_campaign_create(
        corpus=shop.corpus, name="Order", lists=[(shop.pairs[0], content)]
    )
    runner, page = client_for(shop.people.admin), f"/c/shop/annotation/campaigns/{made.pk}/edit/"
    form = runner.get(page).content.decode()
    assert 'name="deadline"' in form and 'name="sureness"' not in form and 'name="quiz_tries"' not in form
    sent = {
        "name": "Order",
        "redundancy": 2,
        "priority": 3,
        "deadline": "",
        "guideline": "",
        "redundancy_most": 5,
    }
    assert runner.post(page, sent).status_code == 302
    made.refresh_from_db()
    assert (made.redundancy, made.priority, made.redundancy_most, made.slots_total) == (2, 3, 0, 2)
    address = f"/api/v1/corpora/shop/campaigns/{made.pk}/"
    told = runner.patch(address, {"redundancy_most": 5}, content_type="application/json")
    assert told.status_code == 422 and told.json()["error"]["code"] == "redundancy_most"


def test_archive_and_back(shop: SimpleNamespace) -> None:
    campaign, actor = shop.campaign(), shop.people.admin
    for action, state in (
        ("pause", "paused"),
        ("close", "closed"),
        ("archive", "archived"),
        ("restore", "closed"),
    ):
        assert services.campaign_act(campaign=campaign, actor=actor, action=action).state == state
    with pytest.raises(Invalid):
        services.campaign_act(campaign=campaign, actor=actor, action="explode")


def test_assigning_moving_and_putting_back_keep_the_overlap_exact(
    shop: SimpleNamespace, team: list[User], judge: Judge
) -> None:
    campaign, actor = shop.campaign(redundancy=2), shop.people.reviewer
    judge(campaign, team[0])
    given = services.slots_assign(campaign=campaign, person=team[0], count=5, actor=actor)
    assert given == 5
    held = Slot.objects.filter(campaign=campaign, person=team[0], state="leased")
    until = timezone.now() + timedelta(days=13)
    assert held.filter(lease_until__gt=until).count() == 5
    assert len({slot.annotation_task_id for slot in held}) == 5
    services.slots_hold(campaign=campaign, person=team[0], want=2)
    assert (
        held.filter(lease_until__gt=until).count() == 5
    )  # opening the page does not shorten what is kept for her
    assert services.slots_assign(campaign=campaign, person=team[1], count=3, actor=actor) == 3
    moved = services.slots_reassign(campaign=campaign, person=team[0], to=team[1], actor=actor)
    both = campaign.slots.filter(person=team[1]).values("annotation_task").distinct().count()
    assert moved == both - 3 and held.all().count() == 5 - moved
    assert services.slots_return(campaign=campaign, person=team[1], actor=actor) == 3 + moved
    assert campaign.slots.count() == campaign.slots_total == 24
    assert Notification.objects.filter(person=team[1], kind="annotation.assigned").count() == 2
    actions = set(AuditEntry.objects.filter(action__startswith="slots.").values_list("action", flat=True))
    assert actions == {"slots.assign", "slots.reassign", "slots.return"}
    with pytest.raises(Invalid):
        services.slots_assign(campaign=campaign, person=shop.people.outsider, count=1, actor=actor)


def test_a_returned_answer_comes_back_to_the_same_person(
    shop: SimpleNamespace, team: list[User], judge: Judge, client_for: Callable[[User], Client]
) -> None:
    campaign = shop.campaign(redundancy=1, pairs=[shop.pairs[0].pk, shop.pairs[1].pk])
    first = judge(campaign, team[0], grade=4).judgment
    services.answer_return(judgment=first, actor=shop.people.reviewer, comment="look at the colour")
    campaign.refresh_from_db()
    assert campaign.slots_done == 0 and campaign.slots_total == 2
    assert services.slots_hold(campaign=campaign, person=team[0], want=1)[0].pk == first.slot_id
    assert "look at the colour" in Notification.objects.get(person=team[0]).text
    services.judgment_submit(
        key=uuid.uuid4(), slot=first.slot_id, person=team[0], release=shop.release, grade=1
    )
    assert Judgment.objects.filter(slot=first.slot_id).count() == 3
    second = judge(campaign, team[0], grade=4).judgment
    services.answer_accept(judgment=second, actor=shop.people.reviewer)
    with pytest.raises(Conflict):
        services.answer_return(judgment=second, actor=shop.people.reviewer, comment="again")
    with pytest.raises(Conflict):
        services.answer_return(judgment=first, actor=shop.people.reviewer, comment="again")
    page = client_for(team[0]).get("/c/shop/annotation/history/?kind=pair").content.decode()
    row = page.partition(f'id="answer-{first.pk}"')[2].partition("</tr>")[0]
    assert "returned" in row and "look at the colour" in row


def test_the_people_concerned_hear_of_an_adjudication(
    shop: SimpleNamespace, team: list[User], judge: Judge
) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, team[0], grade=4)
    judge(campaign, team[1], grade=1)
    services.adjudication_record(
        pair=shop.pairs[0], actor=shop.people.reviewer, release=shop.release, grade=2, dimension="colour",
        reason="red is not burgundy", make_gold=True,
    )  # fmt: skip
    told = Notification.objects.filter(kind="annotation.adjudicated")
    assert {row.person_id for row in told} == {team[0].pk, team[1].pk}
    assert all("L2-colour: red is not burgundy" in row.text for row in told)
    assert Gold.objects.get().reason == "red is not burgundy"
    assert services.notices_read(corpus=shop.corpus, person=team[0]) == 1
    assert services.notices_read(corpus=shop.corpus, person=team[0]) == 0


@pytest.mark.parametrize(("who", "shown"), [("reviewer", True), ("admin", False)])
def test_a_campaign_leads_to_its_work_those_who_may_do_it(
    shop: SimpleNamespace, client_for: Callable[[User], Client], who: str, shown: bool
) -> None:
    campaign = shop.campaign()
    client = client_for(getattr(shop.people, who))
    work = reverse("annotation:campaign_grade", args=["shop", campaign.pk])
    page = client.get(reverse("annotation:campaign_detail", args=["shop", campaign.pk])).content.decode()
    assert (work in page) is shown and client.get(work).status_code == (200 if shown else 403)
