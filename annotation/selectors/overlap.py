"""The tasks of a campaign with their places, stretch by stretch, and what other settings of its overlap would come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Max, Min

from annotation.consensus import Confusion, Opinion
from annotation.models import Campaign, RaterModel, Slot
from annotation.overlap import Change, Overlap, Places, change_of, is_sure
from webapp.common.models import Job
from webapp.common.statements import Row, fetch

KIND = "annotation.overlap"
AT_ONCE = 10_000  # places up to which a campaign is looked at whole; beyond, a job works and a preview looks at some
STRETCH = 1_000  # first places a job takes at a time: whoever answers one of them waits for the stretch
SPOTS, AT_A_SPOT = 20, 100

# Tasks in the order in which they were first given out, by their first place. Adjudicated ones are left alone.
_STRETCH = """
FROM annotation_slot first JOIN annotation_annotationtask task ON task.id = first.annotation_task_id
{more}
WHERE first.campaign_id = %(campaign)s AND first.number = 1 AND {by} >= %(start)s AND {by} < %(end)s
    AND task.outcome <> 'adjudicated'
"""
LOCK_SQL = f"SELECT task.id {_STRETCH.format(more='', by='first.id')} ORDER BY task.id FOR UPDATE OF task"
_PLACES = """
JOIN annotation_slot slot ON slot.annotation_task_id = task.id
LEFT JOIN annotation_judgment judgment ON judgment.slot_id = slot.id AND judgment.page_id IS NULL
    AND judgment.grade IS NOT NULL AND slot.state = 'done'
    AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = judgment.id)
LEFT JOIN catalog_pair pair ON pair.id = task.pair_id
LEFT JOIN catalog_item item ON item.id = pair.item_id
"""
# By the number of the task, which says nothing of the order but is quick to find the ends of: for a sample.
TASKS_SQL, SAMPLE_SQL = (
    f"""SELECT task.id AS task, task.outcome, task.is_gold, task.pair_id, item.current_id, slot.number, slot.state,
    slot.person_id, judgment.grade, judgment.dimension, judgment.picture_decided, judgment.blind
{_STRETCH.format(more=_PLACES, by=by)} ORDER BY first.id, slot.number"""
    for by in ("first.id", "task.id")
)


@dataclass(frozen=True)
class TaskPlaces:
    """One task as a change of overlap meets it; `missing` are numbers up to the redundancy of which it has no place."""

    task: int
    pair: int | None
    item_version: int | None
    outcome: str
    is_gold: bool
    missing: tuple[int, ...]
    free: int
    places: Places

    def change(self, models: Mapping[int, Confusion]) -> Change:
        """What the settings call for once no place is missing."""
        return change_of(self.places, lambda: is_sure(self.places, models))


def overlap_of(campaign: Campaign) -> Overlap:
    return Overlap(campaign.redundancy, campaign.redundancy_most, campaign.sureness)


def stretches(campaign: Campaign, size: int = STRETCH) -> list[tuple[int, int]]:
    """[start, end) of the ids of first places, which together hold all tasks of a campaign."""
    firsts = Slot.objects.filter(campaign=campaign, number=1).aggregate(start=Min("pk"), last=Max("pk"))
    if firsts["start"] is None:
        return []
    start, end = firsts["start"], firsts["last"] + 1
    return [(at, min(at + size, end)) for at in range(start, end, size)]


def tasks_between(
    campaign: Campaign, start: int, end: int, overlap: Overlap, sql: str = TASKS_SQL
) -> Iterator[TaskPlaces]:
    """The tasks of a stretch, but those adjudicated."""
    rows = fetch(sql, {"campaign": campaign.pk, "start": start, "end": end})
    for _, found in groupby(rows, key=lambda row: row["task"]):
        yield _task(list(found), overlap)


def _task(rows: list[Row], overlap: Overlap) -> TaskPlaces:
    first, numbers = rows[0], {row["number"] for row in rows}
    waiting = [row for row in rows if row["state"] != Slot.State.DONE]
    answers = [
        (row["person_id"], Opinion(row["grade"], row["dimension"], row["picture_decided"], row["blind"]))
        for row in rows
        if row["grade"] is not None
    ]
    missing = tuple(number for number in range(1, overlap.redundancy + 1) if number not in numbers)
    free = sum(row["state"] == Slot.State.OPEN and row["number"] > overlap.redundancy for row in waiting)
    return TaskPlaces(
        first["task"], first["pair_id"], first["current_id"], first["outcome"], first["is_gold"], missing, free,
        Places(len(waiting), max(numbers), answers, overlap),
    )  # fmt: skip


def rater_models(campaign: Campaign) -> dict[int, Confusion]:
    """person -> what is known of her in this corpus."""
    rows = RaterModel.objects.filter(corpus=campaign.corpus_id)
    return dict(rows.values_list("person_id", "confusion"))


def overlap_job(campaign: Campaign) -> Job | None:
    """The job that fits a large campaign's places to its settings, while one is at it."""
    rows = Job.objects.filter(corpus=campaign.corpus_id, kind=KIND, arguments__campaign=campaign.pk)
    running = rows.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING])
    return running.order_by("-created_at").first() if campaign.slots_total > AT_ONCE else None


@dataclass(frozen=True)
class OverlapPreview:
    """What a change comes to: settled or disputed `subjects` that are asked again, places made and places given back.

    `estimated`: from a sample, in a large campaign.
    """

    subjects: int
    places: int
    given_back: int
    estimated: bool


def overlap_preview(campaign: Campaign, overlap: Overlap) -> OverlapPreview:
    """Of a large campaign twenty short stretches are looked at, and what they come to is scaled."""
    large = campaign.slots_total > AT_ONCE
    looked, scale = _spots(campaign) if large else (stretches(campaign), 1.0)
    models = rater_models(campaign) if overlap.most else {}
    counts = [0, 0, 0]
    for start, end in looked:
        for task in tasks_between(campaign, start, end, overlap, SAMPLE_SQL if large else TASKS_SQL):
            counts = [sum(pair) for pair in zip(counts, _comes_to(task, models, campaign), strict=True)]
    subjects, places, given_back = (round(n * scale) for n in counts)
    return OverlapPreview(subjects, places, given_back, large)


def _comes_to(task: TaskPlaces, models: Mapping[int, Confusion], campaign: Campaign) -> tuple[int, int, int]:
    """(asked again, places, given back) of one task, as `overlap_fit` does it."""
    again = int(bool(task.outcome))
    if task.missing:
        return again, len(task.missing), 0
    change = task.change(models) if campaign.kind == Campaign.Kind.PAIR else Change.KEEP
    if change == Change.ADD:
        return again, 1, 0
    return 0, 0, task.free if change == Change.SPARE else 0


def _spots(campaign: Campaign) -> tuple[list[tuple[int, int]], float]:
    """Short stretches of tasks, evenly spread, and how many times as many numbers the campaign has."""
    found = campaign.annotation_tasks.aggregate(start=Min("pk"), last=Max("pk"))
    start, end = found["start"] or 0, (found["last"] or 0) + 1
    spots = [
        (at, min(at + AT_A_SPOT, end)) for at in range(start, end, max(AT_A_SPOT, (end - start) // SPOTS))
    ]
    return spots, (end - start) / sum(to - at for at, to in spots)
