"""Campaigns, tasks and their slots, judgments, reasonings, rankings, gold, adjudications.

Judgments, rankings and adjudications are append-only (a trigger refuses UPDATE and DELETE): an edit, an undo and a
correction are new rows that supersede.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from annotation.list_models import ListSettings, PagePreference, PageVerdict
from annotation.quality_models import (
    AnswerReview,
    PairBelief,
    QualityAlarm,
    QualityFigure,
    QualityRun,
    QualitySettings,
    QuizAttempt,
    RaterModel,
)  # fmt: skip
from annotation.settled_models import Adjudication, Gold
from catalog.models import GRADES, ItemVersion, Page, Pair
from rules.models import Release, Rule
from webapp.common.models import Corpus, User

__all__ = [
    "Adjudication", "AnnotationTask", "AnswerReview", "Campaign", "Flag", "Gold", "Judgment",
    "JudgmentNote", "ListSettings", "PagePreference", "PageVerdict", "PairBelief", "QualityAlarm",
    "QualityFigure", "QualityRun",
    "QualitySettings", "QuizAttempt", "Ranking", "RaterModel", "Reasoning", "Skip", "Slot", "Suggestion",
    "Triage",
]  # fmt: skip


class Campaign(models.Model):
    """A body of work given to people, with its own overlap, blindness and guideline."""

    class Kind(models.TextChoices):
        PAIR = "pair", "judge pairs"
        RANKING = "ranking", "rank reasonings"
        PAGE = "page", "judge pages"
        PAGE_PAIR = "page_pair", "two pages side by side"

    class State(models.TextChoices):
        DRAFT = "draft"
        OPEN = "open"
        PAUSED = "paused"
        CLOSED = "closed"
        ARCHIVED = "archived"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="campaigns")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PAIR)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    guideline = models.TextField(blank=True, help_text="Markdown")
    redundancy = models.PositiveSmallIntegerField(default=1)
    redundancy_most = models.PositiveSmallIntegerField(
        default=0, help_text="dynamic overlap: people are added one by one up to this many; 0 adds nobody"
    )
    sureness = models.FloatField(
        default=0.9, help_text="dynamic overlap: nobody is added once the consensus is this probable"
    )
    priority = models.IntegerField(default=0)
    gold_share = models.FloatField(default=0.0)
    quiz_size = models.PositiveSmallIntegerField(
        default=0, help_text="gold pairs to judge before the first subject; 0: no quiz"
    )
    quiz_pass = models.FloatField(default=0.8, help_text="share of them to be got right")
    quiz_tries = models.PositiveSmallIntegerField(default=2)
    choice = models.JSONField(default=dict, help_text="how its subjects were chosen, for a clone")
    release = models.ForeignKey(
        Release, models.SET_NULL, null=True, related_name="+", help_text="what it overturned is judged here"
    )
    blind_share = models.FloatField(
        default=0.0, help_text="share of tasks judged without rules or suggestions"
    )
    shows_suggestions = models.BooleanField(default=False)
    deadline = models.DateTimeField(null=True)
    slots_total = models.PositiveIntegerField(default=0)
    slots_done = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name"], name="campaign_name"),
            models.CheckConstraint(condition=Q(blind_share__range=(0, 1)), name="campaign_blind_share"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Its deadline has passed: nothing new is given out, answers begun are taken. Extending it goes on."""
        return self.deadline is not None and self.deadline <= timezone.now()


class Reasoning(models.Model):
    """Five steps and a verdict about a pair: by a model, by the synthesiser, or by a person. Never changed."""

    class Author(models.TextChoices):
        MODEL = "model"
        SYNTHESISER = "synthesiser"
        PERSON = "person"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="reasonings")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    author_kind = models.CharField(max_length=12, choices=Author.choices)
    author_name = models.CharField(
        max_length=120, blank=True, help_text="model version, or the person's name"
    )
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, null=True, related_name="+")
    template_version = models.CharField(max_length=12)
    steps = models.JSONField(default=dict)
    grade = models.PositiveSmallIntegerField(choices=GRADES, null=True, help_text="null: unparsable")
    dimension = models.CharField(max_length=40, blank=True)
    rules_cited = models.JSONField(default=list)
    raw = models.TextField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pair", "content_hash"], name="reasoning_content")]


class AnnotationTask(models.Model):
    """One subject to be judged in a campaign, by `redundancy` different people."""

    class Outcome(models.TextChoices):
        """What the people's answers came to, once all of them are there."""

        PENDING = "", "not yet complete"
        AGREED = "agreed"
        DISPUTED = "disputed", "needs adjudication"
        ADJUDICATED = "adjudicated"

    # Set where a row is read for showing or answering: judged blind, all reasons counted; whether anybody ever answered.
    hidden: bool
    answered: bool
    kind: str  # of its campaign, where the row is locked for an answer

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="annotation_tasks")
    pair = models.ForeignKey(Pair, models.CASCADE, null=True, related_name="+")
    page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="+")
    other_page = models.ForeignKey(Page, models.CASCADE, null=True, related_name="+")
    reasonings = models.ManyToManyField(Reasoning, related_name="+")
    priority = models.IntegerField(default=0)
    blind = models.BooleanField(default=False)
    is_gold = models.BooleanField(default=False)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default=Outcome.PENDING)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "pair"], condition=Q(pair__isnull=False), name="task_pair_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "page"], condition=Q(page__isnull=False), name="task_page_once"
            ),
            models.CheckConstraint(
                condition=Q(pair__isnull=False) | Q(page__isnull=False), name="task_has_subject"
            ),
        ]
        indexes = [
            models.Index(F("campaign"), F("id"), condition=Q(outcome="disputed"), name="task_disputed"),
        ]


class Slot(models.Model):
    """One place for one person's answer to a task: exact overlap is as many slots as answers wanted."""

    class State(models.TextChoices):
        OPEN = "open"
        LEASED = "leased"
        DONE = "done"

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="slots")
    annotation_task = models.ForeignKey(AnnotationTask, models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField()
    priority = models.IntegerField(default=0)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["annotation_task", "number"], name="slot_number"),
            models.UniqueConstraint(
                fields=["annotation_task", "person"],
                condition=Q(person__isnull=False),
                name="slot_person_once",
            ),
            models.CheckConstraint(
                condition=Q(state="open", person__isnull=True) | Q(~Q(state="open"), person__isnull=False),
                name="slot_held_by_person",
            ),
        ]
        indexes = [
            models.Index(
                F("campaign"), F("priority").desc(), F("id"), condition=Q(state="open"), name="slot_open"
            ),
            models.Index(fields=["campaign", "person"], condition=Q(state="leased"), name="slot_leased"),
            models.Index(fields=["lease_until"], condition=Q(state="leased"), name="slot_lease_until"),
        ]


class Skip(models.Model):
    """A person passed on a task and said why; she is not given it again."""

    annotation_task = models.ForeignKey(AnnotationTask, models.CASCADE, related_name="skips")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)
    comment = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["annotation_task", "person"], name="skip_once")]


class Suggestion(models.Model):
    """A model's verdict on a pair, handed down to be accepted or corrected. Append-only: judgments name what was shown.

    It stands for the item version and the release it was made under; a newer one of the same pair replaces it on the page.
    """

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="suggestions")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    model_name = models.CharField(max_length=120)
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True)
    probabilities = models.JSONField(
        default=list, help_text="of L1, L2, L3, L4; empty where the model gives none"
    )
    reasoning = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["pair", "item_version", "release", "model_name"], name="suggestion_once"
            ),
            models.CheckConstraint(condition=Q(grade__range=(1, 4)), name="suggestion_grade_range"),
        ]

    @property
    def share(self) -> float | None:
        """How sure the model is of the grade it suggests, where it says."""
        return float(self.probabilities[self.grade - 1]) if len(self.probabilities) == 4 else None


class Judgment(models.Model):
    """One person's verdict on a pair, under the release and the item version she saw. Append-only and narrow."""

    class Origin(models.TextChoices):
        SITE = "site"
        API = "api"
        IMPORT = "import"

    class Disagreement(models.TextChoices):
        """Why a verdict lies outside what the rules allow: the triage that feeds the rule editors."""

        NONE = "", "none"
        RULE_WRONG = "rule_wrong", "the rule is wrong"
        NOT_APPLICABLE = "not_applicable", "the rule does not apply here"
        ITEM_WRONG = "item_wrong", "the item's data is wrong"
        I_WAS_WRONG = "i_was_wrong", "I was wrong"

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, help_text="the idempotency key the browser made"
    )
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="judgments")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="judgments")
    page = models.ForeignKey(
        Page,
        models.PROTECT,
        null=True,
        related_name="judgments",
        db_index=False,
        help_text="the page it stood on",
    )
    person = models.ForeignKey(User, models.PROTECT, related_name="judgments")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=GRADES, null=True, help_text="null: withdrawn (an undo)")
    dimension = models.CharField(max_length=40, blank=True)
    rules_shown = models.JSONField(
        default=list, help_text="codes of the firing rules that were on the screen"
    )
    rules_cited = models.JSONField(default=list)
    picture_decided = models.BooleanField(default=False)
    disagreement = models.CharField(max_length=16, choices=Disagreement.choices, blank=True)
    suggestion_shown = models.ForeignKey(
        Suggestion,
        models.PROTECT,
        null=True,
        related_name="judgments",
        db_index=False,  # the partial index below costs nothing where none was shown
        help_text="the model's verdict that was on the screen",
    )
    blind = models.BooleanField(default=False)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.SITE)
    seconds = models.FloatField(null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grade=None) | Q(grade__range=(1, 4)), name="judgment_grade_range"
            ),
        ]
        indexes = [
            models.Index(fields=["pair", "person", "-at"], name="judgment_by_pair"),
            models.Index(fields=["corpus", "-at"], name="judgment_by_corpus"),
            models.Index(fields=["person", "-at"], name="judgment_by_person"),
            models.Index(
                fields=["suggestion_shown"],
                condition=Q(suggestion_shown__isnull=False),
                name="judgment_by_suggestion",
            ),
            models.Index(fields=["page"], condition=Q(page__isnull=False), name="judgment_by_page"),
            models.Index(
                fields=["corpus", "-at", "-id"], condition=~Q(disagreement=""), name="judgment_against"
            ),
        ]


class JudgmentNote(models.Model):
    """The text beside a judgment, apart from the narrow row that lists scan."""

    judgment = models.OneToOneField(Judgment, models.PROTECT, primary_key=True, related_name="note")
    comment = models.TextField()


class Flag(models.Model):
    """An annotator's word to the rule editors about a pair."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="flags")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, related_name="flags")
    comment = models.CharField(max_length=1000)
    at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True)


class Triage(models.Model):
    """What a rule editor made of an answer that went against the rules: where the fault lay."""

    class Fault(models.TextChoices):
        ROUTING = "routing", "routing: the rule should not have looked here"
        RULE = "rule", "rule: what it says is wrong"
        EXECUTION = "execution", "execution: right rule, wrong facts or wrong condition"
        NONE = "none", "none: the rules stand"

    judgment = models.OneToOneField(Judgment, models.PROTECT, primary_key=True, related_name="triage")
    fault = models.CharField(max_length=10, choices=Fault.choices)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Ranking(models.Model):
    """One person's order of a pair's reasonings, in tiers; ties and 'all bad' are representable. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="rankings")
    slot = models.ForeignKey(Slot, models.PROTECT, null=True, related_name="rankings")
    person = models.ForeignKey(User, models.PROTECT, related_name="rankings")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    tiers = models.JSONField(help_text="best first: [[reasoning id, ...], ...]; unranked ones are absent")
    shown_order = models.JSONField(default=list)
    all_bad = models.BooleanField(default=False)
    faults = models.JSONField(default=dict, help_text='{reasoning id: {"attributes": "unsupported"}}')
    correction = models.ForeignKey(Reasoning, models.PROTECT, null=True, related_name="+")
    withdrawn = models.BooleanField(default=False)
    origin = models.CharField(max_length=6, choices=Judgment.Origin.choices, default=Judgment.Origin.SITE)
    seconds = models.FloatField(null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["pair", "person", "-at"], name="ranking_by_pair"),
            models.Index(fields=["corpus", "-at"], name="ranking_by_corpus"),
        ]
