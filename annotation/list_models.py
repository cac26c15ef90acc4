"""Verdicts on whole pages, and what a campaign over pages or lists of reasonings is set to.

Verdicts are append-only: an edit and an undo are new rows that supersede. Rows of `annotation.models` are named by
string: that module takes these classes in.
"""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import Page
from rules.models import Release
from webapp.common.models import Corpus, User


class Origin(models.TextChoices):
    SITE = "site"
    API = "api"
    IMPORT = "import"


class ListSettings(models.Model):
    """How a campaign over pages or reasonings asks. `source` and `other_source` are named to nobody before it is closed."""

    class Items(models.TextChoices):
        NONE = "none", "the whole page alone"
        OPTIONAL = "optional", "the whole page, and items as wanted"
        REQUIRED = "required", "every item, and the whole page"

    campaign = models.OneToOneField(
        "annotation.Campaign", models.CASCADE, primary_key=True, related_name="list_settings"
    )
    items = models.CharField(max_length=8, choices=Items.choices, default=Items.OPTIONAL)
    five_grades = models.BooleanField(default=False, help_text="much better and slightly better apart")
    hides_verdicts = models.BooleanField(
        default=False, help_text="a reasoning's verdict is not shown while it is ranked"
    )
    source = models.CharField(max_length=120, blank=True)
    other_source = models.CharField(max_length=120, blank=True)
    identical = models.PositiveIntegerField(
        default=0, help_text="queries whose two pages are the same list: nothing to ask, and a tie"
    )


class PageVerdict(models.Model):
    """One person's word on a whole page. Its items' grades are ordinary judgments, which name the page."""

    class Mark(models.IntegerChoices):
        BAD = 1, "Bad"
        MID = 2, "Mid"
        GOOD = 3, "Good"

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, help_text="the idempotency key the browser made"
    )
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    page = models.ForeignKey(Page, models.PROTECT, related_name="verdicts")
    slot = models.ForeignKey("annotation.Slot", models.PROTECT, null=True, related_name="page_verdicts")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    mark = models.PositiveSmallIntegerField(
        choices=Mark.choices, null=True, help_text="null: withdrawn (an undo)"
    )
    comment = models.CharField(max_length=2000, blank=True)
    blind = models.BooleanField(default=False)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.SITE)
    seconds = models.FloatField(null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(mark=None) | Q(mark__range=(1, 3)), name="page_verdict_mark_range"
            )
        ]
        indexes = [
            models.Index(fields=["page", "person", "-at"], name="page_verdict_by_page"),
            models.Index(fields=["corpus", "-at"], name="page_verdict_by_corpus"),
        ]


class PagePreference(models.Model):
    """One person's choice between two pages of a query; which stood on the left for her is recorded, never shown.

    `preference` is seen from `page`: 2 much better, 1 better, 0 the same, -1 and -2 the other one better.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, help_text="the idempotency key the browser made"
    )
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    page = models.ForeignKey(Page, models.PROTECT, related_name="+")
    other_page = models.ForeignKey(Page, models.PROTECT, related_name="+")
    left_page = models.ForeignKey(Page, models.PROTECT, related_name="+", db_index=False)
    slot = models.ForeignKey("annotation.Slot", models.PROTECT, null=True, related_name="page_preferences")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    preference = models.SmallIntegerField(null=True, help_text="null: withdrawn (an undo)")
    comment = models.CharField(max_length=2000, blank=True)
    origin = models.CharField(max_length=6, choices=Origin.choices, default=Origin.SITE)
    seconds = models.FloatField(null=True)
    supersedes = models.OneToOneField("self", models.PROTECT, null=True, related_name="superseded_by")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(preference=None) | Q(preference__range=(-2, 2)),
                name="page_preference_range",
            ),
            models.CheckConstraint(
                condition=Q(left_page=models.F("page")) | Q(left_page=models.F("other_page")),
                name="page_preference_left",
            ),
        ]
        indexes = [models.Index(fields=["corpus", "-at"], name="page_preference_by_corpus")]
