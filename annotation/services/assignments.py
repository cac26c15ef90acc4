"""Places given to a person by name, moved to another, or put back for anybody. A place stays one place."""

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from annotation.models import Campaign, Slot
from annotation.services.notices import notices_write
from annotation.services.slots import slots_open, take_turns
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Membership, Role, User
from webapp.common.wording import counted

KEPT_FOR = timedelta(days=14)
MOST = 5000

# One place of each of the next tasks that are open for her: none she holds, answered or skipped.
ASSIGN_SQL = """
UPDATE annotation_slot SET state = 'leased', person_id = %(person)s, lease = gen_random_uuid(), lease_until = %(until)s
WHERE id IN (
    SELECT slot.id FROM annotation_slot slot
    WHERE slot.campaign_id = %(campaign)s AND slot.state = 'open'
      AND NOT EXISTS (SELECT 1 FROM annotation_slot held
                      WHERE held.annotation_task_id = slot.annotation_task_id AND held.person_id = %(person)s)
      AND NOT EXISTS (SELECT 1 FROM annotation_skip skip
                      WHERE skip.annotation_task_id = slot.annotation_task_id AND skip.person_id = %(person)s)
      AND NOT EXISTS (SELECT 1 FROM annotation_slot earlier
                      WHERE earlier.annotation_task_id = slot.annotation_task_id AND earlier.state = 'open'
                        AND earlier.number < slot.number)
    ORDER BY slot.priority DESC, slot.id LIMIT %(most)s FOR UPDATE OF slot SKIP LOCKED)
"""
# What one holds and the other may hold, too: not a task of which she has a place, or that she passed on.
MOVE_SQL = """
UPDATE annotation_slot SET person_id = %(to)s, lease = gen_random_uuid(), lease_until = %(until)s
WHERE id IN (
    SELECT slot.id FROM annotation_slot slot
    WHERE slot.campaign_id = %(campaign)s AND slot.person_id = %(person)s AND slot.state = 'leased'
      AND NOT EXISTS (SELECT 1 FROM annotation_slot held
                      WHERE held.annotation_task_id = slot.annotation_task_id AND held.person_id = %(to)s)
      AND NOT EXISTS (SELECT 1 FROM annotation_skip skip
                      WHERE skip.annotation_task_id = slot.annotation_task_id AND skip.person_id = %(to)s)
      AND NOT EXISTS (SELECT 1 FROM annotation_judgment judgment WHERE judgment.slot_id = slot.id)
    FOR UPDATE OF slot SKIP LOCKED)
"""


def slots_assign(*, campaign: Campaign, person: User, count: int, actor: User) -> int:
    """Keep the next `count` subjects for one person, until the deadline or for a fortnight; returns how many there were."""
    if not 1 <= count <= MOST:
        raise Invalid(f"Between 1 and {MOST:,} subjects are assigned at a time.", code="count")
    _may_judge(campaign, person)
    values = {"campaign": campaign.pk, "person": person.pk, "until": _until(campaign), "most": count}
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        given = _run(ASSIGN_SQL, values)
        _written(campaign, actor, "slots.assign", person, given)
        if given:
            _tell(campaign, person, f"Kept for you: {counted(given, 'subject')} of {campaign.name}.")
    return given


def slots_reassign(*, campaign: Campaign, person: User, to: User, actor: User) -> int:
    """Move what one person holds and has not answered to another; returns how many could be moved.

    Where the other one has a place of the same task, or she passed on it, the place stays where it is.
    """
    if person.pk == to.pk:
        raise Invalid("Choose somebody else.", code="person")
    _may_judge(campaign, to)
    values = {"campaign": campaign.pk, "person": person.pk, "to": to.pk, "until": _until(campaign)}
    with transaction.atomic():
        for pk in sorted((person.pk, to.pk)):
            take_turns(campaign.pk, pk)
        moved = _run(MOVE_SQL, values)
        _written(campaign, actor, "slots.reassign", to, moved, source=person.display_name)
        if moved:
            _tell(campaign, to, f"Handed on to you: {counted(moved, 'subject')} of {campaign.name}.")
    return moved


def slots_return(*, campaign: Campaign, person: User, actor: User) -> int:
    """Put what a person holds and has not answered back for anybody; returns how many places that were."""
    with transaction.atomic():
        take_turns(campaign.pk, person.pk)
        held = Slot.objects.select_for_update().filter(
            campaign=campaign, person=person, state=Slot.State.LEASED
        )
        returned = slots_open(list(held.values_list("pk", flat=True)))
        _written(campaign, actor, "slots.return", person, returned)
    return returned


def _may_judge(campaign: Campaign, person: User) -> None:
    roles = (Role.ANNOTATOR, Role.REVIEWER)
    if not Membership.objects.filter(corpus=campaign.corpus_id, user=person, role__in=roles).exists():
        raise Invalid(f"{person.display_name} does not judge in this corpus.", code="person")
    if campaign.state != Campaign.State.OPEN:
        raise Conflict("Only an open campaign is given out.", code="campaign_state")


def _until(campaign: Campaign) -> datetime:
    """A deadline that has passed keeps nothing from anybody: then a fortnight, too."""
    now = timezone.now()
    return campaign.deadline if campaign.deadline and campaign.deadline > now else now + KEPT_FOR


def _run(sql: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _written(
    campaign: Campaign, actor: User, action: str, person: User, count: int, source: str = ""
) -> None:
    facts = {"person": person.display_name, "slots": count} | ({"from": source} if source else {})
    audit_record(actor=actor, corpus=campaign.corpus, action=action, subject=campaign, data=facts)


def _tell(campaign: Campaign, person: User, text: str) -> None:
    url = reverse("annotation:annotation_home", args=[campaign.corpus.slug])
    notices_write(corpus=campaign.corpus, people=[person.pk], kind="assigned", text=text, url=url)
