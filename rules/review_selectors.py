"""Reads around a release: what is said of it, its plan, its replay set, and what is news to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Min, Prefetch, Q, QuerySet, prefetch_related_objects

from rules.diff import RuleDiff, rulebook_diff
from rules.models import (
    Comment,
    Publication,
    PublicationPlan,
    PublishCheck,
    Release,
    ReleaseAcknowledgement,
    ReleaseOmission,
    ReplaySet,
    Rule,
    RuleVersion,
)
from rules.pair_selectors import PairShown, pairs_shown
from rules.selectors import definitions_changed, release_current, release_forms
from rules.tables import TableChange, tables_diff
from webapp.common.models import AuditEntry, Corpus, Job, User

PUBLISHING = ("rules.release_publish", "rules.release_rollback")
OVERRIDES = ("release.replay_override", "release.findings_override", "release.checks_override")


def checks_shown(release: Release) -> list[tuple[PublishCheck, list[PairShown]]]:
    """Publish checks with the few pairs that a check puts first (those of gold pairs, say)."""
    found = []
    for check in release.checks.order_by("ok", "-blocking", "name"):
        first = [row for row in check.content.get("first") or [] if isinstance(row, dict) and "pair" in row]
        notes = {
            row[
                "pair"
            ]: f"judged {row.get('answers', '')}, now {row.get('after', '')}{', gold' if row.get('gold') else ''}"
            for row in first
        }
        found.append((check, pairs_shown(release.corpus, notes, notes) if notes else []))
    return found


def comments_by_rule(release: Release) -> dict[str, list[Comment]]:
    """Comments on a release, oldest first, by the rule's code; '' for those on the whole."""
    found: dict[str, list[Comment]] = {}
    for comment in release.comments.select_related("author", "rule").order_by("id"):
        found.setdefault(comment.rule.code if comment.rule else "", []).append(comment)
    return found


def comments_on_rule(rule: Rule) -> "QuerySet[Comment]":
    """Everything said of a rule, in releases and outside them, oldest first."""
    rows = Comment.objects.filter(rule=rule).select_related("author", "release", "rule_version")
    return rows.order_by("id")


@dataclass(frozen=True)
class RuleEvent:
    """What happened to a rule beside a new wording: `what` in words, `reason` "" where none was given."""

    at: datetime
    by: str
    what: str
    reason: str


_EVENTS = {
    "rule.retire": "Retired: left out of the releases to come",
    "rule.revive": "Taken back in",
    "release.add_rule": "Put into draft release {release}",
    "release.leave_out": "Left out of draft release {release}",
    "release.hold_back": "Kept as it is in force in draft release {release}",
    "release.put_back": "Put back into draft release {release}",
}


def rule_events(rule: Rule, versions: Sequence[RuleVersion]) -> list[RuleEvent]:
    """Changes of a rule's state, newest first: they have no row of their own but that of the audit."""
    own = Q(subject_type="rules.rule", subject_id=str(rule.pk))
    wordings = Q(subject_type="rules.ruleversion", subject_id__in=[str(version.pk) for version in versions])
    rows = AuditEntry.objects.filter(own | wordings, action__in=_EVENTS).select_related("actor")
    return [
        RuleEvent(
            row.at,
            row.actor.display_name if row.actor else "an operator",
            _EVENTS[row.action].format(release=row.data.get("release")),
            str(row.data.get("reason") or ""),
        )
        for row in rows.order_by("-id")[:200]
    ]


def members_of(corpus: Corpus) -> list[str]:
    """Names of people who can be mentioned."""
    rows = User.objects.filter(memberships__corpus=corpus, is_active=True, kind__in=["person", "synthetic"])
    return sorted(set(rows.values_list("display_name", flat=True)))


def omissions_of(release: Release) -> dict[str, ReleaseOmission]:
    """By code, the rules that a release holds back; they are kept on it for whoever asks next."""
    rows = ReleaseOmission.objects.select_related("rule__latest", "actor").order_by("at")
    prefetch_related_objects([release], Prefetch("omissions", rows))
    return {row.rule.code: row for row in release.omissions.all()}


def omission_body(row: ReleaseOmission) -> dict[str, Any]:
    """A rule held back, for JSON; `whole`: the release goes without it, else it stays as it is in force."""
    by = row.actor.display_name if row.actor else None
    return {"rule": row.rule.code, "whole": row.whole, "reason": row.reason, "by": by, "at": row.at}


def plan_of(release: Release) -> PublicationPlan | None:
    """The newest plan to publish a release: waiting, or how it ended."""
    return release.plans.select_related("actor").order_by("-id").first()


def overrides_of(release: Release) -> "QuerySet[AuditEntry]":
    """What somebody took upon herself for this release: a loss on the replay set, or findings that stood in its way."""
    rows = AuditEntry.objects.filter(
        action__in=OVERRIDES, subject_type="rules.release", subject_id=str(release.pk)
    )
    return rows.select_related("actor").order_by("-id")


def jobs_of(release: Release) -> list[Job]:
    """Publications and roll backs of this release that are under way or went wrong."""
    rows = Job.objects.filter(corpus=release.corpus_id, kind__in=PUBLISHING, arguments__release=release.pk)
    return list(rows.exclude(state="done").order_by("-created_at")[:2])


def replay_sets(corpus: Corpus) -> "QuerySet[ReplaySet]":
    return ReplaySet.objects.filter(corpus=corpus).select_related("author").order_by("-number")


def impact_shown(corpus: Corpus, found: Mapping[str, Any]) -> dict[str, Any]:
    """What a page shows of an impact (`Gate.body`, found now or kept): it, with the pairs behind its figures."""
    looks = {
        pair: f"{before or 'no verdict'} → {after or 'no verdict'}"
        for pair, before, after in found["to_look_at"]
    }
    flips = (found["replay"] or {}).get("flips", [])[:10]
    notes = {flip["pair_id"]: f"{_grade(flip['before'])} → {_grade(flip['after'])}" for flip in flips}
    return {
        "impact": found,
        "conflicts": [(met, pairs_shown(corpus, met["pair_ids"])) for met in found["met"][:10]],
        "rows": pairs_shown(corpus, list(looks), looks),
        "flips": pairs_shown(corpus, list(notes), notes),
    }


def _grade(grade: int) -> str:
    return f"L{grade}" if grade else "no verdict"


@dataclass(frozen=True)
class News:
    """What changed in the rules between what a person knows (`base`) and what is in force."""

    release: Release
    base: Release
    rules: list[RuleDiff]
    definitions: list[tuple[str, str, str]]
    tables: list[TableChange]


def release_news(corpus: Corpus, person: User) -> News | None:
    """What this person has not acknowledged yet; None where nothing changed since, or since she joined."""
    current = release_current(corpus)
    if current is None or current.external:
        return None
    base = _known_release(corpus, person)
    if base is None or base.pk == current.pk:
        return None
    changes = rulebook_diff(release_forms(base), release_forms(current))
    definitions = definitions_changed(base, current)
    tables = tables_diff(base.tables, current.tables)
    return News(current, base, changes, definitions, tables) if changes or definitions or tables else None


def _known_release(corpus: Corpus, person: User) -> Release | None:
    """What she acknowledged last, else what was in force when she joined, else what was the first to be in force after:
    nobody judges before there is a release, so the first one she meets is no news.
    """
    seen = ReleaseAcknowledgement.objects.filter(release__corpus=corpus, person=person)
    if row := seen.select_related("release").order_by("-id").first():
        return row.release
    joined = person.memberships.filter(corpus=corpus).aggregate(at=Min("created_at"))["at"]
    rows = Publication.objects.filter(corpus=corpus).select_related("release").order_by("id")
    met = rows.filter(at__lte=joined).last() or rows.first()
    return met.release if met else None


def comment_body(comment: Comment) -> Mapping[str, Any]:
    """A comment for JSON."""
    return {
        "id": comment.pk, "author": comment.author.display_name, "text": comment.text, "at": comment.at,
        "step": comment.step, "rule": comment.rule.code if comment.rule else None,
    }  # fmt: skip
