"""What stands on the page grid: a query's items as they were shown, each with what helps to judge it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from annotation.models import AnnotationTask, Gold, Judgment, ListSettings, PageVerdict, Slot
from annotation.selectors.blindness import hidden_tasks
from annotation.selectors.subjects import (
    WORKING_FACETS,
    FiredRule,
    ItemFacts,
    fields_looked_at,
    item_facts,
    rules_on,
)
from catalog.models import Item, ItemImage, PageEntry, Pair, Query
from rules.engine import Rulebook
from rules.models import Release, ReplayEntry
from rules.selectors import rulebook_for
from webapp.common.errors import NotFound

ATTRIBUTES_SHOWN = 4
# numbers of articles, days, and what says nothing without its name: figures, yes and no
CODE = re.compile(r"\d{6,}|\d{4}-\d\d-\d\d|^[\d.,]+$|^(?:yes|no)$", re.IGNORECASE)


@dataclass(frozen=True)
class PageItem:
    """One item at its place. `allowed` are the grades its rules leave ("34"); empty where it is judged blind."""

    position: int
    pair: Pair
    item: Item
    facts: ItemFacts
    blind: bool
    rules: list[FiredRule] = field(default_factory=list)
    allowed: str = ""
    previous: Judgment | None = None

    @property
    def rules_shown(self) -> str:
        return " ".join(rule.code for rule in self.rules)

    @property
    def few(self) -> list[SafeString]:
        """A handful of attributes that add to the title: no codes, no dates, nothing said already."""
        version = self.facts.version
        said = f"{version.title} {version.brand} {version.category}".casefold()
        texts = [(attribute.text, strip_tags(attribute.text)) for attribute in self.facts.attributes]
        telling = [text for text, plain in texts if not CODE.search(plain) and plain.casefold() not in said]
        return list(dict.fromkeys(telling))[:ATTRIBUTES_SHOWN]


@dataclass(frozen=True)
class PageSubject:
    """One page to judge, item by item and as a whole; `previous` is what she took back."""

    slot: Slot
    task: AnnotationTask
    query: Query
    release: Release
    items: list[PageItem]
    settings: ListSettings
    blind: bool
    previous: PageVerdict | None = None

    @property
    def subject(self) -> "PageSubject":
        return self

    @property
    def facets(self) -> list[tuple[str, str]]:
        return facets_of(self.query)

    @property
    def asks_items(self) -> bool:
        return self.settings.items != ListSettings.Items.NONE


def facets_of(query: Query) -> list[tuple[str, str]]:
    """A query's facets as a person reads them."""
    return [
        (name, ", ".join(map(str, value)) if isinstance(value, list) else str(value))
        for name, value in query.facets.items()
        if name not in WORKING_FACETS and value not in (None, "", [], {}, False)
    ]


def pages_for(slots: Sequence[Slot], release: Release) -> list[PageSubject]:
    """Subjects of a page campaign for leased slots, in their order, in a fixed number of queries."""
    tasks = tasks_of(slots)
    entries = entries_of([task.page_id for task in tasks.values() if task.page_id])
    pairs = [entry.pair_id for found in entries.values() for entry in found]
    gold = known_pairs(pairs)
    verdicts, grades = _taken_back(slots)
    book, looked_at = rulebook_for(release), fields_looked_at(release.pk)
    found = []
    for slot in slots:
        task = tasks[slot.annotation_task_id]
        assert task.page is not None
        held = grades.get(slot.pk, {})
        items = [
            _item(entry, task.page.query, book, looked_at, task.hidden or entry.pair_id in gold, held)
            for entry in entries.get(task.page.pk, [])
        ]
        settings = settings_of(task)
        found.append(
            PageSubject(
                slot, task, task.page.query, release, items, settings, task.hidden, verdicts.get(slot.pk)
            )
        )
    return found


def known_pairs(pairs: Sequence[int]) -> set[int]:
    """Of these pairs, gold and those of a replay set: judged blind wherever they stand."""
    gold = Gold.objects.filter(pair__in=pairs).values_list("pair_id", flat=True)
    return {*gold, *ReplayEntry.objects.filter(pair__in=pairs).values_list("pair_id", flat=True)}


def tasks_of(slots: Sequence[Slot]) -> dict[int, AnnotationTask]:
    rows = (
        AnnotationTask.objects.annotate(judged_blind=hidden_tasks())
        .select_related("page__query__traffic", "campaign__list_settings")
        .in_bulk([slot.annotation_task_id for slot in slots])
    )
    for task in rows.values():
        task.hidden = task.judged_blind
    return dict(rows)


def settings_of(task: AnnotationTask) -> ListSettings:
    """What the campaign asks; a campaign without the row asks what is usual."""
    return getattr(task.campaign, "list_settings", None) or ListSettings(campaign=task.campaign)


def entries_of(pages: Sequence[int]) -> dict[int, list[PageEntry]]:
    """page id -> its entries in order, with item, version, payload and pictures at hand."""
    images = ItemImage.objects.filter(state=ItemImage.State.STORED).order_by("position")
    rows = (
        PageEntry.objects.filter(page__in=pages)
        .select_related("pair__item", "item_version__payload")
        .prefetch_related(Prefetch("item_version__images", queryset=images, to_attr="stored_images"))
        .order_by("page_id", "position")
    )
    found: dict[int, list[PageEntry]] = {}
    for entry in rows:
        found.setdefault(entry.page_id, []).append(entry)
    return found


def _item(
    entry: PageEntry, query: Query, book: Rulebook, looked_at: frozenset[str], blind: bool,
    held: dict[int, Judgment],
) -> PageItem:  # fmt: skip
    facts = item_facts(entry.item_version, query.text, frozenset() if blind else looked_at)
    rules, allowed = ([], "") if blind else rules_on(book, query, entry.item_version)
    previous = held.get(entry.pair_id)
    return PageItem(entry.position, entry.pair, entry.pair.item, facts, blind, rules, allowed, previous)


def _taken_back(slots: Sequence[Slot]) -> tuple[dict[int, PageVerdict], dict[int, dict[int, Judgment]]]:
    """slot -> the verdict she withdrew, and slot -> pair -> the grade beside it: an undo gives all of it back."""
    people = {slot.pk: slot.person_id for slot in slots}
    withdrawn = {"slot__in": slots, "superseded_by__superseded_by": None}
    verdicts = PageVerdict.objects.filter(**withdrawn, superseded_by__mark=None).exclude(superseded_by=None)
    judged = Judgment.objects.filter(**withdrawn, superseded_by__grade=None).exclude(superseded_by=None)
    found: dict[int, PageVerdict] = {}
    for row in verdicts.order_by("at"):
        if row.slot_id is not None and row.mark is not None and people[row.slot_id] == row.person_id:
            found[row.slot_id] = row
    grades: dict[int, dict[int, Judgment]] = {}
    for grade in judged.order_by("at"):
        if grade.slot_id in found and grade.grade is not None and people[grade.slot_id] == grade.person_id:
            grades.setdefault(grade.slot_id, {})[grade.pair_id] = grade
    return found, grades


def pair_on_page(slot: Slot, pair: int) -> Pair:
    """An item of the page that a slot is about, or NotFound."""
    entry = (
        PageEntry.objects.filter(page=slot.annotation_task.page_id, pair=pair)
        .select_related("pair__corpus")
        .first()
    )
    if entry is None:
        raise NotFound("That item does not stand on this page: reload it.")
    return entry.pair
