"""What stands on the ranking page: one pair and its reasonings side by side, step by step."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString, mark_safe

from annotation.diffing import differing
from annotation.models import AnnotationTask, Judgment, ListSettings, Ranking, Reasoning, Slot
from annotation.selectors.blindness import hidden_tasks
from annotation.selectors.pages import settings_of
from annotation.selectors.subjects import Subject, subjects_for
from relevance.grades import Grade, Verdict
from relevance.reasoning import STEPS
from rules.models import Release

LETTERS = "ABCDEFGH"


@dataclass(frozen=True)
class Column:
    """One reasoning in the place it has for this person; `letter` names it on the page. `tier` 0: unranked."""

    letter: str
    reasoning: Reasoning
    tier: int = 0
    hides_verdict: bool = False
    fault: str = ""

    @property
    def verdict(self) -> str:
        """As it is written: [L4], [L2-colour]; empty where it is hidden or could not be read."""
        row = self.reasoning
        if self.hides_verdict or not row.grade:
            return ""
        return str(Verdict(Grade(row.grade), row.dimension))

    @property
    def text(self) -> str:
        """The whole reasoning line by line, as the parser reads it, to be mended."""
        steps = [f"{name}: {self.reasoning.steps.get(name, '')}" for name in STEPS]
        return "\n".join([*steps, f"verdict: {self.verdict}"])


@dataclass(frozen=True)
class Cell:
    """One step of one reasoning. `same_as` is the letter of an earlier column with the same text, or empty."""

    letter: str
    reasoning: Reasoning
    step: str
    html: SafeString
    same_as: str
    fault: str = ""


@dataclass(frozen=True)
class ReasoningList:
    """A subject of the ranking page. `own_grade` is what she gave this pair herself, or None."""

    subject: Subject
    columns: list[Column]
    rows: list[tuple[str, list[Cell]]]
    own_grade: int | None = None
    previous: Ranking | None = field(default=None)
    hides_verdicts: bool = False

    @property
    def slot(self) -> Slot:
        return self.subject.slot

    @property
    def shown_order(self) -> str:
        return " ".join(str(column.reasoning.pk) for column in self.columns)


def lists_for(slots: Sequence[Slot], release: Release) -> list[ReasoningList]:
    """The lists of leased slots. Each person sees an order of her own, the same whenever she comes back."""
    subjects = subjects_for(slots, release)
    rows = AnnotationTask.objects.select_related("campaign__list_settings").prefetch_related("reasonings")
    tasks = rows.in_bulk([slot.annotation_task_id for slot in slots])
    own = _own_grades(slots, [subject.pair.pk for subject in subjects])
    previous = _withdrawn(slots)
    return [
        _list(subject, tasks[subject.task.pk], own.get(subject.pair.pk), previous.get(subject.slot.pk))
        for subject in subjects
    ]  # fmt: skip


def _own_grades(slots: Sequence[Slot], pairs: Sequence[int]) -> dict[int, int]:
    people = {slot.person_id for slot in slots}
    rows = Judgment.objects.filter(pair_id__in=pairs, person_id__in=people, superseded_by=None).exclude(
        grade=None
    )
    return {row.pair_id: int(row.grade or 0) for row in rows.order_by("at")}


def _withdrawn(slots: Sequence[Slot]) -> dict[int, Ranking]:
    """slot -> the ranking she took back, so that an undo gives it back to her."""
    people = {slot.pk: slot.person_id for slot in slots}
    rows = Ranking.objects.filter(
        slot__in=slots, superseded_by__superseded_by=None, superseded_by__withdrawn=True
    )
    return {
        row.slot_id: row
        for row in rows.select_related("correction").order_by("at")
        if row.slot_id is not None and people.get(row.slot_id) == row.person_id
    }


def order_shown(task: int, person: int | None, reasonings: Sequence[int]) -> list[int]:
    """A list's reasonings (ids) in the order this person sees them: drawn per person and task, always the same."""
    order = sorted(reasonings)
    random.Random(f"{task}:{person}").shuffle(order)
    return order


def _list(subject: Subject, task: AnnotationTask, own: int | None, previous: Ranking | None) -> ReasoningList:
    hidden = settings_of(task).hides_verdicts or subject.blind
    by_id = {row.pk: row for row in task.reasonings.all()}
    reasonings = [by_id[pk] for pk in order_shown(subject.task.pk, subject.slot.person_id, list(by_id))]
    tiers = {pk: number for number, tier in enumerate(previous.tiers, 1) for pk in tier} if previous else {}
    faults = previous.faults if previous else {}
    columns = [
        Column(LETTERS[at], row, tiers.get(row.pk, 0), hidden, faults.get(str(row.pk), {}).get("verdict", ""))
        for at, row in enumerate(reasonings)
    ]
    names = [*STEPS, *sorted({step for row in reasonings for step in row.steps} - set(STEPS))]
    rows = [
        (step, _cells(step, columns, faults)) for step in names if any(step in r.steps for r in reasonings)
    ]
    if not rows:
        rows = [
            (
                "text",
                [Cell(c.letter, c.reasoning, "text", differing("", c.reasoning.raw), "") for c in columns],
            )
        ]
    return ReasoningList(subject, columns, rows, own, previous, hidden)


def _cells(step: str, columns: Sequence[Column], faults: dict[str, dict[str, str]]) -> list[Cell]:
    """Equal steps fold into "same as A"; the others are marked where they differ from the first column's."""
    first_with: dict[str, str] = {}
    base = columns[0].reasoning.steps.get(step, "")
    cells = []
    for column in columns:
        text = str(column.reasoning.steps.get(step, ""))
        same = first_with.setdefault(text.strip(), column.letter)
        fault = faults.get(str(column.reasoning.pk), {}).get(step, "")
        shown = differing(base if column is not columns[0] else "", text) if text else mark_safe("—")
        cells.append(
            Cell(column.letter, column.reasoning, step, shown, same if same != column.letter else "", fault)
        )
    return cells


def contradiction_of(ranking: Ranking) -> str:
    """Where verdicts were hidden: a word, after the fact, that the best-ranked one is not her own. Else empty."""
    hides = ListSettings.objects.filter(campaign__slots=ranking.slot_id, hides_verdicts=True)
    if (
        not hides.exists()
        and not AnnotationTask.objects.filter(hidden_tasks(), slots=ranking.slot_id).exists()
    ):
        return ""
    own = _own_grades([ranking.slot], [ranking.pair_id]).get(ranking.pair_id) if ranking.slot else None
    best = Reasoning.objects.filter(pk__in=ranking.tiers[0] if ranking.tiers else [])
    grades = sorted({row.grade or 0 for row in best})
    if own is None or not grades or own in grades:
        return ""
    said = ", ".join(f"L{grade}" if grade else "nothing that can be read" for grade in grades)
    return f"Saved. The one you put first says {said}; you yourself judged this pair L{own}."
