"""Answers taken back, or that differ where they agreed: what they had settled gives way to what stood before."""

from collections.abc import Sequence
from operator import itemgetter

from annotation.models import AnnotationTask, Judgment
from annotation.selectors.beneath import verdicts_beneath
from catalog.services import NewVerdict, verdicts_unsettle
from webapp.common.models import Corpus
from webapp.common.statements import Row, fetch

# In order of pair, as verdicts are settled; read anew after the wait, so that two who take answers back see each other.
STANDING_SQL = """
SELECT pair_id, grade, dimension, source, method, picture_decided, blind FROM catalog_settledverdict
WHERE pair_id = ANY(%(pairs)s) AND source = 'consensus' ORDER BY pair_id FOR UPDATE
"""
SAID = itemgetter("grade", "dimension", "source", "method", "picture_decided", "blind")


def task_unsettle(task: AnnotationTask) -> None:
    """One of its answers was withdrawn, or one more is asked for: it waits again, unless it was adjudicated.

    What its people had settled (of a page, on all of its items) stands no more. The caller holds the task's row.
    """
    if task.outcome in (AnnotationTask.Outcome.AGREED, AnnotationTask.Outcome.DISPUTED):
        AnnotationTask.objects.filter(pk=task.pk).update(outcome=AnnotationTask.Outcome.PENDING)
    consensus_retract(task, pairs_judged(task))


def pairs_judged(task: AnnotationTask) -> list[int]:
    """The pair a task is about, or those of its page's items that anybody ever judged there."""
    if task.pair_id is not None:
        return [task.pair_id]
    judged = Judgment.objects.filter(slot__annotation_task=task).values_list("pair_id", flat=True)
    return sorted(set(judged))


def consensus_retract(task: AnnotationTask, pairs: Sequence[int]) -> None:
    """What this task's people had settled on `pairs` counts no more; where it stands, what stood before stands again."""
    if task.is_gold or not pairs:
        return
    standing = {row["pair_id"]: row for row in fetch(STANDING_SQL, {"pairs": list(pairs)})}
    if not standing:
        return
    beneath = verdicts_beneath(list(standing), without=task)
    changed = [pair for pair, row in standing.items() if not _is_same(row, beneath.get(pair))]
    if changed:
        instead = [beneath[pair] for pair in changed if pair in beneath]
        corpus = Corpus.objects.get(campaigns=task.campaign_id)
        verdicts_unsettle(corpus=corpus, pairs=changed, instead=instead)


def _is_same(row: Row, verdict: NewVerdict | None) -> bool:
    """It was another task's consensus that stands, and it stands on."""
    return verdict is not None and bool(SAID(row) == SAID(verdict))
