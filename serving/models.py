"""What was served: the verdict cache, keyed by everything that could change an answer, and what each request got."""

import uuid

from django.db import models
from django.utils import timezone

from annotation.models import Campaign
from catalog.models import GRADES, ItemVersion, Query
from rules.models import Release
from training_bridge.models import ModelVersion
from webapp.common.models import Corpus, User


class CachedVerdict(models.Model):
    """A model's verdict on a query and an item version, in one mode, under a release: never wrong, only unused."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    query_key = models.CharField(max_length=500)
    facets = models.CharField(max_length=64, help_text="digest: another lexicon may find others in the query")
    item_version = models.ForeignKey(ItemVersion, models.CASCADE, related_name="+")
    model_version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="+")
    release = models.ForeignKey(Release, models.CASCADE, related_name="+")
    mode = models.CharField(max_length=8, help_text="direct or reasoned")
    grade = models.PositiveSmallIntegerField(choices=GRADES, null=True)
    dimension = models.CharField(max_length=40, blank=True)
    probabilities = models.JSONField(help_text="[p(L1), p(L2), p(L3), p(L4)]")
    reasoning = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["query_key", "facets", "item_version", "model_version", "release", "mode"],
                name="cached_verdict_key",
            )
        ]


class ServedRequest(models.Model):
    """One call of the relevance API: what GoodRate samples from."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    query = models.ForeignKey(Query, models.CASCADE, null=True, related_name="+")
    query_text = models.CharField(max_length=500)
    stratum = models.CharField(max_length=5, blank=True)
    tier = models.CharField(max_length=12, help_text="cache, model, or mixed")
    model_version = models.ForeignKey(ModelVersion, models.SET_NULL, null=True, related_name="+")
    release = models.ForeignKey(Release, models.SET_NULL, null=True, related_name="+")
    items = models.JSONField(
        default=list, help_text='[{"item_version", "grade", "p": [..], "tier"}] in request order'
    )
    milliseconds = models.FloatField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["corpus", "-at"], name="served_by_corpus")]


class GoodRateSample(models.Model):
    """Served requests drawn to be judged blind, and the campaign that judges them."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    campaign = models.OneToOneField(Campaign, models.PROTECT, related_name="goodrate_sample")
    requests = models.JSONField(
        default=list, help_text='[{"request", "stratum", "model", "pairs": [pair ids in shown order]}]'
    )
    seed = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
