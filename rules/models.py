"""Rules and their versions, examples, statistics, rulebook releases and what publishing one changes."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import GRADES, Pair
from webapp.common.models import Corpus, User


class Rule(models.Model):
    """A rule's identity. What it says is a `RuleVersion`; the newest one is what an editor works on."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="rules")
    code = models.CharField(max_length=20, help_text="R01: short, stable, cited in reasonings.")
    latest = models.ForeignKey("RuleVersion", models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "code"], name="rule_code")]

    def __str__(self) -> str:
        return self.code


class RuleVersion(models.Model):
    """One wording of a rule. Immutable once a published release holds it: an edit is a new version."""

    class State(models.TextChoices):
        DRAFT = "draft"
        IN_REVIEW = "in_review", "in review"
        PUBLISHED = "published"

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=160)
    principle = models.TextField(blank=True, help_text="Markdown")
    dimension = models.CharField(max_length=40)
    capability = models.CharField(max_length=12, default="rules")
    scope = models.TextField(blank=True, help_text="CEL: when to look. Empty: always.")
    ladder = models.JSONField(default=list, help_text='[{"when": CEL, "grade": "L2", "dimension", "reason"}]')
    evidence_order = models.JSONField(default=list)
    priority = models.IntegerField(default=0)
    yields_to = models.JSONField(default=list, help_text="codes of the rules that win over this one")
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, help_text="why this version was written")
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "number"], name="rule_version_number")]

    def __str__(self) -> str:
        return f"{self.rule.code} v{self.number}"


class RuleExample(models.Model):
    """A test case of a rule version: a pair (real or written) and the verdict that its ladder must give."""

    version = models.ForeignKey(RuleVersion, models.CASCADE, related_name="examples")
    pair = models.ForeignKey(Pair, models.SET_NULL, null=True, related_name="+")
    query = models.JSONField(default=dict, help_text="the query's fields as they were")
    item = models.JSONField(default=dict, help_text="the item's fields as they were")
    grade = models.PositiveSmallIntegerField(
        choices=GRADES, null=True, help_text="null: the rule must not fire"
    )
    dimension = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "number"], name="release_number")]

    def __str__(self) -> str:
        return f"release {self.number}"


class ReleaseEntry(models.Model):
    release = models.ForeignKey(Release, models.CASCADE, related_name="entries")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "rule_version"], name="release_entry_once")]


class Publication(models.Model):
    """A release went live. Append-only; the newest row is what is in force; rolling back is a new row."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="publications")
    release = models.ForeignKey(Release, models.PROTECT, related_name="publications")
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
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
    """Publishing this release changed the resolved verdict of this pair: what staleness is derived from."""

    release = models.ForeignKey(Release, models.CASCADE, related_name="verdict_changes")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="+")
    before = models.CharField(max_length=60, blank=True, help_text="'[L2-colour]', or '' for abstain")
    after = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["release", "pair"], name="verdict_change_once")]


class FiringStatistic(models.Model):
    """Stored figures of one rule version over the corpus's pairs, refreshed by a worker."""

    rule_version = models.OneToOneField(
        RuleVersion, models.CASCADE, primary_key=True, related_name="statistic"
    )
    pairs = models.PositiveIntegerField(help_text="pairs looked at")
    fired = models.PositiveIntegerField()
    per_step = models.JSONField(default=list)
    settled = models.PositiveIntegerField(default=0, help_text="fired pairs that have a settled verdict")
    agreed = models.PositiveIntegerField(default=0, help_text="... whose settled grade the firing gives")
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(fired__lte=models.F("pairs")), name="fired_within_pairs")
        ]
