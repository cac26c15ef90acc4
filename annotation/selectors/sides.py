"""What stands on the side-by-side page: two lists of one query, neither of which says where it comes from."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from annotation.models import AnnotationTask, ListSettings, PagePreference, Slot
from annotation.selectors.pages import entries_of, facets_of, settings_of, tasks_of
from annotation.selectors.subjects import ItemFacts, item_facts
from catalog.models import Item, PageEntry, Query
from rules.models import Release


@dataclass(frozen=True)
class SideItem:
    """One item of one list. `other` is its place on the other list, 0 where it is not there."""

    position: int
    pair_id: int
    item: Item
    facts: ItemFacts
    other: int

    @property
    def move(self) -> int:
        """How many places higher it stands here than there; below 0: lower."""
        return self.other - self.position if self.other else 0

    @property
    def down(self) -> int:
        return -self.move


@dataclass(frozen=True)
class SidesSubject:
    """Two lists to choose between, in the order this person sees them. Nothing here names a page or a source."""

    slot: Slot
    task: AnnotationTask
    query: Query
    release: Release
    left: list[SideItem]
    right: list[SideItem]
    settings: ListSettings
    previous: "Taken | None" = None

    @property
    def subject(self) -> "SidesSubject":
        return self

    @property
    def facets(self) -> list[tuple[str, str]]:
        return facets_of(self.query)

    @property
    def rows(self) -> list[tuple[SideItem | None, SideItem | None]]:
        longest = max(len(self.left), len(self.right))
        return [
            (self.left[at] if at < len(self.left) else None, self.right[at] if at < len(self.right) else None)
            for at in range(longest)
        ]


@dataclass(frozen=True)
class Taken:
    """What she had said before she took it back, as she saw the sides."""

    left_by: int
    comment: str


def left_page(task: AnnotationTask, person: int | None) -> int:
    """Which of the two pages this person sees on the left: drawn per person and task, the same whenever she comes back."""
    assert task.page_id is not None and task.other_page_id is not None
    first = random.Random(f"{task.pk}:{person}").random() < 0.5
    return task.page_id if first else task.other_page_id


def sides_for(slots: Sequence[Slot], release: Release) -> list[SidesSubject]:
    """Subjects of a side-by-side campaign for leased slots, in their order, in a fixed number of queries."""
    tasks = tasks_of(slots)
    pages = [pk for task in tasks.values() for pk in (task.page_id, task.other_page_id) if pk]
    entries, previous = entries_of(pages), _taken_back(slots)
    found = []
    for slot in slots:
        task = tasks[slot.annotation_task_id]
        assert task.page is not None and task.page_id is not None and task.other_page_id is not None
        left = left_page(task, slot.person_id)
        right = task.other_page_id if left == task.page_id else task.page_id
        query = task.page.query
        ours, theirs = entries.get(left, []), entries.get(right, [])
        found.append(
            SidesSubject(
                slot, task, query, release, _side(ours, theirs, query.text), _side(theirs, ours, query.text),
                settings_of(task), previous.get(slot.pk),
            )
        )  # fmt: skip
    return found


def _side(entries: Sequence[PageEntry], others: Sequence[PageEntry], query: str) -> list[SideItem]:
    places = {entry.pair_id: entry.position for entry in others}
    return [
        SideItem(
            entry.position, entry.pair_id, entry.pair.item, item_facts(entry.item_version, query, frozenset()),
            places.get(entry.pair_id, 0),
        )
        for entry in entries
    ]  # fmt: skip


def _taken_back(slots: Sequence[Slot]) -> dict[int, Taken]:
    people = {slot.pk: slot.person_id for slot in slots}
    rows = PagePreference.objects.filter(
        slot__in=slots, superseded_by__superseded_by=None, superseded_by__preference=None
    ).exclude(superseded_by=None)
    return {
        row.slot_id: Taken(
            row.preference if row.left_page_id == row.page_id else -row.preference, row.comment
        )
        for row in rows.order_by("at")
        if row.slot_id is not None and row.preference is not None and people[row.slot_id] == row.person_id
    }
