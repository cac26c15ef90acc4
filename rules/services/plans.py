"""Publishing at a planned time: the plan, its cancellation, and what becomes of it when its time has come."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils import timezone

from rules.models import PublicationPlan, Release
from rules.services.locks import release_locked
from rules.services.notices import author_tell, release_url
from rules.services.publishing import release_publish, release_ready
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, DomainError, Invalid
from webapp.common.jobs import job_cancel, job_enqueue
from webapp.common.models import Job, User
from webapp.common.notifications import notification_send

State = PublicationPlan.State


def due_time(local: str, zone: str) -> datetime:
    """`2026-12-01T09:00` in a named time zone as an instant. Raises Invalid, also for an hour that the zone skips."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            f"There is no time zone {zone[:60]!r}: Europe/Berlin is one.", code="time_zone"
        ) from error
    try:
        wall = datetime.fromisoformat(local).replace(tzinfo=None)
    except ValueError as error:
        raise Invalid("Give the day and the time, as 2026-12-01T09:00.", code="due_at") from error
    instant = wall.replace(tzinfo=place)
    if instant.astimezone(ZoneInfo("UTC")).astimezone(place).replace(tzinfo=None) != wall:
        raise Invalid(f"That time does not exist in {zone}: the clocks go forward over it.", code="due_at")
    return instant


@transaction.atomic
def publication_plan_create(
    *,
    release: Release,
    due_at: datetime,
    time_zone: str,
    actor: User | None,
    reason: str = "",
    override: str = "",
    accepted: str = "",
    unchecked: str = "",
) -> PublicationPlan:
    """Publish a signed-off release at `due_at`; whatever could refuse it is asked again then."""
    locked = release_ready(release_locked(release, *Release.State.values))
    if due_at <= timezone.now():
        raise Invalid("That time has passed: publish it now, or name a later one.", code="due_at")
    if locked.plans.filter(state=State.WAITING).exists():
        raise Conflict("This release is planned already: cancel that plan first.", code="planned")
    plan = PublicationPlan.objects.create(
        release=locked, due_at=due_at, time_zone=time_zone, actor=actor, reason=reason.strip()[:300],
        override=override.strip()[:300], accepted=accepted.strip()[:300], unchecked=unchecked.strip()[:300],
    )  # fmt: skip
    plan.job = job_enqueue(
        kind="rules.release_planned",
        corpus=locked.corpus,
        actor=actor,
        arguments={"plan": plan.pk, "release": locked.pk},
        due_at=due_at,
        idempotency_key=f"rules.release_planned:{plan.pk}",
    )
    plan.save(update_fields=["job"])
    facts = {"due_at": due_at.isoformat(), "time_zone": time_zone, "reason": plan.reason}
    audit_record(actor=actor, corpus=locked.corpus, action="release.plan", subject=locked, data=facts)
    return plan


@transaction.atomic
def publication_plan_cancel(*, release: Release, actor: User | None) -> bool:
    """Take back the plan that waits; tells whether there was one."""
    plan = release.plans.select_for_update(of=("self",)).filter(state=State.WAITING).first()
    if plan is None:
        return False
    _end(plan, State.CANCELLED, "")
    if plan.job_id and (job := Job.objects.filter(pk=plan.job_id).first()):
        job_cancel(job=job, actor=actor)
    audit_record(actor=actor, corpus=release.corpus, action="release.plan_cancel", subject=release)
    return True


def publication_plan_run(*, plan: PublicationPlan) -> PublicationPlan:
    """Its time has come: publish, or write down and tell why not. Safe to repeat."""
    if plan.state != State.WAITING:
        return plan
    if plan.release.state == Release.State.PUBLISHED:
        _end(plan, State.DONE, "")
        return plan
    try:
        with transaction.atomic():
            release_publish(
                release=plan.release, actor=plan.actor, reason=plan.reason, override=plan.override,
                accepted=plan.accepted, unchecked=plan.unchecked,
            )  # fmt: skip
            _end(plan, State.DONE, "")
    except DomainError as refusal:
        _refused(plan, refusal)
        return plan
    _tell(plan, f"{plan.release} is in force, as planned".capitalize())
    return plan


@transaction.atomic
def _refused(plan: PublicationPlan, refusal: DomainError) -> None:
    _end(plan, State.REFUSED, refusal.message[:500])
    facts = {"code": refusal.code, "reason": refusal.message[:500], "due_at": plan.due_at.isoformat()}
    release = plan.release
    audit_record(
        actor=plan.actor, corpus=release.corpus, action="release.plan_refused", subject=release, data=facts
    )
    words = f"{release} was not published as planned: {refusal.message}".capitalize()
    _tell(plan, words)
    if release.author_id != plan.actor_id:
        author_tell(
            release=release, actor=None, kind="rules.planned", words=f"could not publish {release} as planned"
        )


def _tell(plan: PublicationPlan, text: str) -> None:
    notification_send(
        person=plan.actor,
        corpus=plan.release.corpus,
        kind="rules.planned",
        text=text,
        url=release_url(plan.release),
    )


def _end(plan: PublicationPlan, state: str, outcome: str) -> None:
    plan.state, plan.outcome = state, outcome
    plan.save(update_fields=["state", "outcome"])
