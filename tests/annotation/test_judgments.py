"""Answers through the services: exactly once, never one too many, taken back and given again."""

import uuid
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.utils import timezone

from annotation import services
from annotation.errors import DimensionNeeded, KeyTaken, NothingToUndo, SlotTaken
from annotation.models import AnnotationTask, Campaign, Judgment, Slot
from annotation.selectors import effective_judgments
from catalog.models import SettledVerdict
from webapp.common.errors import Invalid
from webapp.common.models import OutboxEvent

from .conftest import Judge


def expire(slot: Slot) -> None:
    Slot.objects.filter(pk=slot.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    services.leases_expire()


def send(slot: Slot, shop: SimpleNamespace, person: Any, **values: Any) -> services.Saved:
    defaults = {
        "key": uuid.uuid4(),
        "slot": slot,
        "lease": slot.lease,
        "person": person,
        "release": shop.release,
        "grade": 4,
    }
    return services.judgment_submit(**{**defaults, **values})


def test_overlap_is_exact_and_nobody_gets_a_pair_twice(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign(redundancy=2)
    people = [shop.people.annotator, shop.people.reviewer, shop.people.admin]
    while sum(judge(campaign, person) is not None for person in people):
        pass
    campaign.refresh_from_db()
    assert campaign.slots_total == campaign.slots_done == 24
    for pair in shop.pairs:
        answers = list(effective_judgments(shop.corpus).filter(pair=pair))
        assert len(answers) == 2 and len({row.person_id for row in answers}) == 2


def test_sending_again_changes_nothing(shop: SimpleNamespace) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    slot, key = services.slot_lease(campaign=campaign, person=me), uuid.uuid4()
    assert slot
    first, again = send(slot, shop, me, key=key), send(slot, shop, me, key=key)
    assert again.repeated and again.judgment.pk == first.judgment.pk
    campaign.refresh_from_db()
    assert Judgment.objects.count() == 1 and campaign.slots_done == 1
    with pytest.raises(KeyTaken):
        send(slot, shop, shop.people.reviewer, key=key)


def test_late_answer_is_kept_while_the_place_is_free(shop: SimpleNamespace) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    slot = services.slot_lease(campaign=campaign, person=me)
    assert slot
    expire(slot)
    saved = send(slot, shop, me)
    assert "time had run out" in saved.word
    assert Slot.objects.get(pk=slot.pk).state == Slot.State.DONE


def test_late_answer_takes_another_free_place(shop: SimpleNamespace) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    slot = services.slot_lease(campaign=campaign, person=shop.people.annotator)
    assert slot
    expire(slot)
    other = services.slot_lease(campaign=campaign, person=shop.people.reviewer)
    assert other and other.pk == slot.pk
    saved = send(slot, shop, shop.people.annotator)
    assert saved.judgment.slot_id != slot.pk
    send(other, shop, shop.people.reviewer)
    campaign.refresh_from_db()
    assert campaign.slots_done == 2


def test_answer_after_another_has_answered_is_refused_with_its_content(shop: SimpleNamespace) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk])
    slot = services.slot_lease(campaign=campaign, person=shop.people.annotator)
    assert slot
    expire(slot)
    other = services.slot_lease(campaign=campaign, person=shop.people.reviewer)
    assert other
    send(other, shop, shop.people.reviewer)
    with pytest.raises(SlotTaken) as refusal:
        send(slot, shop, shop.people.annotator, grade=2, dimension="colour", comment="blue, clearly")
    assert refusal.value.extra["typed"]["comment"] == "blue, clearly"
    assert Judgment.objects.count() == 1


def test_second_answer_of_one_person_replaces_her_first(shop: SimpleNamespace) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    slot = services.slot_lease(campaign=campaign, person=me)
    assert slot
    first = send(slot, shop, me).judgment
    second = send(slot, shop, me, grade=1)
    assert second.judgment.supersedes_id == first.pk and "replaces" in second.word
    assert [row.grade for row in effective_judgments(shop.corpus)] == [1]
    campaign.refresh_from_db()
    assert campaign.slots_done == 1


def test_undo_goes_ten_deep_and_answers_come_again(shop: SimpleNamespace, judge: Judge) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    for _ in range(12):
        judge(campaign, me)
    undone = [services.judgment_undo(campaign=campaign, person=me) for _ in range(10)]
    with pytest.raises(NothingToUndo):
        services.judgment_undo(campaign=campaign, person=me)
    campaign.refresh_from_db()
    assert campaign.slots_done == 2 and effective_judgments(shop.corpus).count() == 2
    for slot in services.slots_hold(campaign=campaign, person=me, want=20):
        send(slot, shop, me, grade=3)
    campaign.refresh_from_db()
    assert campaign.slots_done == 12
    assert {row.slot_id for row in undone} == {
        row.slot_id for row in effective_judgments(shop.corpus).filter(grade=3)
    }


def test_a_refused_undo_leaves_others_alone(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign()
    judge(campaign, shop.people.annotator)
    with pytest.raises(NothingToUndo):
        services.judgment_undo(campaign=campaign, person=shop.people.reviewer)


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"grade": 2}, DimensionNeeded),
        ({"grade": 5}, Invalid),
        ({"grade": 2, "dimension": "smell"}, Invalid),
        ({"grade": 2, "dimension": "unstated"}, Invalid),
        ({"grade": 4, "dimension": "colour"}, Invalid),
        ({"grade": 4, "disagreement": "mood"}, Invalid),
    ],
)
def test_a_verdict_that_is_none_is_refused(
    shop: SimpleNamespace, values: dict[str, Any], error: type[Exception]
) -> None:
    slot = services.slot_lease(campaign=shop.campaign(), person=shop.people.annotator)
    assert slot
    with pytest.raises(error):
        send(slot, shop, shop.people.annotator, **values)
    assert not Judgment.objects.exists()


def test_agreeing_people_settle_the_pair(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign(redundancy=3, pairs=[shop.pairs[0].pk])
    judge(campaign, shop.people.annotator, grade=2, dimension="colour")
    assert not SettledVerdict.objects.exists()
    judge(campaign, shop.people.reviewer, grade=2, dimension="colour")
    judge(campaign, shop.people.admin, grade=4)
    settled = SettledVerdict.objects.get()
    assert (settled.grade, settled.dimension, settled.source) == (2, "colour", "consensus")
    assert campaign.annotation_tasks.get().outcome == AnnotationTask.Outcome.AGREED
    assert OutboxEvent.objects.filter(kind="verdict.settled").count() == 1


def test_a_split_goes_to_adjudication_and_its_word_stands(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, shop.people.annotator, grade=2, dimension="colour")
    judge(campaign, shop.people.reviewer, grade=4)
    assert campaign.annotation_tasks.get().outcome == AnnotationTask.Outcome.DISPUTED
    services.adjudication_record(
        pair=shop.pairs[0],
        actor=shop.people.reviewer,
        release=shop.release,
        grade=3,
        reason="burgundy is a red",
        make_gold=True,
    )
    assert SettledVerdict.objects.get().grade == 3
    assert campaign.annotation_tasks.get().outcome == AnnotationTask.Outcome.ADJUDICATED
    services.judgment_undo(
        campaign=campaign, person=shop.people.annotator
    )  # and still split: nobody is asked anew
    judgment_again(campaign, shop, grade=1)
    assert campaign.annotation_tasks.get().outcome == AnnotationTask.Outcome.ADJUDICATED
    second = shop.campaign(name="Again", pairs=[shop.pairs[0].pk])
    judge(second, shop.people.annotator, grade=1)
    assert SettledVerdict.objects.get().grade == 3
    assert shop.pairs[0].gold.grade == 3


def judgment_again(campaign: Campaign, shop: SimpleNamespace, grade: int) -> None:
    """Answer what an undo has brought back."""
    slot = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)[0]
    services.judgment_submit(
        key=uuid.uuid4(), slot=slot, person=shop.people.annotator, release=shop.release, grade=grade
    )


def test_the_ledger_refuses_change_and_deletion(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator)
    for sql in ("UPDATE annotation_judgment SET grade = 1", "DELETE FROM annotation_judgment"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_skipping_passes_the_pair_on(shop: SimpleNamespace) -> None:
    campaign, me = shop.campaign(pairs=[shop.pairs[0].pk]), shop.people.annotator
    slot = services.slot_lease(campaign=campaign, person=me)
    assert slot
    services.slot_skip(slot=slot, person=me, reason="unsure")
    assert services.slot_lease(campaign=campaign, person=me) is None
    assert services.slot_lease(campaign=campaign, person=shop.people.reviewer)


def test_leases_of_a_page_come_back_and_are_renewed(shop: SimpleNamespace) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    held = services.slots_hold(campaign=campaign, person=me, want=4)
    again = services.slots_hold(campaign=campaign, person=me, want=4)
    assert [slot.pk for slot in again] == [slot.pk for slot in held]
    more = services.slots_hold(campaign=campaign, person=me, want=1, have=[slot.pk for slot in held])
    assert more[0].pk not in {slot.pk for slot in held}
    expire(held[0])
    assert services.leases_renew(person=me, slots=[slot.pk for slot in held]) == [held[0].pk]


def test_a_paused_campaign_gives_nothing_new_and_takes_what_is_under_way(shop: SimpleNamespace) -> None:
    campaign, me = shop.campaign(), shop.people.annotator
    slot = services.slot_lease(campaign=campaign, person=me)
    assert slot
    services.campaign_pause(campaign=campaign, actor=shop.people.admin)
    assert services.slot_lease(campaign=campaign, person=me) is None
    assert send(slot, shop, me).judgment.grade == 4


def test_gold_is_strewn_in_and_settles_nothing(shop: SimpleNamespace, judge: Judge) -> None:
    services.gold_set(pair=shop.pairs[11], grade=2, dimension="colour", actor=shop.people.reviewer)
    campaign = shop.campaign(pairs=[pair.pk for pair in shop.pairs[:9]], gold_share=0.1)
    task = campaign.annotation_tasks.get(is_gold=True)
    assert task.blind and campaign.slots_total == 10
    while judge(campaign, shop.people.annotator):
        pass
    assert not SettledVerdict.objects.filter(pair=shop.pairs[11]).exists()
