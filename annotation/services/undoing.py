"""Undo: the last thing a person did in a campaign, whatever its kind asks for. Skips count: a key slips there as well."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Campaign, Skip, Slot
from annotation.selectors.quizzes import may_be_given
from annotation.selectors.standing import standing_of
from annotation.services.judgments import judgment_undo
from annotation.services.pages import page_verdict_undo
from annotation.services.rankings import ranking_undo
from annotation.services.sides import preference_undo
from annotation.services.slots import LEASE, take_turns
from webapp.common.models import User

# kind -> what withdraws the newest answer
KINDS: dict[str, Callable[..., Any]] = {
    Campaign.Kind.PAIR: judgment_undo,
    Campaign.Kind.RANKING: ranking_undo,
    Campaign.Kind.PAGE: page_verdict_undo,
    Campaign.Kind.PAGE_PAIR: preference_undo,
}
BACK = "Not skipped: it is before you again."
TAKEN = (
    "No longer skipped, but somebody else has it by now: should its place come free, it can be yours again."
)
SHUT = "No longer skipped: it can be yours again once this campaign gives out subjects."


@dataclass(frozen=True)
class Undone:
    """What is before her again: the slot (None: a skip is taken back, whose subject cannot be hers now), the answer that
    was withdrawn (None: it was a skip), and a word about it.
    """

    slot: int | None
    answer: uuid.UUID | None
    word: str


def answer_undo(*, campaign: Campaign, person: User, skips: bool = True) -> Undone:
    """Take back the last thing she did in a campaign and has not taken back yet: a skip, or an answer.

    Called again it goes on with what was before, ten answers deep (NothingToUndo). `skips` False: answers alone.
    """
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        skip = Skip.objects.filter(annotation_task__campaign=campaign, person=person).order_by("-at").first()
        if skips and skip and not standing_of(campaign).filter(person=person, at__gt=skip.at).exists():
            return _unskip(skip, campaign, person)
        row = KINDS[campaign.kind](campaign=campaign, person=person)
    return Undone(row.slot_id, row.supersedes_id, "Taken back: it is before you again.")


def _unskip(skip: Skip, campaign: Campaign, person: User) -> Undone:
    """The skip is gone whatever has become of its subject; that is hers at once where a place of it is free."""
    places = Slot.objects.filter(annotation_task=skip.annotation_task_id)
    skip.delete()
    if held := places.filter(person=person, state=Slot.State.LEASED).first():
        return Undone(held.pk, None, BACK)
    if not may_be_given(campaign, person):
        return Undone(None, None, SHUT)
    free = places.select_for_update(skip_locked=True).filter(state=Slot.State.OPEN).order_by("number").first()
    if free is None:
        return Undone(None, None, TAKEN)
    free.state, free.person, free.lease = Slot.State.LEASED, person, uuid.uuid4()
    free.lease_until = timezone.now() + LEASE
    free.save(update_fields=["state", "person", "lease", "lease_until"])
    return Undone(free.pk, None, BACK)
