"""From complete tasks to settled verdicts: the narrow fact that annotation hands down to the catalog."""

import json

from django.db import connection

from annotation.consensus import METHOD, Consensus, Opinion, consensus_of
from annotation.models import AnnotationTask, Judgment, Slot
from catalog.models import SettledVerdict
from catalog.services import verdict_settle

# Every place of a task with what stands in it: the path of each answer, so one statement.
PLACES_SQL = """
SELECT slot.state, judgment.grade, judgment.dimension, judgment.picture_decided, judgment.blind, judgment.rules_cited::text
FROM annotation_slot slot LEFT JOIN annotation_judgment judgment ON judgment.slot_id = slot.id
    AND judgment.grade IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = judgment.id)
WHERE slot.annotation_task_id = %s
"""


def task_settle(task: AnnotationTask) -> AnnotationTask.Outcome:
    """Once every slot is answered, settle the pair or send it to adjudication. The caller holds the task's row."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES_SQL, [task.pk])
        places = cursor.fetchall()
    if any(state != Slot.State.DONE for state, *_ in places):
        return AnnotationTask.Outcome.PENDING
    consensus = consensus_of(
        [
            Opinion(grade, dimension, picture, blind, tuple(json.loads(cited)))
            for _, grade, dimension, picture, blind, cited in places
            if grade is not None
        ]
    )
    outcome = AnnotationTask.Outcome.AGREED if consensus.grade else AnnotationTask.Outcome.DISPUTED
    AnnotationTask.objects.filter(pk=task.pk).update(outcome=outcome)
    if consensus.grade and not task.is_gold:
        _settle(task, consensus)
    return outcome


def opinions_of(task: AnnotationTask) -> list[Opinion]:
    """The standing answers in a task's slots."""
    rows = Judgment.objects.filter(slot__annotation_task=task, superseded_by=None).exclude(grade=None)
    return [opinion_from(row) for row in rows]


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
