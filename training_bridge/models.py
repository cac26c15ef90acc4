"""Snapshots, training jobs, evaluations, the model registry, gates and promotions."""

from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from rules.models import Release
from webapp.common.models import Blob, Corpus, Job, User


class Snapshot(models.Model):
    """A frozen dataset: hashed, split by query, with its lineage and the consensus policy that made its truth."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="snapshots")
    number = models.PositiveIntegerField()
    content_hash = models.CharField(max_length=64, help_text="over the rows of every file, in order")
    archive = models.ForeignKey(Blob, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    consensus_policy = models.CharField(max_length=80)
    split_seed = models.CharField(max_length=80)
    counts = models.JSONField(
        default=dict, help_text="rows by split, by stage, by preference source, by capability"
    )
    lineage = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "number"], name="snapshot_number")]

    def __str__(self) -> str:
        return f"snapshot {self.number}"


class Turn(models.Model):
    """One turn of the loop: snapshot, training jobs, evaluations, gate; started by a person, a policy or a command."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="turns")
    job = models.OneToOneField(Job, models.PROTECT, related_name="turn")
    recipe = models.CharField(max_length=80)
    recipe_content = models.JSONField(default=dict)
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, null=True, related_name="turns")
    cause = models.CharField(max_length=80, help_text="button, command, policy")
    report = models.JSONField(default=dict)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"turn {self.pk}"


class TrainingJob(models.Model):
    """One run of the trainer: its run directory is the contract, its ledger row says how it stands."""

    class Method(models.TextChoices):
        SFT = "sft", "SFT"
        DPO = "dpo", "DPO"
        GRPO = "grpo", "GRPO"
        EVALUATE = "evaluate"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="training_jobs")
    turn = models.ForeignKey(Turn, models.CASCADE, null=True, related_name="training_jobs")
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="training_job")
    stage = models.CharField(
        max_length=40, blank=True, default="", help_text="its place in a turn: sft, dpo, evaluate-sft, ..."
    )
    method = models.CharField(max_length=10, choices=Method.choices)
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="training_jobs")
    parent = models.ForeignKey("ModelVersion", models.PROTECT, null=True, related_name="+")
    run_uri = models.CharField(max_length=500)
    config = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="queued")
    status = models.JSONField(default=dict, help_text="the last status.json read from the run directory")
    metrics = models.JSONField(default=list, help_text="points for the curves, thinned")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["turn", "stage"], condition=Q(turn__isnull=False), name="training_job_stage_once"
            )
        ]

    def __str__(self) -> str:
        return self.stage or self.method


class ModelVersion(models.Model):
    """A trained model in the registry. Its files lie in the blob store under their hash."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="model_versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120, blank=True)
    training_job = models.ForeignKey(TrainingJob, models.PROTECT, null=True, related_name="model_versions")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    uri = models.CharField(max_length=500, help_text="folder that loads with plain transformers")
    content_hash = models.CharField(max_length=64)
    verdict_position = models.CharField(max_length=5, default="last")
    template_version = models.CharField(max_length=12)
    serving_mode = models.CharField(
        max_length=8, default="direct", help_text="direct or reasoned: what won in evaluation"
    )
    card = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "number"], name="model_version_number")]

    def __str__(self) -> str:
        return f"model {self.number}"

    @property
    def folder(self) -> str:
        """Where its files lie now: in this home's store, wherever the home was moved or restored to; else `uri`."""
        stored = Path(settings.LORE_HOME) / "models" / self.content_hash
        return str(stored) if self.content_hash and stored.is_dir() else self.uri


class Alias(models.Model):
    """champion, challenger: a name that points at a version."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="aliases")
    name = models.CharField(max_length=20)
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="aliases")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "name"], name="alias_name")]


class Evaluation(models.Model):
    """What was measured of one subject (a model version or a baseline) on a snapshot's held-out queries."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="evaluations")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="evaluations")
    turn = models.ForeignKey(Turn, models.CASCADE, null=True, related_name="evaluations")
    model_version = models.ForeignKey(ModelVersion, models.CASCADE, null=True, related_name="evaluations")
    subject = models.CharField(
        max_length=60, help_text="'model 3 direct', 'majority class', 'word overlap + LR', ..."
    )
    mode = models.CharField(max_length=10, blank=True)
    split = models.CharField(max_length=8, default="test")
    metrics = models.JSONField()
    predictions = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)


class Gate(models.Model):
    """A challenger measured against the champion on one snapshot, with thresholds decided beforehand. Append-only."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="gates")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="gates")
    challenger = models.ForeignKey(ModelVersion, models.CASCADE, related_name="gates")
    champion = models.ForeignKey(ModelVersion, models.SET_NULL, null=True, related_name="+")
    thresholds = models.JSONField()
    outcome = models.JSONField(help_text="each condition with its figure, interval and whether it holds")
    passed = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"gate of model {self.challenger.number}"


class Promotion(models.Model):
    """A model went live as champion, by whom and why. Append-only; rolling back is a new row."""

    class Kind(models.TextChoices):
        PROMOTE = "promote"
        ROLLBACK = "rollback", "roll back"

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="promotions")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    model_version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="promotions")
    previous = models.ForeignKey(ModelVersion, models.PROTECT, null=True, related_name="+")
    gate = models.ForeignKey(Gate, models.PROTECT, null=True, related_name="+")
    override_reason = models.CharField(
        max_length=500, blank=True, help_text="why in spite of a gate that did not pass"
    )
    reason = models.CharField(max_length=500, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class RefreshPolicy(models.Model):
    """When a turn starts by itself: after so many new verdicts or rankings, or on a schedule. Off by default."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="refresh_policy")
    enabled = models.BooleanField(default=False)
    recipe = models.CharField(max_length=80, default="tiny")
    after_verdicts = models.PositiveIntegerField(null=True)
    after_rankings = models.PositiveIntegerField(null=True)
    every_hours = models.PositiveIntegerField(null=True)
    verdicts_seen = models.PositiveIntegerField(default=0)
    rankings_seen = models.PositiveIntegerField(default=0)
    last_started_at = models.DateTimeField(null=True)
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(enabled=False)
                | Q(after_verdicts__gt=0)
                | Q(after_rankings__gt=0)
                | Q(every_hours__gt=0),
                name="refresh_policy_has_condition",
            )
        ]
