"""A release's way: draft -> in review -> signed off by a second person -> published; and back to an earlier one.

What is slow (holding the release against the whole corpus) happens before the lock; the transaction then writes only if
nothing has moved meanwhile. Every publication takes the corpus row's lock, so two at once come one after the other.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from rules.engine import RulebookError
from rules.impact import Impact, release_impact
from rules.levels import default_dimensions
from rules.models import Publication, PublishCheck, Release, ReleaseEntry, RuleVersion, VerdictChange
from rules.parts import parts_checked
from rules.selectors import latest_versions, level_definitions, release_current, rulebook_for, versions_in
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid, Refused
from webapp.common.events import event_publish
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, User

State = Release.State
OWN_CHECKS = ("examples", "conflicts", "impact")


@transaction.atomic
def release_create(
    *,
    corpus: Corpus,
    actor: User | None,
    title: str = "",
    note: str = "",
    versions: Sequence[RuleVersion] | None = None,
    definitions: Mapping[str, str] | None = None,
    dimensions: Sequence[str] | None = None,
    tables: Mapping[str, Any] | None = None,
) -> Release:
    """A draft of the newest version of every rule (or of `versions`); the rest is taken over from what is in force."""
    parts_checked({"tables": tables, "level_definitions": definitions, "dimensions": dimensions})
    _lock(corpus)
    held = latest_versions(corpus) if versions is None else list(versions)
    if not held and definitions is None:
        raise Invalid("There is no rule to release yet: write one first.", code="no_rules")
    base = release_current(corpus)
    taken_over = {
        "level_definitions": level_definitions(base) if definitions is None else dict(definitions),
        "dimensions": (base.dimensions if base else default_dimensions())
        if dimensions is None
        else list(dimensions),
        "grade_map": base.grade_map if base else {},
        "tables": (base.tables if base else {}) if tables is None else dict(tables),
    }
    number = (Release.objects.filter(corpus=corpus).aggregate(top=Max("number"))["top"] or 0) + 1
    text = {"title": title.strip()[:160], "note": note.strip()}
    release = Release.objects.create(corpus=corpus, number=number, author=actor, **text, **taken_over)
    _entries_write(release, held)
    audit_record(actor=actor, corpus=corpus, action="release.create", subject=release, data=_content(held))
    return release


@transaction.atomic
def release_refresh(*, release: Release, actor: User | None) -> Release:
    """Take the newest version of every rule into a draft."""
    locked = _locked(release, State.DRAFT)
    held = latest_versions(locked.corpus)
    ReleaseEntry.objects.filter(release=locked).delete()
    _entries_write(locked, held)
    audit_record(
        actor=actor, corpus=locked.corpus, action="release.refresh", subject=locked, data=_content(held)
    )
    return locked


@transaction.atomic
def release_submit(*, release: Release, actor: User | None) -> Release:
    """Hand a draft to review. Raises Invalid where its rules do not compile together."""
    locked = _locked(release, State.DRAFT)
    try:
        rulebook_for(locked)
    except RulebookError as error:
        raise Invalid(str(error), code="rule_invalid") from error
    _versions_move(locked, RuleVersion.State.DRAFT, RuleVersion.State.IN_REVIEW)
    locked.state = State.IN_REVIEW
    locked.save(update_fields=["state"])
    audit_record(actor=actor, corpus=locked.corpus, action="release.submit", subject=locked)
    return locked


@transaction.atomic
def release_return(*, release: Release, actor: User | None, reason: str = "") -> Release:
    """Take a release out of review, back to draft; a sign-off on it falls."""
    locked = _locked(release, State.IN_REVIEW)
    _versions_move(locked, RuleVersion.State.IN_REVIEW, RuleVersion.State.DRAFT)
    locked.state, locked.signed_off_by, locked.signed_off_at, locked.base = State.DRAFT, None, None, None
    locked.save(update_fields=["state", "signed_off_by", "signed_off_at", "base"])
    audit_record(
        actor=actor,
        corpus=locked.corpus,
        action="release.return",
        subject=locked,
        data={"reason": reason[:300]},
    )
    return locked


@transaction.atomic
def release_discard(*, release: Release, actor: User | None) -> None:
    """Delete a draft release; its rule versions stay."""
    locked = _locked(release, State.DRAFT)
    audit_record(actor=actor, corpus=locked.corpus, action="release.discard", subject=locked)
    locked.delete()


@transaction.atomic
def release_sign_off(*, release: Release, actor: User | None, comment: str = "") -> Release:
    """A second person's word for a release in review. Refused to its author, and to whoever wrote all that is new in it."""
    locked = _locked(release, State.IN_REVIEW)
    _lock(locked.corpus)
    if actor is not None and actor.pk == locked.author_id:
        raise Refused("You made this release: somebody else has to sign it off.", code="own_release")
    current = release_current(locked.corpus)
    if actor is not None and _only_author(locked, current, actor):
        raise Refused(
            "You wrote everything that is new in this release: somebody else has to sign it off.",
            code="own_release",
        )
    locked.signed_off_by, locked.signed_off_at, locked.base = actor, timezone.now(), current
    locked.save(update_fields=["signed_off_by", "signed_off_at", "base"])
    audit_record(
        actor=actor,
        corpus=locked.corpus,
        action="release.sign_off",
        subject=locked,
        data={"comment": comment[:300]},
    )
    return locked


def release_publish(*, release: Release, actor: User | None, reason: str = "") -> Publication:
    """Put a signed-off release in force. Raises Conflict with every reason why it cannot be."""
    impact = release_impact(_ready(Release.objects.select_related("corpus").get(pk=release.pk)))
    if impact.blockers:
        raise Conflict(
            "This release cannot be published: " + " ".join(impact.blockers[:5]),
            code="publish_blocked",
            extra={"reasons": impact.blockers},
        )
    with transaction.atomic():
        _lock(release.corpus)
        locked = _ready(
            Release.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=release.pk)
        )
        current = release_current(locked.corpus)
        if impact.base_id != (current.pk if current else None) or locked.base_id != impact.base_id:
            raise Conflict(
                "Another release was published since this one was signed off: look at what differs now, and sign it "
                "off again.",
                code="base_moved",
            )
        return _published(locked, current, actor, reason, impact)


def release_rollback(*, release: Release, actor: User | None, reason: str) -> Publication:
    """Put a release that was published before in force again; the reason stays in the record."""
    if not reason.strip():
        raise Invalid("Say why: the reason is kept with the publication.", code="reason_needed")
    release = Release.objects.select_related("corpus").get(pk=release.pk)
    if release.state != State.PUBLISHED:
        raise Conflict("Only a release that was published before can come back.", code="not_published")
    impact = release_impact(release)
    with transaction.atomic():
        _lock(release.corpus)
        current = release_current(release.corpus)
        if current is not None and current.pk == release.pk:
            raise Conflict("This release is in force already.", code="in_force")
        if impact.base_id != (current.pk if current else None):
            raise Conflict("Another release was published just now: look again.", code="base_moved")
        return _in_force(release, current, actor, reason, impact, "release.rollback")


@transaction.atomic
def release_external_ensure(
    *, corpus: Corpus, source: str, grade_map: Mapping[str, str], definitions: Mapping[str, str] | None = None
) -> Release:
    """Release 0, the external guideline of a source: imported judgments name it. In force while nothing else is."""
    _lock(corpus)
    release, created = Release.objects.get_or_create(
        corpus=corpus,
        number=0,
        defaults={
            "state": State.PUBLISHED,
            "external": True,
            "title": f"External guideline of {source}"[:160],
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


# ---------------------------------------------------------------- inside


def _lock(corpus: Corpus) -> None:
    """One writer of releases a corpus at a time; rows that merely point at the corpus are not held up."""
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)


def _locked(release: Release, *states: str) -> Release:
    found = Release.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=release.pk)
    if found.state not in states:
        raise Conflict(
            f"Release {found.number} is {found.get_state_display()}: that is not possible now.",
            code="wrong_state",
        )
    return found


def _ready(release: Release) -> Release:
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


def _content(versions: Sequence[RuleVersion]) -> dict[str, Any]:
    return {"rules": {version.rule.code: version.number for version in versions}}


def _entries_write(release: Release, versions: Sequence[RuleVersion]) -> None:
    ReleaseEntry.objects.bulk_create(
        ReleaseEntry(release=release, rule_version=version, position=at)
        for at, version in enumerate(versions)
    )


def _versions_move(release: Release, before: str, after: str) -> None:
    held = ReleaseEntry.objects.filter(release=release).values("rule_version")
    rows = RuleVersion.objects.filter(pk__in=held, state=before)
    if after == RuleVersion.State.DRAFT:
        elsewhere = ReleaseEntry.objects.filter(release__state=State.IN_REVIEW).exclude(release=release)
        rows = rows.exclude(pk__in=elsewhere.values("rule_version"))
    rows.update(state=after)


def _only_author(release: Release, current: Release | None, actor: User) -> bool:
    known = {version.pk for version in versions_in(current)} if current else set()
    authors = {version.author_id for version in versions_in(release) if version.pk not in known}
    return authors == {actor.pk}


def _published(
    release: Release, current: Release | None, actor: User | None, reason: str, impact: Impact
) -> Publication:
    held = ReleaseEntry.objects.filter(release=release).values("rule_version")
    RuleVersion.objects.filter(pk__in=held).exclude(state=RuleVersion.State.PUBLISHED).update(
        state=RuleVersion.State.PUBLISHED
    )
    checks_write(release, impact)
    release.state, release.published_at = State.PUBLISHED, timezone.now()
    release.save(update_fields=["state", "published_at"])
    return _in_force(release, current, actor, reason, impact, "release.publish")


def _in_force(
    release: Release, current: Release | None, actor: User | None, reason: str, impact: Impact, action: str
) -> Publication:
    why = f"release {current.number} → {release.number}" if current else f"release {release.number}"
    VerdictChange.objects.bulk_create(
        (
            VerdictChange(release=release, pair_id=pair, before=before, after=after, reason=why)
            for pair, before, after in impact.changes
        ),
        batch_size=5_000,
        update_conflicts=True,
        unique_fields=["release", "pair"],
        update_fields=["before", "after", "reason"],
    )
    publication = _announce(release, current, actor, reason)
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


def _announce(release: Release, previous: Release | None, actor: User | None, reason: str) -> Publication:
    publication = Publication.objects.create(
        corpus=release.corpus, release=release, actor=actor, reason=reason.strip()[:300]
    )
    event_publish(
        corpus=release.corpus,
        kind="release.published",
        payload={
            "release": release.pk,
            "number": release.number,
            "previous": previous.pk if previous else None,
        },
    )
    return publication


def checks_write(release: Release, impact: Impact) -> None:
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
            True,
            False,
            f"{len(impact.changes)} of {impact.pairs} pairs get another verdict; {impact.contradicted} of them "
            "against their settled grade.",
        ),
    }
    for name, (ok, blocking, message) in found.items():
        values = {
            "ok": ok,
            "blocking": blocking,
            "message": message,
            "content": impact.summary(),
            "at": timezone.now(),
        }
        PublishCheck.objects.update_or_create(release=release, name=name, defaults=values)
