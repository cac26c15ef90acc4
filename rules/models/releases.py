"""Rulebook releases: what they freeze, when they are in force, and what publishing one changes."""

import hashlib
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone

from catalog.models import Pair
from rules.models.rules import Rule, RuleVersion
from webapp.common.models import Corpus, Job, User


class Release(models.Model):
    """A rulebook as published: rule versions, level definitions, dimensions and tables, frozen together.

    Release 0 of a corpus is the external guideline of its source: imported judgments name it; it is never stale.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review", "in review"
        PUBLISHED = "published"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="releases")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    external = models.BooleanField(default=False)
    title = models.CharField(max_length=160, blank=True)
    note = models.TextField(blank=True)
    level_definitions = models.JSONField(default=dict, help_text='{"L4": "Perfect match: ...", ...}')
    dimensions = models.JSONField(default=list)
    grade_map = models.JSONField(default=dict, help_text='the source\'s own grades: {"3": "L4", "E": "L4"}')
    tables = models.JSONField(default=dict, help_text="synonym and family tables by name")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_off_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    signed_off_at = models.DateTimeField(null=True)
    base = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="what was in force when it was signed off",
    )
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True)
    rule_versions = models.ManyToManyField(RuleVersion, through="ReleaseEntry", related_name="releases")

    # of what `tables_release` gives alone: the newest edit of a table that it is read with
    newest_edit = 0

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "number"], name="release_number")]

    def __str__(self) -> str:
        return f"release {self.number}"

    @property
    def wording(self) -> str:
        """What tells two states of title and note apart: an edit names the one it started from."""
        return hashlib.sha256(f"{self.title}\0{self.note}".encode()).hexdigest()[:16]

    @property
    def reading(self) -> list[int]:
        """What tells two readings of drafts apart: the release, and the newest edit of a table over it."""
        return [self.pk or 0, self.newest_edit]


class ReleaseEntry(models.Model):
    release = models.ForeignKey(Release, models.CASCADE, related_name="entries")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "rule_version"], name="release_entry_once")]


class ReleaseOmission(models.Model):
    """A rule that a release holds back, and why: it stays as it is in force, or (`whole`) the release goes without it."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="omissions")
    rule = models.ForeignKey(Rule, models.CASCADE, related_name="+")
    whole = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "rule"], name="release_omission_once")]


class Publication(models.Model):
    """A release went live. Append-only; the newest row is what is in force; rolling back is a new row."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="publications")
    release = models.ForeignKey(Release, models.PROTECT, related_name="publications")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    verdicts_changed = models.PositiveIntegerField(
        null=True, help_text="on how many pairs; null where that was not kept"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["corpus", "-id"], name="publication_latest")]


class PublishCheck(models.Model):
    """A room's word on a release before it is published (judgments contradicted, champion's adherence, ...)."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="checks")
    name = models.CharField(max_length=60)
    ok = models.BooleanField()
    blocking = models.BooleanField(default=False)
    message = models.CharField(max_length=300)
    content = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "name"], name="publish_check_once")]


class VerdictChange(models.Model):
    """A publication changed the resolved verdict of this pair: what staleness is derived from. Append-only: where a release
    comes back, its new publication has rows of its own.
    """

    publication = models.ForeignKey(
        Publication, models.PROTECT, related_name="verdict_changes", db_index=False
    )  # the constraint begins with it
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="+")
    before = models.CharField(max_length=60, blank=True, help_text="'[L2-colour]', or '' for abstain")
    after = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication", "pair"], name="verdict_change_of")]


class PublicationPlan(models.Model):
    """A release that is to be published at a given time; everything that could refuse it is asked again then."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done", "published"
        CANCELLED = "cancelled"
        REFUSED = "refused"

    release = models.ForeignKey(Release, models.CASCADE, related_name="plans")
    due_at = models.DateTimeField()
    time_zone = models.CharField(max_length=60, help_text="the zone that the time was given in")
    reason = models.CharField(max_length=300, blank=True)
    override = models.CharField(max_length=300, blank=True, help_text="why a replay loss is accepted")
    accepted = models.CharField(max_length=300, blank=True, help_text="why rules may meet beyond the corpus")
    unchecked = models.CharField(
        max_length=300, blank=True, help_text="why missing checks are not waited for"
    )
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    outcome = models.CharField(max_length=500, blank=True, help_text="why it was refused")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["release"], condition=models.Q(state="waiting"), name="publication_plan_once"
            )
        ]

    @property
    def local_time(self) -> str:
        """The time in its own zone, with the offset, so that nobody has to guess."""
        return (
            f"{self.due_at.astimezone(ZoneInfo(self.time_zone)):%Y-%m-%d %H:%M %Z (UTC%z)}, {self.time_zone}"
        )


class ReleaseAcknowledgement(models.Model):
    """A person has seen what a release changed; her newest row is what she knows. Append-only."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="acknowledgements")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["person", "-id"], name="acknowledged_by_person")]
