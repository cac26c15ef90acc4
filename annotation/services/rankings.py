"""Rankings: a person's order of a pair's reasonings, in tiers. Append-only; same promises as judgments."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from annotation.errors import KeyTaken, NothingToUndo, SlotTaken
from annotation.models import AnnotationTask, Campaign, Judgment, Ranking, Reasoning, Slot
from annotation.selectors.lists import order_shown
from annotation.services.judgments import UNDO_DEPTH
from annotation.services.reasonings import reasoning_read, reasonings_ensure
from annotation.services.slots import (
    campaign_count_done,
    slot_claim,
    slot_finish,
    slot_reopen,
    take_turns,
    task_lock,
)
from catalog.models import Pair
from rules.models import Release
from webapp.common.errors import Invalid
from webapp.common.models import User

KIND = Campaign.Kind.RANKING
FAULTS = {
    "knowledge": "wrong knowledge",
    "visual": "the picture says otherwise",
    "rule": "rule misapplied",
    "unsupported": "evidence not in the item",
    "contradiction": "contradicts its own verdict",
}


def ranking_submit(
    *,
    key: uuid.UUID,
    slot: Slot | int,
    person: User,
    release: Release,
    tiers: Sequence[Sequence[int]],
    all_bad: bool = False,
    faults: Mapping[str, Mapping[str, str]] | None = None,
    correction: str = "",
    shown_order: Sequence[int] = (),
    seconds: float | None = None,
    lease: uuid.UUID | None = None,
    origin: str = Judgment.Origin.SITE,
) -> Ranking:
    """Write one person's order of a task's reasonings, exactly once for a `key`.

    `tiers` is best first and may be partial; a tier of several is a tie. `correction` is the text of a reasoning she wrote
    or mended as the preferred answer (see `reasoning_read`). `shown_order` is what she saw; one that is not of this list is
    put right. Raises SlotTaken, with what she sent, where it came too late.
    """
    sent: dict[str, Any] = {
        "tiers": [list(tier) for tier in tiers], "all_bad": all_bad, "faults": dict(faults or {}),
        "correction": correction,
    }  # fmt: skip
    with transaction.atomic():
        named, task = task_lock(slot if isinstance(slot, int) else slot.pk, kind=KIND)
        known = _known(key, person)
        if known is not None:
            return known
        ids = _check(task, sent)
        better = reasoning_read(correction, release) if correction.strip() else None
        claimed = slot_claim(named, task, person)
        if claimed is None:
            raise SlotTaken(
                "Your time for this list ran out and others have ranked it. What you did is kept here.",
                extra={"typed": sent},
            )
        order = list(shown_order)
        if sorted(order) != sorted(ids):
            order = order_shown(task.pk, person.pk, list(ids))
        sent["correction"] = better
        return _write(key, claimed, task, person, release, sent, order, seconds, origin)


def _known(key: uuid.UUID, person: User) -> Ranking | None:
    known = Ranking.objects.filter(pk=key).first()
    if known is not None and known.person_id != person.pk:
        raise KeyTaken("This answer's key belongs to somebody else's answer: reload the page.")
    return known


def _check(task: AnnotationTask, sent: Mapping[str, Any]) -> set[int]:
    """Every named reasoning is of this task, none twice; an order or 'all bad' there must be. Returns the task's."""
    steps = dict(task.reasonings.values_list("pk", "steps"))
    shown, known = set(steps), {"verdict", "text"}.union(*steps.values())
    named = [pk for tier in sent["tiers"] for pk in tier]
    if len(named) != len(set(named)) or not set(named) <= shown:
        raise Invalid("The order names a reasoning twice, or one that is not in this list.", code="tiers")
    if not named and not sent["all_bad"]:
        raise Invalid("Put at least one reasoning in a tier, or say that all are bad.", code="tiers")
    for pk, marks in sent["faults"].items():
        if (
            not pk.isdecimal()
            or int(pk) not in shown
            or not set(marks) <= known
            or not set(marks.values()) <= set(FAULTS)
        ):
            raise Invalid(
                "A fault names a reasoning of this list, one of its steps and one of the known faults.",
                code="faults",
            )
    return shown


def _write(
    key: uuid.UUID, slot: Slot, task: AnnotationTask, person: User, release: Release, sent: Mapping[str, Any],
    shown_order: list[int], seconds: float | None, origin: str,
) -> Ranking:  # fmt: skip
    assert task.pair is not None
    head = Ranking.objects.filter(slot=slot, person=person, superseded_by=None).first()
    ranking = Ranking.objects.create(
        id=key, corpus_id=task.pair.corpus_id, pair=task.pair, slot=slot, person=person, release=release,
        tiers=[tier for tier in sent["tiers"] if tier], shown_order=shown_order, all_bad=sent["all_bad"],
        faults=sent["faults"], correction=_correction(task.pair, person, release, sent["correction"]),
        origin=origin, seconds=seconds, supersedes=head,
    )  # fmt: skip
    if slot_finish(slot, person):
        if not task.slots.exclude(state=Slot.State.DONE).exists():
            AnnotationTask.objects.filter(pk=task.pk).update(outcome=AnnotationTask.Outcome.AGREED)
        campaign_count_done(slot.campaign_id)
    return ranking


def _correction(
    pair: Pair, person: User, release: Release, content: Mapping[str, Any] | None
) -> Reasoning | None:
    if not content:
        return None
    row = {**content, "author_kind": Reasoning.Author.PERSON, "author_name": person.display_name}
    return reasonings_ensure(pair=pair, contents=[row], release=release, person=person)[0]


def ranking_undo(*, campaign: Campaign, person: User) -> Ranking:
    """Withdraw her newest standing ranking of a campaign; its slot is hers again. Ten deep, as for judgments."""
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        heads = Ranking.objects.filter(slot__campaign=campaign, person=person, superseded_by=None)
        withdrawn = heads.filter(withdrawn=True, slot__person=person, slot__state=Slot.State.LEASED).count()
        head = heads.filter(withdrawn=False).order_by("-at").first()
        if head is None or head.slot_id is None:
            raise NothingToUndo("There is no ranking of yours here to take back.")
        if withdrawn >= UNDO_DEPTH:
            raise NothingToUndo(f"Undo goes {UNDO_DEPTH} answers back: answer those first.")
        slot, task = task_lock(head.slot_id, kind=KIND)
        if Ranking.objects.filter(supersedes=head).exists():
            raise NothingToUndo("That order has just been changed in another window: try again.")
        row = Ranking.objects.create(
            corpus_id=head.corpus_id, pair_id=head.pair_id, slot=slot, person=person, release_id=head.release_id,
            tiers=[], withdrawn=True, supersedes=head,
        )  # fmt: skip
        AnnotationTask.objects.filter(pk=task.pk).update(outcome=AnnotationTask.Outcome.PENDING)
        slot_reopen(slot, person)
    return row
