"""A release goes into force: at once or at a planned time, and back to an earlier one.

What is slow (holding the release against the whole corpus) happens before the lock; the transaction then writes only if
nothing has moved meanwhile. Every publication takes the corpus row's lock, so two at once come one after the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from rules.impact import Impact, release_impact
from rules.levels import default_dimensions
from rules.lint_selectors import LintSummary, lint_release
from rules.models import Publication, PublishCheck, Release, ReleaseEntry, RuleVersion, VerdictChange
from rules.replay import ALLOWED_LOSS, Replay
from rules.selectors import level_definitions, release_current
from rules.services.locks import corpus_lock, release_locked
from rules.table_selectors import tables_failing
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.events import event_publish
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, User

State = Release.State
OWN_CHECKS = ("examples", "conflicts", "impact", "lint", "replay", "tables")


def release_publish(
    *, release: Release, actor: User | None, reason: str = "", override: str = ""
) -> Publication:
    """Put a signed-off release in force. Raises Conflict with every reason why it cannot be.

    `override` says why a loss of accuracy on the replay set is accepted; it is kept in the audit log.
    """
    impact = release_impact(release_ready(Release.objects.select_related("corpus").get(pk=release.pk)))
    lint = lint_release(release)
    _refuse_blocked(impact, [*impact.blockers, *tables_failing(release), *lint.blockers], override)
    with transaction.atomic():
        corpus_lock(release.corpus)
        locked = release_ready(release_locked(release, *State.values))
        current = release_current(locked.corpus)
        if impact.base_id != (current.pk if current else None) or locked.base_id != impact.base_id:
            raise Conflict(
                "Another release was published since this one was signed off: look at what differs now, and sign it "
                "off again.",
                code="base_moved",
            )
        checks_write(locked, impact, lint)
        return _published(locked, current, actor, reason, impact, override)


def _refuse_blocked(impact: Impact, reasons: Sequence[str], override: str) -> None:
    if reasons:
        raise Conflict(
            "This release cannot be published: " + " ".join(reasons[:5]),
            code="publish_blocked",
            extra={"reasons": [*reasons]},
        )
    if impact.replay is not None and impact.replay.is_too_much and not override.strip():
        raise Conflict(
            f"{impact.replay.sentence}, which loses more than {ALLOWED_LOSS}: say why that is accepted, or mend the rules.",
            code="replay_loss",
            extra={"replay": impact.replay.summary()},
        )


def release_rollback(*, release: Release, actor: User | None, reason: str) -> Publication:
    """Put a release that was published before in force again; the reason stays in the record."""
    if not reason.strip():
        raise Invalid("Say why: the reason is kept with the publication.", code="reason_needed")
    release = Release.objects.select_related("corpus").get(pk=release.pk)
    if release.state != State.PUBLISHED:
        raise Conflict("Only a release that was published before can come back.", code="not_published")
    impact = release_impact(release)
    with transaction.atomic():
        corpus_lock(release.corpus)
        current = release_current(release.corpus)
        if current is not None and current.pk == release.pk:
            raise Conflict("This release is in force already.", code="in_force")
        if impact.base_id != (current.pk if current else None):
            raise Conflict("Another release was published just now: look again.", code="base_moved")
        _override_record(release, actor, reason, impact.replay)
        return _in_force(release, current, actor, reason, impact, "release.rollback")


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
        name__in=OWN_CHECKS
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
    override: str,
) -> Publication:
    held = ReleaseEntry.objects.filter(release=release).values("rule_version")
    RuleVersion.objects.filter(pk__in=held).exclude(state=RuleVersion.State.PUBLISHED).update(
        state=RuleVersion.State.PUBLISHED
    )
    release.state, release.published_at = State.PUBLISHED, timezone.now()
    release.save(update_fields=["state", "published_at"])
    _override_record(release, actor, override, impact.replay)
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


def release_look_again(release: Release, kind: str = "release.refreshed") -> None:
    """What was said of a release no longer holds: this room and those above it look at it anew."""
    PublishCheck.objects.filter(release=release).delete()
    event = event_publish(
        corpus=release.corpus, kind=kind, payload={"release": release.pk, "number": release.number}
    )
    job_enqueue(
        kind="rules.release_impact",
        corpus=release.corpus,
        actor=None,
        arguments={"release": release.pk},
        idempotency_key=f"rules.release_impact:event:{event.pk}",
    )


def checks_write(release: Release, impact: Impact, lint: LintSummary) -> None:
    """Keep what the impact found as the release's own publish checks."""
    failing = len(impact.failing)
    found = {
        "examples": (not failing, True, f"{failing} examples fail." if failing else "Every example passes."),
        "conflicts": (
            not impact.conflicts,
            True,
            f"{len(impact.conflicts)} unresolved conflicts on real pairs."
            if impact.conflicts
            else "No conflict on any pair.",
        ),
        "impact": (
            impact.contradicted <= impact.confirmed,
            False,
            f"{len(impact.changes)} of {impact.pairs} pairs get another verdict; {impact.contradicted} of them "
            "against their settled grade.",
        ),
    }
    if impact.replay is not None:
        found["replay"] = (not impact.replay.is_too_much, False, impact.replay.sentence + ".")
    found["lint"] = (lint.ok, bool(lint.blockers), lint.message)
    for name, (ok, blocking, message) in found.items():
        content = {"kinds": dict(lint.per_kind)} if name == "lint" else impact.summary()
        check_write(release=release, name=name, ok=ok, blocking=blocking, message=message, content=content)
    table_check_write(release)


def table_check_write(release: Release) -> None:
    """A release's word on its tables."""
    failing = tables_failing(release)
    message = (
        f"{len(failing)} examples of tables fail. {failing[0]}"
        if failing
        else "Every example of a table holds."
    )
    content = {"failing": failing[:50]}
    check_write(
        release=release, name="tables", ok=not failing, blocking=True, message=message, content=content
    )


def check_write(
    *,
    release: Release,
    name: str,
    ok: bool,
    blocking: bool,
    message: str,
    content: Mapping[str, Any] | None = None,
) -> None:
    """A room's word on a release, in place of what it said before. A blocking one that is not ok stops publication."""
    values = {
        "ok": ok,
        "blocking": blocking,
        "message": message[:300],
        "content": dict(content or {}),
        "at": timezone.now(),
    }
    PublishCheck.objects.update_or_create(release=release, name=name, defaults=values)
