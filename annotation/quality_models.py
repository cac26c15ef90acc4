"""What is worked out about answers and people: stored by jobs, read by pages, never the truth itself.

Quiz attempts and reviews beside it. Rows name campaigns and judgments by string: `annotation.models` takes these
classes in.
"""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import GRADES, Pair
from webapp.common.models import Corpus, User


class QuizAttempt(models.Model):
    """One person's go at a campaign's quiz: gold pairs whose verdict she did not know."""

    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, related_name="quiz_attempts")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    pairs = models.JSONField(help_text="pair ids in the order asked")
    answers = models.JSONField(default=dict, help_text='{"<pair>": {"grade": 4, "dimension": ""}}')
    right = models.PositiveSmallIntegerField(default=0)
    passed = models.BooleanField(null=True, help_text="null: not finished")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "person", "number"], name="quiz_attempt_number")
        ]


class AnswerReview(models.Model):
    """A reviewer looked at one answer: accepted it, or returned it with a word. Append-only."""

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted"
        RETURNED = "returned"

    judgment = models.OneToOneField(
        "annotation.Judgment", models.PROTECT, primary_key=True, related_name="review"
    )
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    comment = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(default=timezone.now)


class QualityRun(models.Model):
    """When the figures of a corpus, or of one campaign, were last worked out, and over what."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, null=True, related_name="+")
    release = models.ForeignKey("rules.Release", models.SET_NULL, null=True, related_name="+")
    answers = models.PositiveIntegerField(default=0)
    newest = models.DateTimeField(null=True, help_text="the newest answer that was looked at")
    computed_at = models.DateTimeField(default=timezone.now)
    seconds = models.FloatField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "campaign"], name="quality_run_once", nulls_distinct=False
            )
        ]


class QualityFigure(models.Model):
    """One figure of one slice: alpha where rule 17 fires, kappa of two people, gold accuracy of one."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    campaign = models.ForeignKey("annotation.Campaign", models.CASCADE, null=True, related_name="+")
    metric = models.CharField(max_length=20)
    slice = models.CharField(max_length=20)
    key = models.CharField(max_length=160, blank=True)
    label = models.CharField(max_length=200, blank=True)
    n = models.PositiveIntegerField(default=0)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "campaign", "metric", "slice", "key"],
                name="quality_figure_once",
                nulls_distinct=False,
            )
        ]


class RaterModel(models.Model):
    """What Dawid and Skene's model makes of one person in a corpus: how she answers for each true grade."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    answers = models.PositiveIntegerField(default=0)
    accuracy = models.FloatField(help_text="share of right answers, over the grades as they occur")
    confusion = models.JSONField(help_text="[true grade][given grade], rows sum to 1")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "person"], name="rater_model_once")]


class PairBelief(models.Model):
    """Dawid and Skene's posterior of a pair: the likeliest grade and how sure the model is of it."""

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="belief")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    certainty = models.FloatField()
    probabilities = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["corpus", "certainty"], name="belief_certainty")]


class QualityAlarm(models.Model):
    """A person's answers, or a slice of the corpus, crossed a threshold. Open until a reviewer has dealt with it."""

    class Kind(models.TextChoices):
        FAST = "fast", "answers suspiciously fast"
        CONSTANT = "constant", "almost always the same grade"
        SKIPS = "skips", "many skips in a row"
        GOLD = "gold", "often wrong on gold"
        KAPPA = "kappa", "little agreement with the others"
        DRIFT = "drift", "grades have shifted"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    person = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(
        max_length=160, blank=True, help_text="the slice, of an alarm that is about none's work"
    )
    value = models.FloatField()
    threshold = models.FloatField()
    n = models.PositiveIntegerField()
    message = models.CharField(max_length=300)
    raised_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    resolution = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "person", "kind", "key"],
                condition=Q(resolved_at=None),
                name="quality_alarm_open_once",
                nulls_distinct=False,
            )
        ]


class QualitySettings(models.Model):
    """A corpus's own thresholds, and whether a release opens a campaign by itself for what it overturned."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="quality_settings")
    thresholds = models.JSONField(default=dict, help_text="only those that differ from the defaults")
    stale_campaigns = models.BooleanField(default=True)
    stale_most = models.PositiveIntegerField(default=500)
