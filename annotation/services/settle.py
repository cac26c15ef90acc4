"""From complete tasks to settled verdicts: the narrow fact that annotation hands down to the catalog."""

from annotation.consensus import METHOD, Consensus, Opinion, consensus_of
from annotation.models import AnnotationTask, Judgment, Slot
from catalog.models import SettledVerdict
from catalog.services import verdict_settle


def task_settle(task: AnnotationTask) -> AnnotationTask.Outcome:
    """Once every slot is answered, settle the pair or send it to adjudication. The caller holds the task's row."""
    if task.slots.exclude(state=Slot.State.DONE).exists():
        return AnnotationTask.Outcome.PENDING
    consensus = consensus_of(opinions_of(task))
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
