"""Publish checks: what the rooms say of a release before it is published, and when they have to look again."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from rules.impact import Impact
from rules.lint_selectors import LintSummary
from rules.models import PublishCheck, Release
from rules.table_selectors import tables_failing
from webapp.common.events import event_publish
from webapp.common.jobs import job_enqueue

OWN_CHECKS = ("examples", "conflicts", "impact", "lint", "replay", "tables")


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
