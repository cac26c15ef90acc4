"""Leases: who has which subject in front of her. A slot is one place for one answer, so overlap is exact by counting."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from annotation.models import AnnotationTask, Campaign, Flag, Skip, Slot
from annotation.selectors.held import HERS, SUGGESTED
from annotation.selectors.quizzes import may_be_given, quiz_passed
from annotation.selectors.working_rows import slot_locked
from annotation.services.settle import added_settle
from catalog.models import Pair
from rules.models import Release, Rule
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, NotFound
from webapp.common.models import User
from webapp.common.statements import Row, columns, fetch, row_of

LEASE = timedelta(minutes=10)
SKIP_REASONS = {
    "unsure": "I cannot decide",
    "unknown": "I do not know this kind of thing",
    "data": "the item's data is unusable",
    "language": "a language I do not read",
    "offensive": "offensive content",
}

TURN_SQL = "SELECT pg_advisory_xact_lock(%(campaign)s, %(person)s)"
TURN_GLADLY_SQL = f"{TURN_SQL}, set_config('synchronous_commit', 'off', true)"
# FOR UPDATE SKIP LOCKED over the partial index slot_open: nobody waits, nobody gets what another is about to get.
# OFFSET 0, as in HIDDEN_SQL: two steps into an index for each place looked at, never all places she ever answered.
LEASE_ANY_SQL = """
UPDATE annotation_slot SET state = 'leased', person_id = %(person)s, lease = %(lease)s, lease_until = %(until)s
WHERE id = (
    SELECT slot.id FROM annotation_slot slot
    WHERE slot.campaign_id = %(campaign)s AND slot.state = 'open'
      AND NOT EXISTS (SELECT 1 FROM annotation_slot held
                      WHERE held.annotation_task_id = slot.annotation_task_id AND held.person_id = %(person)s OFFSET 0)
      AND NOT EXISTS (SELECT 1 FROM annotation_skip skip
                      WHERE skip.annotation_task_id = slot.annotation_task_id AND skip.person_id = %(person)s OFFSET 0)
      {where}
    ORDER BY slot.priority DESC, slot.id LIMIT 1 FOR UPDATE OF slot SKIP LOCKED)
RETURNING {columns}
"""


# What she was given before and has not on her page, with the lease renewed.
HOLD_ANY_SQL = """
UPDATE annotation_slot SET lease_until = GREATEST(lease_until, %(until)s) WHERE id IN ({hers}) RETURNING {columns}
"""
FINISH_SQL = """
UPDATE annotation_slot SET state = 'done', person_id = %(person)s, lease = NULL, lease_until = NULL WHERE id = %(slot)s
"""
COUNT_SQL = "UPDATE annotation_campaign SET slots_done = slots_done + 1 WHERE id = %(campaign)s"
SLOT = columns(Slot, "annotation_slot")
LEASE_SQL, LEASE_SUGGESTED_SQL = (
    LEASE_ANY_SQL.format(where=where, columns=SLOT) for where in ("", SUGGESTED)
)
HOLD_SQL, HOLD_SUGGESTED_SQL = (
    HOLD_ANY_SQL.format(hers=HERS.format(columns="slot.id", where=where), columns=SLOT)
    for where in ("", SUGGESTED)
)


def slot_lease(*, campaign: Campaign, person: User) -> Slot | None:
    """Give `person` one more open slot of an open campaign, or None where nothing is left for her."""
    with transaction.atomic():
        if not _may_lease(campaign, person):
            return None
        return _lease_one({"campaign": campaign.pk, "person": person.pk, "until": timezone.now() + LEASE})


def slots_hold(
    *,
    campaign: Campaign,
    person: User,
    want: int,
    have: Sequence[int] = (),
    suggested_under: Release | None = None,
) -> list[Slot]:
    """Up to `want` slots leased to `person` beside those she already `have`s on her page, in queue order.

    Slots she was given before (a closed tab, an undo) come first, with their leases renewed; then new ones.
    With `suggested_under` only subjects with a model's suggestion under that release, to be reviewed in bulk.
    """
    some = suggested_under is not None
    values = {
        "campaign": campaign.pk, "person": person.pk, "have": list(have), "want": max(0, want),
        "until": timezone.now() + LEASE, "release": suggested_under.pk if suggested_under else 0,
    }  # fmt: skip
    with transaction.atomic():
        open_for_her = _may_lease(campaign, person)
        held = fetch(HOLD_SUGGESTED_SQL if some else HOLD_SQL, values)
        found = sorted(map(_slot, held), key=lambda slot: (-slot.priority, slot.pk))
        while open_for_her and len(found) < want:
            leased = _lease_one(values, LEASE_SUGGESTED_SQL if some else LEASE_SQL)
            if leased is None:
                break
            found.append(leased)
    return found


def _may_lease(campaign: Campaign, person: User) -> bool:
    """Two tabs of one person take turns (an advisory lock); one that is not open, or over, gives nothing new."""
    take_turns(campaign.pk, person.pk, lost_gladly=True)
    return may_be_given(campaign, person)


def take_turns(campaign_id: int, person_id: int, *, lost_gladly: bool = False) -> None:
    """One person's windows act one after the other in a campaign; held to the end of the transaction.

    `lost_gladly`: what follows costs nothing if a crash takes it back, as a lease does, so its commit does not wait for
    the disk. Answers do wait.
    """
    values = {"campaign": campaign_id & 0x7FFFFFFF, "person": person_id & 0x7FFFFFFF}
    fetch(TURN_GLADLY_SQL if lost_gladly else TURN_SQL, values)


def _lease_one(values: dict[str, Any], sql: str = LEASE_SQL) -> Slot | None:
    leased = fetch(sql, {**values, "lease": uuid.uuid4()})
    return _slot(leased[0]) if leased else None


def _slot(row: Row) -> Slot:
    return row_of(Slot, row)


def leases_renew(*, person: User, slots: Sequence[int]) -> list[int]:
    """The heartbeat of a page: renew what is still hers; returns the ids that are not hers any more."""
    held = Slot.objects.filter(pk__in=slots, person=person, state=Slot.State.LEASED)
    kept = set(held.values_list("pk", flat=True))
    held.update(
        lease_until=Greatest("lease_until", timezone.now() + LEASE)
    )  # an assigned one keeps its longer one
    return [pk for pk in slots if pk not in kept]


def leases_expire() -> int:
    """Open every slot whose lease has run out; returns how many. Safe beside a submit: it skips locked rows."""
    with transaction.atomic():
        spent = Slot.objects.select_for_update(skip_locked=True).filter(
            state=Slot.State.LEASED, lease_until__lt=timezone.now()
        )
        ids = list(spent.values_list("pk", flat=True)[:10_000])
        return slots_open(ids)


def slots_open(ids: Sequence[int]) -> int:
    """Put slots back for anybody; a place that was added and is needed no more goes. The caller holds their rows."""
    opened = Slot.objects.filter(pk__in=ids).update(
        state=Slot.State.OPEN, person=None, lease=None, lease_until=None
    )
    added_settle(ids)
    return opened


def slot_skip(*, slot: Slot, person: User, reason: str, comment: str = "") -> Skip:
    """Pass on a task, saying why: its slot opens for others and she is not given it again."""
    if reason not in SKIP_REASONS:
        raise Invalid(f"Say why you skip: {', '.join(SKIP_REASONS)}.", code="skip_reason")
    with transaction.atomic():
        held = Slot.objects.select_for_update().get(pk=slot.pk)
        if held.state == Slot.State.DONE and held.person_id == person.pk:
            raise Conflict("You have answered this one: undo the answer first.", code="already_answered")
        skip, _ = Skip.objects.get_or_create(
            annotation_task_id=held.annotation_task_id,
            person=person,
            defaults={"reason": reason, "comment": comment[:500]},
        )
        if held.person_id == person.pk:
            slots_open([held.pk])
    return skip


def flag_raise(*, pair: Pair, person: User, comment: str, rule_code: str = "") -> Flag:
    """A word to the rule editors about a pair, and about one rule where it is named."""
    if not comment.strip():
        raise Invalid("A flag needs a word on what is wrong.", code="flag_comment")
    with transaction.atomic():
        code = rule_code.strip()
        rule = Rule.objects.filter(corpus=pair.corpus_id, code__iexact=code).first() if code else None
        if code and rule is None:
            raise Invalid(f"There is no rule “{code}” here: mend the code, or leave it out.", code="rule")
        flag = Flag.objects.create(
            corpus_id=pair.corpus_id, pair=pair, person=person, rule=rule, comment=comment.strip()[:1000]
        )
        audit_record(
            actor=person, corpus=pair.corpus, action="flag.raise", subject=pair, data={"flag": flag.pk}
        )
    return flag


def flag_resolve(*, flag: Flag, actor: User) -> Flag:
    """The rule editors have dealt with it."""
    with transaction.atomic():
        changed = Flag.objects.filter(pk=flag.pk, resolved_at=None).update(resolved_at=timezone.now())
        if changed:
            audit_record(
                actor=actor,
                corpus=flag.corpus,
                action="flag.resolve",
                subject=flag.pair,
                data={"flag": flag.pk},
            )
    flag.refresh_from_db()
    return flag


def task_lock(
    slot_id: int, campaign: Campaign | None = None, *, kind: Campaign.Kind | None = None
) -> tuple[Slot, AnnotationTask]:
    """Lock a slot and its task for an answer: the last two answers of one task see each other.

    NotFound where there is no such slot, or where it is not one of `campaign`; Invalid where its campaign asks for an
    answer of another `kind`.
    """
    found = slot_locked(slot_id, campaign)
    if found is None:
        raise NotFound("That subject is not part of this campaign any more: reload the page.")
    if kind is not None and found[1].kind != kind:
        asked = Campaign.Kind(found[1].kind).label
        raise Invalid(
            f"This campaign asks for another kind of answer ({asked}): reload the page.", code="kind"
        )
    return found


def slot_claim(slot: Slot, task: AnnotationTask, person: User) -> Slot | None:
    """The slot her answer fills: the one she leased; else, for a late one, any place of the task still free for her.

    None: every place of this task has gone to somebody else. The caller holds `task_lock`.
    """
    if slot.person_id == person.pk:
        return slot
    take_turns(slot.campaign_id, person.pk)
    own = task.slots.select_for_update().filter(person=person).first()
    if own is not None:
        return own
    _may_answer(task, person)
    if slot.state == Slot.State.OPEN:
        return slot
    return (
        task.slots.select_for_update(skip_locked=True)
        .filter(state=Slot.State.OPEN)
        .order_by("number")
        .first()
    )


def _may_answer(task: AnnotationTask, person: User) -> None:
    """A place she does not hold may have been hers before its time ran out; of these she was never given any."""
    campaign = Campaign.objects.get(pk=task.campaign_id)
    if campaign.state == Campaign.State.DRAFT:
        raise Conflict("This campaign is not given out yet.", code="not_open")
    if not quiz_passed(campaign, person):
        raise Conflict("This campaign begins with a quiz, which you have not passed yet.", code="quiz")


def slot_finish(slot: Slot, person: User) -> bool:
    """Mark a slot answered by `person` and keep the campaign's counter; False where it already was."""
    if slot.state == Slot.State.DONE:
        return False
    fetch(FINISH_SQL, {"slot": slot.pk, "person": person.pk})
    slot.state, slot.person_id = Slot.State.DONE, person.pk
    return True


def slot_reopen(slot: Slot, person: User) -> None:
    """After an undo: the slot is hers again, under a new lease."""
    Slot.objects.filter(pk=slot.pk).update(
        state=Slot.State.LEASED, person=person, lease=uuid.uuid4(), lease_until=timezone.now() + LEASE
    )
    Campaign.objects.filter(pk=slot.campaign_id).update(slots_done=F("slots_done") - 1)


def campaign_count_done(campaign_id: int) -> None:
    """One more answer. Called last in its transaction: this row is what all annotators of a campaign share."""
    fetch(COUNT_SQL, {"campaign": campaign_id})
