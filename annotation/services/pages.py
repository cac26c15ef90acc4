"""Answers about pages: the items' grades as ordinary judgments and the whole as its own row, in one transaction."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from annotation.consensus import METHOD, consensus_of
from annotation.errors import KeyTaken, NothingToUndo, SlotTaken
from annotation.models import AnnotationTask, Campaign, Judgment, ListSettings, PageVerdict, Slot
from annotation.selectors.pages import known_pairs
from annotation.services.judgments import UNDO_DEPTH, Content, content_check
from annotation.services.settle import opinion_from
from annotation.services.slots import (
    campaign_count_done,
    slot_claim,
    slot_finish,
    slot_reopen,
    take_turns,
    task_lock,
)
from annotation.services.unsettling import consensus_retract, pairs_judged, task_unsettle
from catalog.models import PageEntry, Pair, SettledVerdict
from catalog.services import NewVerdict, verdicts_settle
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import User

KIND = Campaign.Kind.PAGE


@dataclass(frozen=True)
class ItemGrade:
    """One item's grade on a page, with the idempotency key of the judgment it becomes."""

    key: uuid.UUID
    pair: int
    grade: int
    dimension: str = ""
    rules_shown: tuple[str, ...] = ()
    disagreement: str = ""
    picture_decided: bool = False


def page_verdict_submit(
    *,
    key: uuid.UUID,
    slot: Slot | int,
    person: User,
    release: Release,
    mark: int,
    grades: Sequence[ItemGrade] = (),
    comment: str = "",
    seconds: float | None = None,
    lease: uuid.UUID | None = None,
    origin: str = Judgment.Origin.SITE,
    campaign: Campaign | None = None,
) -> PageVerdict:
    """Write one person's verdict on a page and her grades of its items, exactly once for a `key`.

    Raises SlotTaken, with what she sent, where others have taken every place of the page.
    """
    said = comment.strip()[:2000]
    sent = {"mark": mark, "comment": said, "grades": [_plain(grade) for grade in grades]}
    with transaction.atomic():
        named, task = task_lock(slot if isinstance(slot, int) else slot.pk, campaign, kind=KIND)
        known = PageVerdict.objects.filter(pk=key).first()
        if known is not None:
            return _same_person(known, person)
        entries = _check(task, release, mark, grades)
        claimed = slot_claim(named, task, person)
        if claimed is None:
            raise SlotTaken(
                "Your time for this page ran out and others have judged it. What you did is kept here.",
                extra={"typed": sent},
            )
        head = PageVerdict.objects.filter(slot=claimed, person=person, superseded_by=None).first()
        row = PageVerdict.objects.create(
            id=key, corpus_id=task.campaign.corpus_id, page_id=_page(task), slot=claimed, person=person,
            release=release, mark=mark, comment=said, blind=task.hidden, origin=origin,
            seconds=seconds, supersedes=head,
        )  # fmt: skip
        _judgments_write(row, task, grades, entries)
        newly = slot_finish(claimed, person)
        _settle(task)
        if newly:
            campaign_count_done(claimed.campaign_id)
    return row


def _page(task: AnnotationTask) -> int:
    assert task.page_id is not None  # of this kind
    return task.page_id


def _plain(grade: ItemGrade) -> dict[str, Any]:
    return {"pair": grade.pair, "grade": grade.grade, "dimension": grade.dimension}


def _same_person(known: PageVerdict, person: User) -> PageVerdict:
    if known.person_id != person.pk:
        raise KeyTaken("This answer's key belongs to somebody else's answer: reload the page.")
    return known


def _check(
    task: AnnotationTask, release: Release, mark: int, grades: Sequence[ItemGrade]
) -> dict[int, PageEntry]:
    """pair -> entry of the page; refuses what is no verdict on this page."""
    page = _page(task)
    if mark not in PageVerdict.Mark.values:
        raise Invalid("A page is Good, Mid or Bad.", code="mark")
    entries = {entry.pair_id: entry for entry in PageEntry.objects.filter(page=page)}
    named = [grade.pair for grade in grades]
    if len(named) != len(set(named)) or not set(named) <= set(entries):
        raise Invalid("A grade names an item twice, or one that is not on this page.", code="grades")
    for grade in grades:
        content_check(
            Content(grade.grade, grade.dimension, grade.rules_shown, (), grade.picture_decided, grade.disagreement,
                    "", None), release)  # fmt: skip
    settings = ListSettings.objects.filter(campaign=task.campaign_id).first()
    missing = len(entries) - len(named)
    if settings is not None and settings.items == ListSettings.Items.REQUIRED and missing:
        raise Invalid(f"Every item is judged here: {missing} of {len(entries)} are not yet.", code="items")
    if settings is not None and settings.items == ListSettings.Items.NONE and named:
        raise Invalid("This campaign asks for the whole page alone.", code="items")
    return entries


def _judgments_write(
    row: PageVerdict, task: AnnotationTask, grades: Sequence[ItemGrade], entries: Mapping[int, PageEntry]
) -> None:
    """Each grade is a judgment; what she had graded here before and left out now is withdrawn."""
    standing = Judgment.objects.filter(slot=row.slot, person=row.person, superseded_by=None)
    heads = {head.pair_id: head for head in standing}
    taken = Judgment.objects.filter(pk__in=[grade.key for grade in grades])
    if taken.exists():
        raise KeyTaken("One of these grades bears a key that is taken: reload the page.")
    known = known_pairs(list(entries))
    given = {grade.pair for grade in grades}
    rows = [
        Judgment(
            id=grade.key, pair_id=grade.pair, item_version_id=entries[grade.pair].item_version_id, grade=grade.grade,
            dimension=grade.dimension, rules_shown=list(grade.rules_shown), disagreement=grade.disagreement,
            picture_decided=grade.picture_decided,
            blind=(task.hidden or grade.pair in known) and not grade.rules_shown,
            supersedes=heads.get(grade.pair), **_shared(row),
        )
        for grade in grades
    ]  # fmt: skip
    rows += [
        _withdrawn(head, row)
        for head in heads.values()
        if head.pair_id not in given and head.grade is not None
    ]
    Judgment.objects.bulk_create(rows)


def _shared(row: PageVerdict) -> dict[str, Any]:
    return {
        "corpus_id": row.corpus_id, "page_id": row.page_id, "slot_id": row.slot_id, "person_id": row.person_id,
        "release_id": row.release_id, "origin": row.origin,
    }  # fmt: skip


def _withdrawn(head: Judgment, row: PageVerdict) -> Judgment:
    return Judgment(
        pair_id=head.pair_id, item_version_id=head.item_version_id, grade=None, blind=head.blind, supersedes=head,
        **_shared(row),
    )  # fmt: skip


def _settle(task: AnnotationTask) -> None:
    """Once every place is answered: the items' verdicts settle where people agree, as for pairs. Gold stays as it is."""
    if task.slots.exclude(state=Slot.State.DONE).exists():
        return
    AnnotationTask.objects.filter(pk=task.pk).update(outcome=AnnotationTask.Outcome.AGREED)
    rows = Judgment.objects.filter(slot__annotation_task=task, superseded_by=None, pair__gold=None).exclude(
        grade=None
    )
    given: dict[int, list[Judgment]] = {}
    for row in rows.order_by("at"):
        given.setdefault(row.pair_id, []).append(row)
    there = Pair.objects.filter(pk__in=given).exclude(item__current=None).values_list("pk", flat=True)
    agreed = {pair: consensus_of([opinion_from(row) for row in given[pair]]) for pair in there}
    verdicts = [
        NewVerdict(
            pair=pair, item_version=given[pair][-1].item_version_id, grade=int(consensus.grade),
            dimension=consensus.dimension, source=SettledVerdict.Source.CONSENSUS,
            method=f"{METHOD} of {consensus.total}", picture_decided=consensus.picture_decided, blind=consensus.blind,
        )
        for pair, consensus in agreed.items()
        if consensus.grade
    ]  # fmt: skip
    verdicts_settle(corpus=task.campaign.corpus, rows=verdicts)
    if task.outcome:  # answered again: items on which they agree no more
        consensus_retract(task, sorted(set(pairs_judged(task)) - {row["pair"] for row in verdicts}))


def page_verdict_undo(*, campaign: Campaign, person: User) -> PageVerdict:
    """Withdraw her newest standing verdict on a page of a campaign, with the items' grades; the page is hers again."""
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        heads = PageVerdict.objects.filter(slot__campaign=campaign, person=person, superseded_by=None)
        withdrawn = heads.filter(mark=None, slot__person=person, slot__state=Slot.State.LEASED).count()
        head = heads.exclude(mark=None).order_by("-at").first()
        if head is None or head.slot_id is None:
            raise NothingToUndo("There is no page of yours here to take back.")
        if withdrawn >= UNDO_DEPTH:
            raise NothingToUndo(f"Undo goes {UNDO_DEPTH} answers back: answer those first.")
        slot, task = task_lock(head.slot_id, kind=KIND)
        if PageVerdict.objects.filter(supersedes=head).exists():
            raise NothingToUndo("That answer has just been changed in another window: try again.")
        row = PageVerdict.objects.create(
            corpus_id=head.corpus_id, page_id=head.page_id, slot=slot, person=person, release_id=head.release_id,
            mark=None, blind=head.blind, supersedes=head,
        )  # fmt: skip
        _judgments_write(row, task, (), {})
        task_unsettle(task)
        slot_reopen(slot, person)
    return row
