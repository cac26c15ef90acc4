"""What is vouched for: gold, and a reviewer's verdict over people who disagree."""

from django.db import models
from django.utils import timezone

from catalog.models import GRADES, ItemVersion, Pair
from rules.models import Release
from webapp.common.models import Corpus, User


class Gold(models.Model):
    """A pair whose verdict is known and vouched for."""

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="gold")
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)


class Adjudication(models.Model):
    """A reviewer's verdict over people who disagree; it settles the pair. Append-only."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    pair = models.ForeignKey(Pair, models.PROTECT, related_name="adjudications")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True)
    picture_decided = models.BooleanField(default=False)
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["pair", "-id"], name="adjudication_by_pair")]
