"""Undo: the last thing a person did in a campaign, whatever its kind asks for. Skips count: a key slips there as well."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotation.models import Campaign, Judgment, PagePreference, PageVerdict, Ranking, Skip, Slot
from annotation.services.judgments import judgment_undo
from annotation.services.pages import page_verdict_undo
from annotation.services.rankings import ranking_undo
from annotation.services.sides import preference_undo
from annotation.services.slots import LEASE, take_turns
from webapp.common.models import User

# kind -> its ledger, and what withdraws the newest answer in it
KINDS: dict[str, tuple[Any, Callable[..., Any]]] = {
    Campaign.Kind.PAIR: (Judgment, judgment_undo),
    Campaign.Kind.RANKING: (Ranking, ranking_undo),
    Campaign.Kind.PAGE: (PageVerdict, page_verdict_undo),
    Campaign.Kind.PAGE_PAIR: (PagePreference, preference_undo),
}


@dataclass(frozen=True)
class Undone:
    """What is before her again: the slot, the answer that was withdrawn (None: it was a skip), and a word about it."""

    slot: int
    answer: uuid.UUID | None
    word: str


def answer_undo(*, campaign: Campaign, person: User, skips: bool = True) -> Undone:
    """Take back the last thing she did in a campaign: a skip while its subject can still be hers, else her newest answer.

    Called again it goes on with what was before, ten answers deep (NothingToUndo). `skips` False: answers alone.
    """
    ledger, undo = KINDS[campaign.kind]
    word = "Taken back: it is before you again."
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        skip = Skip.objects.filter(annotation_task__campaign=campaign, person=person).order_by("-at").first()
        if skips and skip and not ledger.objects.filter(
            slot__campaign=campaign, person=person, at__gt=skip.at
        ).exists():  # fmt: skip
            if slot := _unskip(skip, campaign, person):
                return Undone(slot.pk, None, "Not skipped: it is before you again.")
            word = "What you skipped is somebody else's by now: this is your answer before it."
        row = undo(campaign=campaign, person=person)
    return Undone(row.slot_id, row.supersedes_id, word)


def _unskip(skip: Skip, campaign: Campaign, person: User) -> Slot | None:
    """The subject is hers once more, where a place of it is free and the campaign gives out any."""
    if campaign.state != Campaign.State.OPEN or campaign.is_over:
        return None
    places = Slot.objects.filter(annotation_task=skip.annotation_task_id)
    if places.filter(person=person).exists():
        return None
    free = places.select_for_update(skip_locked=True).filter(state=Slot.State.OPEN).order_by("number").first()
    if free is None:
        return None
    skip.delete()
    free.state, free.person, free.lease = Slot.State.LEASED, person, uuid.uuid4()
    free.lease_until = timezone.now() + LEASE
    free.save(update_fields=["state", "person", "lease", "lease_until"])
    return free
