"""Rules, their versions, examples and stored figures."""

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

    @property
    def gives(self) -> list[tuple[str, str]]:
        """(grade, dimension) of the ladder's steps, each once, in the ladder's order."""
        return list(dict.fromkeys((step["grade"], step.get("dimension", "")) for step in self.ladder))


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
