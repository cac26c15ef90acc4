"""A release is drafted, handed to review, returned with a reason, signed off by a second person."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from rules.definition_selectors import definitions_over
from rules.engine import RulebookError
from rules.models import Comment, Release, ReleaseEntry, RuleVersion
from rules.newest_tables import definitions_newest, tables_newest, versions_newest
from rules.parts import parts_checked
from rules.selectors import (
    definitions_changed,
    latest_versions,
    release_current,
    rulebook_for,
    versions_for,
    versions_in,
)
from rules.services.checks import release_look_again, table_check_write
from rules.services.comments import comment_create
from rules.services.definitions import definitions_save
from rules.services.locks import corpus_lock, release_locked
from rules.services.notices import author_tell, reviewers_tell
from rules.services.plans import publication_plan_cancel
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid, Refused
from webapp.common.models import Corpus, User

State = Release.State


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
    corpus_lock(corpus)
    held = latest_versions(corpus) if versions is None else list(versions)
    if not held and definitions is None:
        raise Invalid("There is no rule to release yet: write one first.", code="no_rules")
    base = release_current(corpus)
    if definitions or dimensions:
        why = note.strip() or title.strip() or "Given with a draft release."
        definitions_save(corpus=corpus, actor=actor, levels=definitions, dimensions=dimensions, note=why)
    defined = definitions_over(corpus, base)
    taken_over = {
        "level_definitions": defined.levels,
        "dimensions": defined.dimensions,
        "grade_map": base.grade_map if base else {},
        "tables": tables_newest(corpus, base) if tables is None else dict(tables),
    }
    number = (Release.objects.filter(corpus=corpus).aggregate(top=Max("number"))["top"] or 0) + 1
    text = {"title": title.strip()[:160], "note": note.strip()}
    release = Release.objects.create(corpus=corpus, number=number, author=actor, **text, **taken_over)
    entries_write(release, held)
    audit_record(actor=actor, corpus=corpus, action="release.create", subject=release, data=_content(held))
    return release


@transaction.atomic
def release_refresh(*, release: Release, actor: User | None) -> Release:
    """Take the newest version of every rule and table, and of levels and dimensions, into a draft; the rules that it
    holds back stay held back.
    """
    locked = release_locked(release, State.DRAFT)
    current = release_current(locked.corpus)
    held = versions_for(locked, current)
    ReleaseEntry.objects.filter(release=locked).delete()
    entries_write(locked, held)
    locked.tables = tables_newest(locked.corpus, current)
    defined = definitions_over(locked.corpus, current)
    locked.level_definitions, locked.dimensions = defined.levels, defined.dimensions
    locked.save(update_fields=["tables", "level_definitions", "dimensions"])
    audit_record(
        actor=actor, corpus=locked.corpus, action="release.refresh", subject=locked, data=_content(held)
    )
    release_look_again(locked)
    return locked


@transaction.atomic
def release_submit(*, release: Release, actor: User | None) -> Release:
    """Hand a draft to review. Raises Invalid where its rules do not compile together."""
    locked = release_locked(release, State.DRAFT)
    try:
        rulebook_for(locked)
    except RulebookError as error:
        raise Invalid(str(error), code="rule_invalid") from error
    _versions_move(locked, RuleVersion.State.DRAFT, RuleVersion.State.IN_REVIEW)
    locked.state = State.IN_REVIEW
    locked.save(update_fields=["state"])
    audit_record(actor=actor, corpus=locked.corpus, action="release.submit", subject=locked)
    release_look_again(locked, "release.submitted")
    table_check_write(locked)
    reviewers_tell(release=locked, actor=actor)
    return locked


@transaction.atomic
def release_return(*, release: Release, actor: User | None, reason: str) -> Release:
    """Take a release out of review, back to draft, and say why; a sign-off on it falls, and a plan to publish it."""
    if not reason.strip():
        raise Invalid("Say why: its author is told, and the reason is kept.", code="reason_needed")
    locked = release_locked(release, State.IN_REVIEW)
    _versions_move(locked, RuleVersion.State.IN_REVIEW, RuleVersion.State.DRAFT)
    publication_plan_cancel(release=locked, actor=actor)
    locked.state, locked.signed_off_by, locked.signed_off_at, locked.base = State.DRAFT, None, None, None
    locked.save(update_fields=["state", "signed_off_by", "signed_off_at", "base"])
    audit_record(
        actor=actor,
        corpus=locked.corpus,
        action="release.return",
        subject=locked,
        data={"reason": reason.strip()[:300]},
    )
    _said_with(locked, actor, reason, Comment.Step.RETURN)
    author_tell(
        release=locked, actor=actor, kind="rules.returned", words=f"returned {locked}: {reason.strip()}"
    )
    return locked


def _said_with(release: Release, actor: User | None, text: str, step: str) -> None:
    """What somebody said with a step of a release belongs to the discussion of it."""
    if actor is not None and text.strip():
        comment_create(corpus=release.corpus, actor=actor, text=text, release=release, step=step)


@transaction.atomic
def release_discard(*, release: Release, actor: User | None) -> None:
    """Delete a draft release; its rule versions stay."""
    locked = release_locked(release, State.DRAFT)
    audit_record(actor=actor, corpus=locked.corpus, action="release.discard", subject=locked)
    locked.delete()


@transaction.atomic
def release_sign_off(*, release: Release, actor: User | None, comment: str = "") -> Release:
    """A second person's word for a release in review. Refused to its author, and to whoever wrote all that is new in it."""
    locked = release_locked(release, State.IN_REVIEW)
    corpus_lock(locked.corpus)
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
    _said_with(locked, actor, comment, Comment.Step.SIGN_OFF)
    words = f"signed off {locked}: {comment.strip()}".rstrip(": ")
    author_tell(release=locked, actor=actor, kind="rules.signed_off", words=words)
    return locked


def _content(versions: Sequence[RuleVersion]) -> dict[str, Any]:
    return {"rules": {version.rule.code: version.number for version in versions}}


def entries_write(release: Release, versions: Sequence[RuleVersion]) -> None:
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
    tables = current.tables if current else {}
    authors |= {
        version.author_id
        for version in versions_newest(release.corpus)
        if release.tables.get(version.name) != tables.get(version.name)
    }
    if current is None or definitions_changed(current, release):
        newest = definitions_newest(release.corpus)
        authors |= {newest.author_id} if newest else set()
    return authors == {actor.pk}
