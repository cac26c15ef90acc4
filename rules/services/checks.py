"""Publish checks: what the rooms say of a release before it is published, and when they have to look again."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from rules.expected import checks_expected
from rules.impact import Impact
from rules.lint_selectors import LintSummary
from rules.meetings import CHECK, Meeting
from rules.models import PublishCheck, Release
from rules.table_selectors import tables_failing
from webapp.common.events import event_publish
from webapp.common.jobs import job_enqueue

OWN_CHECKS = ("examples", "conflicts", "impact", "lint", "replay", "tables", CHECK)


def release_look_again(release: Release, kind: str = "release.refreshed") -> None:
    """What was said of a release no longer holds: this room and those above it look at it anew."""
    PublishCheck.objects.filter(release=release).delete()
    if kind == "release.submitted":
        _await(release)
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


def _await(release: Release) -> None:
    """Write down which checks are to come in; the static analysis is this room's own."""
    names = checks_expected(release)
    for name in names:
        check_write(
            release=release, name=name, ok=False, blocking=True, message="Not in yet: a worker looks at it.",
            content={"pending": True},
        )  # fmt: skip
    if CHECK in names:
        job_enqueue(
            kind="rules.release_meetings",
            corpus=release.corpus,
            actor=None,
            arguments={"release": release.pk},
        )


def checks_give_up(release: Release, names: Sequence[str]) -> None:
    """The release is published without these; what nobody would write any longer goes."""
    PublishCheck.objects.filter(release=release, content__has_key="pending").exclude(name__in=names).delete()
    for name in names:
        check_write(
            release=release, name=name, ok=False, blocking=False,
            message="Not in when the release was published.", content={},
        )  # fmt: skip


def meetings_check_write(
    release: Release, witnesses: Sequence[Meeting], counts: Mapping[str, int], content: Mapping[str, Any]
) -> None:
    """What static analysis says of a release. What it could not decide is counted and stands in nobody's way."""
    looked, open_ = sum(counts.values()), counts.get("not decided", 0)
    said = f"{len(witnesses)} of {looked} open pairs of rules can meet" if witnesses else (
        f"None of {looked} open pairs of rules was made to meet"
    )  # fmt: skip
    undecided = f", {open_} not decided in the time given." if open_ else "."
    check_write(
        release=release, name=CHECK, ok=not witnesses,
        blocking=bool(witnesses) and release.state != Release.State.PUBLISHED,
        message=said + undecided, content={"witnesses": [w.body() for w in witnesses], **content},
    )  # fmt: skip


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
