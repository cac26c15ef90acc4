"""A change of overlap taken up by the tasks that are there: those not sure enough now are asked again, spare places go.

Locks come in the order in which an answer takes them: tasks, settled verdicts, the campaign's counters last. What stands
for a pair stands on until somebody's further answer says otherwise.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from annotation.consensus import METHOD, consensus_of
from annotation.models import AnnotationTask, Campaign
from annotation.overlap import Change
from annotation.selectors.overlap import (
    AT_ONCE,
    KIND,
    LOCK_SQL,
    TaskPlaces,
    overlap_of,
    rater_models,
    stretches,
    tasks_between,
)
from annotation.services.unsettling import consensus_retract
from catalog.models import SettledVerdict
from catalog.services import NewVerdict, verdicts_settle
from webapp.common.jobs import job_enqueue
from webapp.common.models import User
from webapp.common.statements import fetch

# In the order given, which is the one people meet.
MAKE_SQL = """
INSERT INTO annotation_slot (campaign_id, annotation_task_id, number, priority, state)
SELECT task.campaign_id, task.id, wanted.number, task.priority, 'open'
FROM unnest(%(tasks)s::bigint[], %(numbers)s::smallint[]) WITH ORDINALITY AS wanted(task, number, place)
JOIN annotation_annotationtask task ON task.id = wanted.task
ORDER BY wanted.place RETURNING annotation_task_id AS task
"""
# Open, beyond the overlap asked for, and nobody ever answered in them; one being given out at this moment stays.
SPARE_SQL = """
DELETE FROM annotation_slot WHERE id IN (
    SELECT slot.id FROM annotation_slot slot
    WHERE slot.annotation_task_id = ANY(%(tasks)s) AND slot.state = 'open' AND slot.number > %(redundancy)s
      AND NOT EXISTS (SELECT 1 FROM annotation_judgment judgment WHERE judgment.slot_id = slot.id)
    FOR UPDATE SKIP LOCKED)
RETURNING annotation_task_id AS task
"""


@dataclass
class Fitted:
    """What was done: settled or disputed subjects `asked_again`, places made and given back, subjects settled by that."""

    asked_again: int = 0
    places: int = 0
    given_back: int = 0
    settled: int = 0

    def __iadd__(self, other: "Fitted") -> "Fitted":
        for name, n in vars(other).items():
            setattr(self, name, getattr(self, name) + n)
        return self


@dataclass
class _Plan:
    places: list[tuple[TaskPlaces, int]] = field(default_factory=list)
    spare: list[TaskPlaces] = field(default_factory=list)
    complete: list[TaskPlaces] = field(default_factory=list)


def overlap_take_up(*, campaign: Campaign, actor: User | None) -> Fitted | None:
    """After its overlap was changed: at once, or in a large campaign by a job that shows how far it is (None).

    Call it in the change's own transaction, before the campaign's row is touched.
    """
    if campaign.slots_total > AT_ONCE:
        job_enqueue(kind=KIND, corpus=campaign.corpus, actor=actor, arguments={"campaign": campaign.pk})
        return None
    done = Fitted()
    for start, end in stretches(campaign):
        done += overlap_fit(campaign=campaign, start=start, end=end)
    return done


def overlap_fit(*, campaign: Campaign, start: int, end: int) -> Fitted:
    """Fit the places of one stretch of tasks (see `stretches`) to the campaign's settings. Safe to run twice."""
    with transaction.atomic():
        fetch(LOCK_SQL, {"campaign": campaign.pk, "start": start, "end": end})
        plan = _plan(campaign, list(tasks_between(campaign, start, end, overlap_of(campaign))))
        asked_again = _places_make(plan.places)
        given_back = _spare_drop(campaign, plan)
        done = Fitted(asked_again, len(plan.places), given_back, _complete(campaign, plan.complete))
        if done.places or given_back:
            grown = F("slots_total") + (done.places - given_back)
            Campaign.objects.filter(pk=campaign.pk).update(slots_total=grown)
    return done


def _plan(campaign: Campaign, tasks: Sequence[TaskPlaces]) -> _Plan:
    """Of pairs people are added while they leave it unsure; of all else there are as many as were asked for."""
    plan, pairs = _Plan(), campaign.kind == Campaign.Kind.PAIR
    models = rater_models(campaign) if campaign.redundancy_most else {}
    plan.places = [(task, number) for task in tasks for number in task.missing]
    plan.places.sort(key=lambda each: each[1])  # everybody's next place before anybody's one after that
    for task in tasks if pairs else ():
        change = Change.KEEP if task.missing else task.change(models)
        if change == Change.ADD:
            plan.places.append((task, task.places.last + 1))
        elif change == Change.SPARE and task.free:
            plan.spare.append(task)
    return plan


def _places_make(wanted: Sequence[tuple[TaskPlaces, int]]) -> int:
    """Make places; returns how many tasks that were complete are open again."""
    if not wanted:
        return 0
    values = {"tasks": [task.task for task, _ in wanted], "numbers": [number for _, number in wanted]}
    fetch(MAKE_SQL, values)
    open_again = {task.task for task, _ in wanted if task.outcome}
    AnnotationTask.objects.filter(pk__in=open_again).update(outcome=AnnotationTask.Outcome.PENDING)
    return len(open_again)


def _spare_drop(campaign: Campaign, plan: _Plan) -> int:
    if not plan.spare:
        return 0
    tasks = [task.task for task in plan.spare]
    gone = Counter(
        row["task"] for row in fetch(SPARE_SQL, {"tasks": tasks, "redundancy": campaign.redundancy})
    )
    plan.complete += [task for task in plan.spare if gone[task.task] == task.places.waiting]
    return gone.total()


def _complete(campaign: Campaign, tasks: Sequence[TaskPlaces]) -> int:
    """Nobody more is asked: settle what people agree on, send the rest to adjudication."""
    given = {task.task: consensus_of(task.places.opinions) for task in tasks}
    for outcome, agreed in ((AnnotationTask.Outcome.AGREED, True), (AnnotationTask.Outcome.DISPUTED, False)):
        ids = [pk for pk, consensus in given.items() if (consensus.grade is not None) == agreed]
        if ids:
            AnnotationTask.objects.filter(pk__in=ids).update(outcome=outcome)
    verdicts: list[NewVerdict] = []
    for task in sorted(tasks, key=lambda each: each.pair or 0):
        consensus = given[task.task]
        if task.is_gold or task.pair is None or task.item_version is None:
            continue
        if consensus.grade is None:
            consensus_retract(AnnotationTask(pk=task.task, campaign_id=campaign.pk), [task.pair])
            continue
        verdicts.append(_verdict(task.pair, task.item_version, consensus))
    verdicts_settle(corpus=campaign.corpus, rows=verdicts)
    return len(tasks)


def _verdict(pair: int, item_version: int, consensus: Any) -> NewVerdict:
    return {
        "pair": pair, "item_version": item_version, "grade": int(consensus.grade), "dimension": consensus.dimension,
        "source": str(SettledVerdict.Source.CONSENSUS), "method": f"{METHOD} of {consensus.total}",
        "picture_decided": consensus.picture_decided, "blind": consensus.blind,
    }  # fmt: skip
