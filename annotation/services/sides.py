"""Choices between two pages of a query. Which one stood on the left is worked out here, never told by the browser."""

import uuid

from django.db import transaction

from annotation.errors import KeyTaken, NothingToUndo, SlotTaken
from annotation.models import AnnotationTask, Campaign, Judgment, ListSettings, PagePreference, Slot
from annotation.selectors.sides import left_page
from annotation.services.judgments import UNDO_DEPTH
from annotation.services.slots import (
    campaign_count_done,
    slot_claim,
    slot_finish,
    slot_reopen,
    take_turns,
    task_lock,
)
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import User

KIND = Campaign.Kind.PAGE_PAIR


def preference_submit(
    *,
    key: uuid.UUID,
    slot: Slot | int,
    person: User,
    release: Release,
    left_by: int,
    comment: str = "",
    seconds: float | None = None,
    lease: uuid.UUID | None = None,
    origin: str = Judgment.Origin.SITE,
    campaign: Campaign | None = None,
) -> PagePreference:
    """Write one person's choice exactly once for a `key`. `left_by` is as she saw it: 1 the left list is better, 0 they
    are the same, -1 the right one is; 2 and -2 where the campaign tells much better from slightly better.
    """
    with transaction.atomic():
        named, task = task_lock(slot if isinstance(slot, int) else slot.pk, campaign, kind=KIND)
        known = PagePreference.objects.filter(pk=key).first()
        if known is not None:
            if known.person_id != person.pk:
                raise KeyTaken("This answer's key belongs to somebody else's answer: reload the page.")
            return known
        _check(task, left_by)
        claimed = slot_claim(named, task, person)
        if claimed is None:
            raise SlotTaken(
                "Your time for this query ran out and others have answered it. What you did is kept here.",
                extra={"typed": {"left_by": left_by, "comment": comment}},
            )
        row = _write(key, claimed, task, person, release, left_by, comment.strip()[:2000], seconds, origin)
        if slot_finish(claimed, person):
            if not task.slots.exclude(state=Slot.State.DONE).exists():
                AnnotationTask.objects.filter(pk=task.pk).update(outcome=AnnotationTask.Outcome.AGREED)
            campaign_count_done(claimed.campaign_id)
    return row


def _check(task: AnnotationTask, left_by: int) -> None:
    five = ListSettings.objects.filter(campaign=task.campaign_id, five_grades=True).exists()
    if left_by not in ((-2, -1, 0, 1, 2) if five else (-1, 0, 1)):
        raise Invalid("Say which list is better, or that they are the same.", code="preference")


def _write(
    key: uuid.UUID, slot: Slot, task: AnnotationTask, person: User, release: Release, left_by: int, comment: str,
    seconds: float | None, origin: str,
) -> PagePreference:  # fmt: skip
    assert task.page_id is not None and task.other_page_id is not None  # checked before
    left = left_page(task, person.pk)
    head = PagePreference.objects.filter(slot=slot, person=person, superseded_by=None).first()
    return PagePreference.objects.create(
        id=key, corpus_id=task.campaign.corpus_id, page_id=task.page_id, other_page_id=task.other_page_id,
        left_page_id=left, slot=slot, person=person, release=release,
        preference=left_by if left == task.page_id else -left_by, comment=comment, origin=origin, seconds=seconds,
        supersedes=head,
    )  # fmt: skip


def preference_undo(*, campaign: Campaign, person: User) -> PagePreference:
    """Withdraw her newest standing choice of a campaign; the two pages are hers again. Ten deep."""
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        heads = PagePreference.objects.filter(slot__campaign=campaign, person=person, superseded_by=None)
        withdrawn = heads.filter(preference=None, slot__person=person, slot__state=Slot.State.LEASED).count()
        head = heads.exclude(preference=None).order_by("-at").first()
        if head is None or head.slot_id is None:
            raise NothingToUndo("There is no choice of yours here to take back.")
        if withdrawn >= UNDO_DEPTH:
            raise NothingToUndo(f"Undo goes {UNDO_DEPTH} answers back: answer those first.")
        slot, task = task_lock(head.slot_id, kind=KIND)
        if PagePreference.objects.filter(supersedes=head).exists():
            raise NothingToUndo("That answer has just been changed in another window: try again.")
        row = PagePreference.objects.create(
            corpus_id=head.corpus_id, page_id=head.page_id, other_page_id=head.other_page_id,
            left_page_id=head.left_page_id, slot=slot, person=person, release_id=head.release_id,
            preference=None, supersedes=head,
        )  # fmt: skip
        AnnotationTask.objects.filter(pk=task.pk).update(outcome=AnnotationTask.Outcome.PENDING)
        slot_reopen(slot, person)
    return row
