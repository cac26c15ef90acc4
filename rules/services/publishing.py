"""A release goes into force: at once or at a planned time, and back to an earlier one.

What is slow (holding the release against the whole corpus) happens before the lock; the transaction then writes only if
nothing has moved meanwhile. Every publication takes the corpus row's lock, so two at once come one after the other.
"""

from collections.abc import Mapping, Sequence
from typing import NoReturn

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from rules.expected import checks_missing
from rules.gate import Gate, gate_of
from rules.impact import Impact, Tick
from rules.levels import default_dimensions
from rules.meetings import WAY_ON, meetings_of
from rules.models import Publication, PublishCheck, Release, ReleaseEntry, RuleVersion, VerdictChange
from rules.replay import ALLOWED_LOSS, Replay
from rules.selectors import level_definitions, release_current
from rules.services.checks import OWN_CHECKS, checks_give_up, checks_write, release_look_again
from rules.services.locks import corpus_lock, release_locked
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.events import event_publish
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, User

State = Release.State


def release_publish(
    *,
    release: Release,
    actor: User | None,
    reason: str = "",
    override: str = "",
    accepted: str = "",
    unchecked: str = "",
    tick: Tick | None = None,
) -> Publication:
    """Put a signed-off release in force. Raises Conflict with every reason why it cannot be.

    Three things can be taken upon oneself, each with a reason that the audit log keeps: a loss of accuracy on the replay
    set (`override`), rules that can meet beyond the corpus (`accepted`), checks that have not come in (`unchecked`).
    """
    gate = gate_of(release_ready(Release.objects.select_related("corpus").get(pk=release.pk)), tick)
    if gate.reasons:
        _refuse("This release cannot be published: ", gate.reasons, "publish_blocked")
    _refuse_loss(gate.impact, override)
    with transaction.atomic():
        corpus_lock(release.corpus)
        locked = release_ready(release_locked(release, *State.values))
        current = release_current(locked.corpus)
        if gate.impact.base_id != (current.pk if current else None) or locked.base_id != gate.impact.base_id:
            raise Conflict(
                "Another release was published since this one was signed off: look at what differs now, and sign it "
                "off again.",
                code="base_moved",
            )
        _take_upon(locked, actor, gate, {"override": override, "accepted": accepted, "unchecked": unchecked})
        checks_write(locked, gate.impact, gate.lint)
        return _published(locked, current, actor, reason, gate.impact)


def _take_upon(release: Release, actor: User | None, gate: Gate, why: Mapping[str, str]) -> None:
    """Record what is accepted, or refuse what is not. Asked under the lock: a check may have come in meanwhile."""
    meetings = [meeting.sentence for meeting in meetings_of(release, gate.meetings)]
    if meetings and not why["accepted"].strip():
        _refuse(f"Rules can meet on a pair that the corpus does not hold. {WAY_ON}; or say why it is accepted: ",
                meetings, "meetings")  # fmt: skip
    if meetings:
        _accepted_record(release, actor, "release.findings_override", why["accepted"], meetings)
    if missing := checks_missing(release):
        if not why["unchecked"].strip():
            _refuse_missing(missing)
        _accepted_record(release, actor, "release.checks_override", why["unchecked"], missing)
    checks_give_up(release, missing)
    _override_record(release, actor, why["override"], gate.impact.replay)


def _refuse_missing(names: Sequence[str]) -> NoReturn:
    raise Conflict(
        f"Not every check has come in: {', '.join(names)}. A worker writes them, mostly within a minute; where none is "
        "running, start one, or say why this release is published without them.",
        code="checks_missing",
        extra={"checks": [*names]},
    )


def _refuse(words: str, reasons: Sequence[str], code: str) -> NoReturn:
    raise Conflict(words + " ".join(reasons[:5]), code=code, extra={"reasons": [*reasons]})


def _refuse_loss(impact: Impact, override: str) -> None:
    if impact.replay is not None and impact.replay.is_too_much and not override.strip():
        raise Conflict(
            f"{impact.replay.sentence}, which loses more than {ALLOWED_LOSS}: say why that is accepted, or mend the rules.",
            code="replay_loss",
            extra={"replay": impact.replay.summary()},
        )


def release_rollback(
    *,
    release: Release,
    actor: User | None,
    reason: str,
    override: str = "",
    accepted: str = "",
    tick: Tick | None = None,
) -> Publication:
    """Put a release that was published before in force again; the reasons stay in the record.

    The same is asked of it as of a new release, but going back must be possible in an emergency: what would keep a new
    release from being published needs a reason in `accepted`, a loss on the replay set one in `override`.
    """
    if not reason.strip():
        raise Invalid("Say why: the reason is kept with the publication.", code="reason_needed")
    release = Release.objects.select_related("corpus").get(pk=release.pk)
    _can_come_back(release, release_current(release.corpus))
    gate = gate_of(release, tick)
    reasons = [*gate.reasons, *(meeting.sentence for meeting in gate.meetings)]
    if reasons and not accepted.strip():
        _refuse("As the corpus is now, going back needs a reason for what stands in the way: ", reasons,
                "rollback_blocked")  # fmt: skip
    _refuse_loss(gate.impact, override)
    with transaction.atomic():
        corpus_lock(release.corpus)
        current = release_current(release.corpus)
        _can_come_back(release, current)
        if gate.impact.base_id != (current.pk if current else None):
            raise Conflict("Another release was published just now: look again.", code="base_moved")
        _override_record(release, actor, override, gate.impact.replay)
        if reasons:
            _accepted_record(release, actor, "release.findings_override", accepted, reasons)
        return _in_force(release, current, actor, reason, gate.impact, "release.rollback")


def _can_come_back(release: Release, current: Release | None) -> None:
    if release.state != State.PUBLISHED:
        raise Conflict("Only a release that was published before can come back.", code="not_published")
    if current is not None and current.pk == release.pk:
        raise Conflict("This release is in force already.", code="in_force")


def _accepted_record(
    release: Release, actor: User | None, action: str, reason: str, reasons: Sequence[str]
) -> None:
    """What stood in the way and was accepted, with the reason."""
    facts = {"reason": reason.strip()[:300], "findings": [*reasons[:50]]}
    audit_record(actor=actor, corpus=release.corpus, action=action, subject=release, data=facts)


def _override_record(release: Release, actor: User | None, reason: str, replay: Replay | None) -> None:
    """A loss of accuracy that somebody took upon herself, with her reason; nothing where there is none."""
    if replay is None or not replay.is_too_much:
        return
    audit_record(
        actor=actor,
        corpus=release.corpus,
        action="release.replay_override",
        subject=release,
        data={"reason": reason.strip()[:300], **replay.summary()},
    )


@transaction.atomic
def release_external_ensure(
    *, corpus: Corpus, source: str, grade_map: Mapping[str, str], definitions: Mapping[str, str] | None = None
) -> Release:
    """Release 0, the external guideline of a source: imported judgments name it. In force while nothing else is."""
    corpus_lock(corpus)
    release, created = Release.objects.get_or_create(
        corpus=corpus,
        number=0,
        defaults={
            "state": State.PUBLISHED,
            "external": True,
            "title": f"External guideline: {source}"[:160],
            "level_definitions": dict(definitions or level_definitions(None)),
            "dimensions": default_dimensions(),
            "grade_map": dict(grade_map),
            "published_at": timezone.now(),
        },
    )
    if created:
        audit_record(
            actor=None, corpus=corpus, action="release.external", subject=release, data={"source": source}
        )
    if release_current(corpus) is None:
        _announce(release, None, None, "The guideline that came with the import.")
    return release


def release_ready(release: Release) -> Release:
    """The release, where nothing that is known without looking at the corpus stands in its way. Raises Conflict."""
    if release.state == State.PUBLISHED:
        raise Conflict(f"Release {release.number} is published already.", code="wrong_state")
    if release.state != State.IN_REVIEW or release.signed_off_at is None:
        raise Conflict(
            "A second person has to sign this release off before it is published.", code="not_signed_off"
        )
    failed = PublishCheck.objects.filter(release=release, ok=False, blocking=True).exclude(
        Q(name__in=OWN_CHECKS) | Q(content__has_key="pending")
    )
    if messages := list(failed.values_list("message", flat=True)):
        raise Conflict(
            "This release cannot be published: " + " ".join(messages),
            code="publish_blocked",
            extra={"reasons": messages},
        )
    return release


def _published(
    release: Release,
    current: Release | None,
    actor: User | None,
    reason: str,
    impact: Impact,
) -> Publication:
    held = ReleaseEntry.objects.filter(release=release).values("rule_version")
    RuleVersion.objects.filter(pk__in=held).exclude(state=RuleVersion.State.PUBLISHED).update(
        state=RuleVersion.State.PUBLISHED
    )
    release.state, release.published_at = State.PUBLISHED, timezone.now()
    release.save(update_fields=["state", "published_at"])
    return _in_force(release, current, actor, reason, impact, "release.publish")


def _in_force(
    release: Release, current: Release | None, actor: User | None, reason: str, impact: Impact, action: str
) -> Publication:
    why = f"release {current.number} → {release.number}" if current else f"release {release.number}"
    publication = _announce(release, current, actor, reason, len(impact.changes))
    VerdictChange.objects.bulk_create(
        (
            VerdictChange(publication=publication, pair_id=pair, before=before, after=after, reason=why)
            for pair, before, after in impact.changes
        ),
        batch_size=5_000,
    )
    for other in Release.objects.filter(corpus=release.corpus_id, state=State.IN_REVIEW):
        release_look_again(other, "release.submitted")  # what they were held against has moved
    audit_record(
        actor=actor,
        corpus=release.corpus,
        action=action,
        subject=release,
        data={"reason": reason[:300], "previous": current.number if current else None, **impact.summary()},
    )
    job_enqueue(
        kind="rules.statistics",
        corpus=release.corpus,
        actor=actor,
        arguments={"release": release.pk},
        idempotency_key=f"rules.statistics:publication:{publication.pk}",
    )
    return publication


def _announce(
    release: Release, previous: Release | None, actor: User | None, reason: str, changed: int = 0
) -> Publication:
    publication = Publication.objects.create(
        corpus=release.corpus,
        release=release,
        actor=actor,
        reason=reason.strip()[:300],
        verdicts_changed=changed,
    )
    event_publish(
        corpus=release.corpus,
        kind="release.published",
        payload={
            "publication": publication.pk,
            "release": release.pk,
            "number": release.number,
            "previous": previous.pk if previous else None,
        },
    )
    return publication
