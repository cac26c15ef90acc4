"""What stands on the grade page: one pair with everything that helps to judge it, in a fixed number of queries."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from django.db.models import Prefetch
from django.utils.safestring import SafeString

from annotation.marking import marked
from annotation.models import AnnotationTask, Judgment, Slot, Suggestion
from annotation.selectors.working_rows import task_rows
from catalog.models import Item, ItemImage, ItemVersion, Pair, Query
from catalog.selectors import item_fields, query_fields
from relevance.grades import Grade
from rules.engine import Resolution, Rulebook
from rules.models import Release
from rules.selectors import rulebook_for

WORKING_FACETS = frozenset({"tokens", "head", "text"})  # what the matcher needs, and no person
SHORT = 300  # characters of a description that need no fold
FIELD = re.compile(r"\bitem\.(\w+)")
LONG_CODE = re.compile(r"[\W\d_]{12,}$")  # numbers of a register: nobody judges by them
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)T00:00:00(?:\.0+)?(?:Z|\+00:00)?$")


@dataclass(frozen=True)
class FiredRule:
    """A rule that fires on this pair, as text beside the item."""

    code: str
    title: str
    principle: str
    grade: int
    dimension: str
    reason: str
    decisive: bool


@dataclass(frozen=True)
class Attribute:
    name: str
    text: SafeString
    looked_at: bool


@dataclass(frozen=True)
class Subject:
    """One pair to judge. `allowed` are the grades the rules leave ("34"); empty where nothing fires or all is blind."""

    slot: Slot
    task: AnnotationTask
    pair: Pair
    query: Query
    item: Item
    version: ItemVersion
    release: Release
    title: SafeString
    description: SafeString
    attributes: list[Attribute]
    pictures: list[ItemImage]
    blind: bool
    rules: list[FiredRule] = field(default_factory=list)
    conflict: bool = False
    allowed: str = ""
    previous: Judgment | None = None
    suggestion: Suggestion | None = None
    description_short: bool = False

    @property
    def rules_shown(self) -> str:
        return " ".join(rule.code for rule in self.rules)

    @property
    def facets(self) -> list[tuple[str, str]]:
        return [
            (name, _text(value))
            for name, value in self.query.facets.items()
            if name not in WORKING_FACETS and value not in (None, "", [], {})
        ]


def subjects_for(slots: Sequence[Slot], release: Release, *, blind: bool | None = None) -> list[Subject]:
    """Subjects for leased slots, in their order. `blind` overrides what the tasks say (adjudication sees rules)."""
    tasks = task_rows([slot.annotation_task_id for slot in slots])
    previous = _previous([slot for slot in slots if tasks[slot.annotation_task_id].answered])
    suggested = _suggested(tasks.values(), release) if blind is None else {}
    rulebook = rulebook_for(release)
    found = []
    for slot in slots:
        task = tasks[slot.annotation_task_id]
        hidden = task.hidden if blind is None else blind
        resolution = None if hidden else _resolve(rulebook, task.pair)
        subject = _subject(slot, task, release, rulebook, resolution, hidden, previous.get(slot.pk))
        found.append(subject if hidden else replace(subject, suggestion=suggested.get(task.pk)))
    return found


def _suggested(tasks: Iterable[AnnotationTask], release: Release) -> dict[int, Suggestion]:
    """task -> the newest verdict a model gave for the item as it is now, under the release in force; where shown at all."""
    asking = [task for task in tasks if task.campaign.shows_suggestions and task.pair and not task.hidden]
    if not asking:
        return {}
    rows = Suggestion.objects.filter(pair__in=[task.pair_id for task in asking], release=release).order_by(
        "pk"
    )
    newest = {(row.pair_id, row.item_version_id): row for row in rows}
    pairs = [(task.pk, task.pair) for task in asking if task.pair]
    found = {task: newest.get((pair.pk, pair.item.current_id or 0)) for task, pair in pairs}
    return {pk: row for pk, row in found.items() if row is not None}


def _previous(slots: Sequence[Slot]) -> dict[int, Judgment]:
    """slot -> what she had said before she took it back, so that an undo gives it back to her."""
    if not slots:
        return {}
    rows = Judgment.objects.filter(
        slot__in=slots, superseded_by__superseded_by=None, superseded_by__grade=None
    ).exclude(superseded_by=None)
    people = {slot.pk: slot.person_id for slot in slots}
    return {
        row.slot_id: row
        for row in rows.select_related("note").order_by("at")
        if row.slot_id is not None and people.get(row.slot_id) == row.person_id
    }


def _resolve(rulebook: Rulebook, pair: Pair | None) -> Resolution | None:
    """What the rules say of the item as it is now; the rows are at hand, so no query."""
    if pair is None or pair.item.current is None:
        return None
    return rulebook.evaluate(query_fields(pair.query), item_fields(pair.item.current), trace=False)


def _subject(
    slot: Slot, task: AnnotationTask, release: Release, rulebook: Rulebook, resolution: Resolution | None,
    blind: bool, previous: Judgment | None,
) -> Subject:  # fmt: skip
    pair = task.pair
    assert pair is not None and pair.item.current is not None
    version = pair.item.current
    payload = getattr(version, "payload", None)
    description = payload.description if payload else ""
    text = pair.query.text
    looked_at = frozenset[str]() if blind else fields_looked_at(release.pk)
    return Subject(
        slot=slot, task=task, pair=pair, query=pair.query, item=pair.item, version=version, release=release,
        title=marked(version.title, text),
        description=marked(description, text),
        description_short=len(description) <= SHORT,
        attributes=_attributes(payload.attributes if payload else {}, text, looked_at),
        pictures=getattr(version, "stored_images", []),
        blind=blind,
        rules=_fired(rulebook, resolution),
        conflict=bool(resolution and resolution.conflict),
        allowed=_allowed(resolution),
        previous=previous,
    )  # fmt: skip


def _fired(rulebook: Rulebook, resolution: Resolution | None) -> list[FiredRule]:
    """Deciding rules first, then by priority: what weighs most is read first."""
    if resolution is None:
        return []
    firings = sorted(
        resolution.firings,
        key=lambda f: (f.code not in resolution.decisive, -rulebook.priorities[f.code], f.code),
    )
    return [
        FiredRule(
            f.code, rulebook.by_code[f.code].title, str(rulebook.by_code[f.code].spec.get("principle") or ""),
            int(f.grade), f.dimension, f.reason, f.code in resolution.decisive,
        )
        for f in firings
    ]  # fmt: skip


def _allowed(resolution: Resolution | None) -> str:
    if resolution is None or not resolution.firings:
        return ""
    return "".join(str(int(grade)) for grade in sorted(resolution.allowed) if isinstance(grade, Grade))


@lru_cache(maxsize=64)
def fields_looked_at(release_id: int) -> frozenset[str]:
    """Names of item fields that a release's rules read. A published release never changes, so this is kept."""
    found: set[str] = set()
    entries = Release.objects.get(pk=release_id).entries.select_related("rule_version")
    for entry in entries:
        version = entry.rule_version
        sources = [version.scope, *(str(step.get("when", "")) for step in version.ladder)]
        found.update(name for source in sources for name in FIELD.findall(source))
    return frozenset(found)


def _attributes(values: Mapping[str, Any], query: str, looked_at: frozenset[str]) -> list[Attribute]:
    """Those that rules look at first, then those with a word of the query, then as they came; bare codes last."""
    rows = [
        Attribute(name.replace("_", " "), marked(_text(value), query), name in looked_at)
        for name, value in values.items()
        if value not in (None, "", [], {})
    ]
    return sorted(
        rows, key=lambda row: (not row.looked_at, "<mark>" not in row.text, bool(LONG_CODE.match(row.text)))
    )


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return MIDNIGHT.sub(r"\1", str(value))  # a day is not a moment


@dataclass(frozen=True)
class ItemFacts:
    """One item beside others: what fits into a row or a column of a page."""

    version: ItemVersion
    title: SafeString
    attributes: list[Attribute]
    picture: ItemImage | None


def item_facts(version: ItemVersion, query: str, looked_at: frozenset[str]) -> ItemFacts:
    """`version` with its payload and `stored_images` at hand, for rows and columns; the query's words are marked."""
    payload = getattr(version, "payload", None)
    pictures = getattr(version, "stored_images", [])
    attributes = _attributes(payload.attributes if payload else {}, query, looked_at)
    return ItemFacts(version, marked(version.title, query), attributes, pictures[0] if pictures else None)


def rules_on(rulebook: Rulebook, query: Query, version: ItemVersion) -> tuple[list[FiredRule], str]:
    """(the rules that fire on an item for a query, the grades they leave as "34"); empty where none fires."""
    resolution = rulebook.evaluate(query_fields(query), item_fields(version), trace=False)
    return _fired(rulebook, resolution), _allowed(resolution)


def grades_left(task: int, release: Release, item_version: int | None = None) -> str:
    """The grades that a release's rules leave to a task's pair, as "34"; empty where none fires.

    Of the item version that was seen, where one is named; of the item as it is otherwise.
    """
    asked = AnnotationTask.objects.select_related("pair__query", "pair__item").get(pk=task)
    pair = asked.pair
    version = (item_version or pair.item.current_id) if pair else None
    if pair is None or version is None:
        return ""
    seen = ItemVersion.objects.filter(pk=version, item=pair.item_id).select_related("payload").first()
    return rules_on(rulebook_for(release), pair.query, seen)[1] if seen else ""


def subject_of_pair(pk: int, release: Release) -> Subject:
    """A pair outside any campaign, blind: a quiz asks about it as the working page would. Three queries."""
    images = ItemImage.objects.filter(state=ItemImage.State.STORED).order_by("position")
    pair = (
        Pair.objects.select_related("query__traffic", "item__current__payload")
        .prefetch_related(Prefetch("item__current__images", queryset=images, to_attr="stored_images"))
        .get(pk=pk)
    )
    return _subject(Slot(), AnnotationTask(pair=pair), release, rulebook_for(release), None, True, None)
