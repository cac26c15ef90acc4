"""From complete tasks to settled verdicts: the narrow fact that annotation hands down to the catalog.

With dynamic overlap a task starts with its campaign's `redundancy` places; each time all of them are answered and the
consensus is not yet sure, one more place is made, up to `redundancy_most`. It is made in the answer's own transaction
under the task's lock, so never two for one answer.
"""

import json
from collections.abc import Sequence

from django.db import connection
from django.db.models import F

from annotation.consensus import METHOD, Consensus, Opinion, consensus_of
from annotation.models import AnnotationTask, Campaign, Judgment, RaterModel, Slot
from annotation.overlap import Change, Overlap, Places, change_of, is_sure
from annotation.services.unsettling import consensus_retract, pairs_judged, task_unsettle
from catalog.models import SettledVerdict
from catalog.services import verdict_settle
from webapp.common.statements import Row, fetch

# Every place of a task with what stands in it: the path of each answer, so one statement.
PLACES_SQL = """
SELECT slot.id, slot.number, slot.state, slot.person_id, judgment.grade, judgment.dimension, judgment.picture_decided,
    judgment.blind, judgment.rules_cited::text AS rules_cited, campaign.redundancy, campaign.redundancy_most,
    campaign.sureness
FROM annotation_slot slot JOIN annotation_campaign campaign ON campaign.id = slot.campaign_id
LEFT JOIN annotation_judgment judgment ON judgment.slot_id = slot.id
    AND judgment.grade IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = judgment.id)
WHERE slot.annotation_task_id = %(task)s
"""
OUTCOME_SQL = "UPDATE annotation_annotationtask SET outcome = %(outcome)s WHERE id = %(task)s"
# The place is made with the task's own priority; a person who has one of this task's places is never given it.
MORE_SQL = """
INSERT INTO annotation_slot (campaign_id, annotation_task_id, number, priority, state)
SELECT campaign_id, id, %s, priority, 'open' FROM annotation_annotationtask WHERE id = %s
"""
# Spare places: open, beyond the overlap asked for, and nobody ever answered in them.
SPARE_SQL = """
DELETE FROM annotation_slot WHERE id IN (
    SELECT slot.id FROM annotation_slot slot
    WHERE slot.annotation_task_id = %s AND slot.state = 'open' AND slot.number > %s
      AND NOT EXISTS (SELECT 1 FROM annotation_judgment judgment WHERE judgment.slot_id = slot.id)
    FOR UPDATE SKIP LOCKED)
"""


def task_settle(task: AnnotationTask) -> AnnotationTask.Outcome:
    """Once every slot is answered, settle the pair or send it to adjudication. The caller holds the task's row.

    An answer given again may end an agreement: then what the people had settled gives way to what stood before.
    """
    places = _places(task)
    spoken = task.outcome == AnnotationTask.Outcome.ADJUDICATED  # an answer given again asks nobody anew
    if places is None or (
        places.waiting if spoken or not _is_dynamic(places) else _overlap_fit(task, places)
    ):
        if task.outcome in (AnnotationTask.Outcome.AGREED, AnnotationTask.Outcome.DISPUTED):
            task_unsettle(task)
        return AnnotationTask.Outcome.PENDING
    consensus = consensus_of(places.opinions)
    outcome = AnnotationTask.Outcome.AGREED if consensus.grade else AnnotationTask.Outcome.DISPUTED
    outcome = AnnotationTask.Outcome.ADJUDICATED if spoken else outcome
    fetch(OUTCOME_SQL, {"task": task.pk, "outcome": str(outcome)})
    if consensus.grade and not task.is_gold:
        _settle(task, consensus)
    elif not consensus.grade:
        consensus_retract(task, pairs_judged(task))
    return outcome


def added_settle(slots: Sequence[int]) -> None:
    """Places beyond the overlap first asked for are nobody's again: where people have come to agree meanwhile, they go.

    A task that is being answered at this moment is passed over: that answer looks at its places itself.
    """
    added = Slot.objects.filter(pk__in=slots, number__gt=F("campaign__redundancy"))
    waiting = AnnotationTask.objects.filter(
        pk__in=added.values("annotation_task"), outcome=AnnotationTask.Outcome.PENDING
    )
    for task in waiting.select_for_update(skip_locked=True).order_by("pk"):
        task_settle(task)


def _places(task: AnnotationTask) -> Places | None:
    found = fetch(PLACES_SQL, {"task": task.pk})
    if not found:
        return None
    answers = [
        (row["person_id"], _opinion(row))
        for row in found
        if row["grade"] is not None and row["state"] == Slot.State.DONE
    ]
    waiting = sum(row["state"] != Slot.State.DONE for row in found)
    first = found[0]
    overlap = Overlap(first["redundancy"], first["redundancy_most"], first["sureness"])
    return Places(waiting, max(row["number"] for row in found), answers, overlap)


def _is_dynamic(places: Places) -> bool:
    """People may be added, or were before that was taken back."""
    return places.overlap.most > 0 or places.last > places.overlap.redundancy


def _opinion(row: Row) -> Opinion:
    cited = tuple(json.loads(row["rules_cited"]))
    return Opinion(row["grade"], row["dimension"], row["picture_decided"], row["blind"], cited)


def _overlap_fit(task: AnnotationTask, places: Places) -> bool:
    """Add a place or take spare ones away, as the answers call for it; True while an answer is still awaited."""
    change = change_of(places, lambda: _is_sure(task, places))
    if change == Change.ADD:
        _place_add(task, places.last + 1)
        return True
    dropped = _spare_drop(task, places) if change == Change.SPARE else 0
    return dropped < places.waiting


def _is_sure(task: AnnotationTask, places: Places) -> bool:
    if consensus_of(places.opinions).grade is None:
        return False  # whoever the people are
    people = [person for person, _ in places.answers]
    rows = RaterModel.objects.filter(corpus__campaigns=task.campaign_id, person__in=people)
    return is_sure(places, dict(rows.values_list("person_id", "confusion")))


def _place_add(task: AnnotationTask, number: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(MORE_SQL, [number, task.pk])
    Campaign.objects.filter(pk=task.campaign_id).update(slots_total=F("slots_total") + 1)


def _spare_drop(task: AnnotationTask, places: Places) -> int:
    with connection.cursor() as cursor:
        cursor.execute(SPARE_SQL, [task.pk, places.overlap.redundancy])
        dropped = int(cursor.rowcount)
    if dropped:
        Campaign.objects.filter(pk=task.campaign_id).update(slots_total=F("slots_total") - dropped)
    return dropped


def opinion_from(row: Judgment) -> Opinion:
    return Opinion(int(row.grade or 0), row.dimension, row.picture_decided, row.blind, tuple(row.rules_cited))


def _settle(task: AnnotationTask, consensus: Consensus) -> None:
    assert task.pair is not None and task.pair.item.current is not None and consensus.grade is not None
    verdict_settle(
        pair=task.pair,
        item_version=task.pair.item.current,
        grade=consensus.grade,
        dimension=consensus.dimension,
        source=SettledVerdict.Source.CONSENSUS,
        method=f"{METHOD} of {consensus.total}",
        picture_decided=consensus.picture_decided,
        blind=consensus.blind,
    )
