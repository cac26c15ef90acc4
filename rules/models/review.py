"""What people say of a release and of a rule, who has an editor open, and the pairs a release is replayed on."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import GRADES, ItemVersion, Pair
from rules.models.releases import Release
from rules.models.rules import Rule, RuleVersion
from webapp.common.models import Corpus, User


class Comment(models.Model):
    """A word on a release, on a rule of it, or on a rule by itself. Never reworded; a discarded draft takes its own."""

    class Step(models.TextChoices):
        SIGN_OFF = "sign_off", "signed off"
        RETURN = "return", "returned to draft"

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, null=True, related_name="comments")
    rule = models.ForeignKey(Rule, models.CASCADE, null=True, related_name="comments")
    rule_version = models.ForeignKey(
        RuleVersion, models.CASCADE, null=True, related_name="+", help_text="the wording it was said of"
    )
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    text = models.CharField(max_length=2000)
    step = models.CharField(
        max_length=8, choices=Step.choices, blank=True, help_text="the step of the release it was said with"
    )
    mentioned = models.ManyToManyField(User, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(release__isnull=False) | Q(rule__isnull=False), name="comment_has_subject"
            )
        ]


class EditorPresence(models.Model):
    """A person has a rule's editor open; the row counts while it keeps being renewed."""

    rule = models.ForeignKey(Rule, models.CASCADE, related_name="presences")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    typing = models.BooleanField(default=False, help_text="has unsaved changes")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "person"], name="editor_presence_once")]


class ReplaySet(models.Model):
    """Settled pairs and their verdicts, frozen: what every release is held to. Append-only; the newest one counts."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="replay_sets")
    number = models.PositiveIntegerField()
    note = models.CharField(max_length=300, blank=True, help_text="why it was frozen")
    selection = models.JSONField(default=dict, help_text='{"queries": "training", "seed": "shop:1", ...}')
    pairs = models.PositiveIntegerField()
    queries = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "number"], name="replay_set_number")]

    def __str__(self) -> str:
        return f"replay set {self.number}"


class ReplayEntry(models.Model):
    """One pair of a replay set with the grade it had when the set was frozen. Append-only."""

    replay_set = models.ForeignKey(ReplaySet, models.PROTECT, related_name="entries")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="+")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["replay_set", "pair"], name="replay_entry_once")]
