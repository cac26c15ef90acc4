"""Judgments: exactly once, append-only, never one more than the overlap asks for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F

from annotation.errors import DimensionNeeded, KeyTaken, NothingToUndo, SlotTaken
from annotation.models import AnnotationTask, Campaign, Judgment, JudgmentNote, Slot, Suggestion
from annotation.selectors.releases import dimensions_of
from annotation.selectors.working_rows import judgments_met
from annotation.services.settle import task_settle
from annotation.services.slots import (
    campaign_count_done,
    slot_claim,
    slot_finish,
    slot_reopen,
    take_turns,
    task_lock,
)
from annotation.services.unsettling import task_unsettle
from catalog.models import ItemVersion, SettledVerdict
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import User

UNDO_DEPTH = 10
KIND = Campaign.Kind.PAIR


@dataclass(frozen=True)
class Content:
    """What a person says about a pair; JSON-safe, so that a refusal can hand it back."""

    grade: int
    dimension: str
    rules_shown: tuple[str, ...]
    rules_cited: tuple[str, ...]
    picture_decided: bool
    disagreement: str
    comment: str
    seconds: float | None
    suggestion: int | None = None


@dataclass(frozen=True)
class Saved:
    """An answer that is in the ledger. `word` tells her what was unusual about it, or is empty."""

    judgment: Judgment
    repeated: bool = False
    word: str = ""


def judgment_submit(
    *,
    key: uuid.UUID,
    slot: Slot | int,
    person: User,
    release: Release,
    grade: int,
    lease: uuid.UUID | None = None,
    dimension: str = "",
    rules_shown: Sequence[str] = (),
    rules_cited: Sequence[str] = (),
    picture_decided: bool = False,
    disagreement: str = "",
    comment: str = "",
    seconds: float | None = None,
    suggestion: int | None = None,
    item_version: int | None = None,
    origin: str = Judgment.Origin.SITE,
    campaign: Campaign | None = None,
) -> Saved:
    """Write one person's verdict for a slot, exactly once for a `key`, however often it is sent.

    A lease that ran out costs nothing while a place of the task is free for her. Where others have taken every place,
    SlotTaken is raised and carries what she typed. A second answer of hers to the same task supersedes the first.
    With `campaign` the slot has to be one of it (NotFound). `suggestion` is the model's verdict that was on the screen.
    """
    content = Content(
        grade, dimension, tuple(rules_shown)[:60], tuple(rules_cited)[:60], picture_decided, disagreement,
        comment.strip()[:4000], None if seconds is None else max(0.0, min(float(seconds), 86_400.0)), suggestion,
    )  # fmt: skip
    content_check(content, release)
    with transaction.atomic():
        named, task = task_lock(slot if isinstance(slot, int) else slot.pk, campaign, kind=KIND)
        met = judgments_met(key, named, person)  # under the lock: the same answer may come side by side
        if met.same is not None:
            return _repeated(met.same, person)
        claimed = slot_claim(named, task, person)
        if claimed is None:
            raise _taken(content)
        late = lease is not None and claimed.lease != lease
        if claimed.pk != named.pk:
            met = judgments_met(key, claimed, person)
        head = met.standing
        saved = _write(key, claimed, task, person, release, content, item_version, origin, late, head)
        over = campaign is not None and campaign.is_over and not saved.word
        return Saved(saved.judgment, word="Saved, after the campaign's deadline.") if over else saved


def _repeated(known: Judgment, person: User) -> Saved:
    if known.person_id != person.pk:
        raise KeyTaken("This answer's key belongs to somebody else's answer: reload the page.")
    return Saved(known, repeated=True)


def _taken(content: Content) -> SlotTaken:
    return SlotTaken(
        "Your time for this one ran out and others have answered it, so this answer was not needed. "
        "What you typed is kept here for you to copy.",
        extra={"typed": typed(content)},
    )


def typed(content: Content) -> dict[str, Any]:
    return {
        **content.__dict__,
        "rules_shown": list(content.rules_shown),
        "rules_cited": list(content.rules_cited),
    }


def _write(
    key: uuid.UUID, slot: Slot, task: AnnotationTask, person: User, release: Release, content: Content,
    item_version: int | None, origin: str, late: bool, head: Judgment | None,
) -> Saved:  # fmt: skip
    """Append the row, fill the slot, settle the task where this was its last answer, count."""
    assert task.pair is not None  # judgments are about pairs: a task of another kind has its own services
    seen = _suggestion_seen(task, content.suggestion)
    judgment = Judgment.objects.create(
        id=key, corpus_id=task.pair.corpus_id, pair=task.pair, slot=slot, person=person, release=release,
        item_version_id=_version_seen(task, item_version), grade=content.grade, dimension=content.dimension,
        rules_shown=list(content.rules_shown), rules_cited=list(content.rules_cited),
        picture_decided=content.picture_decided, disagreement=content.disagreement,
        suggestion_shown_id=seen, blind=task.hidden and not content.rules_shown and seen is None,
        origin=origin, seconds=content.seconds, supersedes=head,
    )  # fmt: skip
    if content.comment:
        JudgmentNote.objects.create(judgment=judgment, comment=content.comment)
    replaced = head is not None and head.grade is not None
    newly = slot_finish(slot, person)
    task_settle(task)
    if newly:
        campaign_count_done(slot.campaign_id)
    if replaced:
        return Saved(judgment, word="This replaces your earlier answer.")
    return Saved(judgment, word="Saved, though its time had run out." if late else "")


def _suggestion_seen(task: AnnotationTask, given: int | None) -> int | None:
    """The suggestion that was shown; it must be one about this pair."""
    if given is not None and not Suggestion.objects.filter(pk=given, pair=task.pair).exists():
        raise Invalid("That suggestion is not about this pair: reload the page.", code="suggestion")
    return given


def _version_seen(task: AnnotationTask, given: int | None) -> int:
    """The item version she saw; it must be one of this item's."""
    assert task.pair is not None
    item = task.pair.item
    if given is None or given == item.current_id:
        return int(item.current_id or 0)
    if not ItemVersion.objects.filter(pk=given, item=item).exists():
        raise Invalid("That item version is not of this item.", code="item_version")
    return given


def content_check(content: Content, release: Release) -> None:
    """Refuse a verdict that is none, in words that say what is missing."""
    if content.grade not in (1, 2, 3, 4):
        raise Invalid("A grade is L1, L2, L3 or L4.", code="grade")
    known = dimensions_of(release)
    if content.dimension and content.dimension not in known:
        raise Invalid(f"“{content.dimension[:40]}” is no dimension of {release}.", code="dimension")
    if content.grade == 2 and not content.dimension:
        raise DimensionNeeded("L2 says that one thing conflicts: name it.")
    if content.grade > 2 and content.dimension:
        raise Invalid("L3 and L4 have no conflict, so they name no dimension.", code="dimension")
    if content.disagreement not in Judgment.Disagreement.values:
        raise Invalid("That is no reason this page knows.", code="disagreement")


def judgment_undo(*, campaign: Campaign, person: User) -> Judgment:
    """Withdraw her newest standing answer of a campaign; returns the withdrawing row, whose slot is hers again.

    Called again it withdraws the one before, ten deep.
    """
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        heads = Judgment.objects.filter(slot__campaign=campaign, person=person, superseded_by=None)
        withdrawn = heads.filter(grade=None, slot__person=person, slot__state=Slot.State.LEASED).count()
        told = heads.exclude(grade=None).annotate(standing=F("pair__settled__source"))
        head = told.order_by("-at").first()
        if head is None or head.slot_id is None:
            raise NothingToUndo("There is no answer of yours here to take back.")
        if withdrawn >= UNDO_DEPTH:
            raise NothingToUndo(f"Undo goes {UNDO_DEPTH} answers back: answer those first.")
        slot, task = task_lock(head.slot_id, kind=KIND)
        if Judgment.objects.filter(supersedes=head).exists():
            raise NothingToUndo("That answer has just been changed in another window: try again.")
        row = Judgment.objects.create(
            corpus_id=head.corpus_id, pair_id=head.pair_id, item_version_id=head.item_version_id, slot=slot,
            person=person, release_id=head.release_id, grade=None, blind=head.blind, supersedes=head,
        )  # fmt: skip
        # One that waits for others, too, may have settled its pair: before more people were asked for.
        if task.outcome or head.standing == SettledVerdict.Source.CONSENSUS:
            task_unsettle(task)
        slot_reopen(slot, person)
    return row
