"""What is judged: queries, items and their versions, pictures, pairs, pages, traffic, settled verdicts.

Narrow tables serve queues and lists; long text (descriptions, attributes) lies apart in `ItemPayload`.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.utils import timezone

from webapp.common.models import Blob, Corpus, Job, User

GRADES = [(1, "L1"), (2, "L2"), (3, "L3"), (4, "L4")]


class Lexicon(models.Model):
    """The corpus's own vocabulary (facet -> value -> spellings), by which facets are found in a query's text."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="lexicons")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    given = models.JSONField(
        default=dict, db_default={}, help_text="The part that a lexicon.json brought; later imports keep it."
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "number"], name="lexicon_number")]


class Query(models.Model):
    """A query, one row per normalised key in a corpus."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="queries")
    external_id = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=500)
    key = models.CharField(max_length=500, help_text="Text in NFKC, case folded, spaces collapsed.")
    facets = models.JSONField(default=dict)
    lexicon = models.ForeignKey(Lexicon, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "queries"
        constraints = [
            models.UniqueConstraint(fields=["corpus", "key"], name="query_key"),
            models.UniqueConstraint(
                fields=["corpus", "external_id"], condition=~Q(external_id=""), name="query_external_id"
            ),
        ]
        indexes = [
            GinIndex(SearchVector("text", config="simple"), name="query_search"),
            GinIndex(fields=["facets"], name="query_facets", opclasses=["jsonb_path_ops"]),
        ]

    def __str__(self) -> str:
        return self.text


class Item(models.Model):
    """An item of the shop; what it said at a time is an `ItemVersion`."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="items")
    external_id = models.CharField(max_length=120)
    current = models.ForeignKey("ItemVersion", models.PROTECT, null=True, related_name="+")
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["corpus", "external_id"], name="item_external_id")]

    def __str__(self) -> str:
        return self.external_id


class ItemVersion(models.Model):
    """One content of an item, named by its hash: judgments, firings, cache keys and snapshots say which they saw."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="versions")
    content_hash = models.CharField(max_length=64)
    title = models.CharField(max_length=1000)
    brand = models.CharField(max_length=200, blank=True)
    category = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "content_hash"], name="item_version_content")]
        indexes = [
            models.Index(fields=["category"], name="item_version_category"),
            models.Index(fields=["brand"], name="item_version_brand"),
            GinIndex(SearchVector("title", config="simple"), name="item_version_search"),
        ]

    def __str__(self) -> str:
        return self.title


class ItemPayload(models.Model):
    """The long part of an item version."""

    version = models.OneToOneField(ItemVersion, models.CASCADE, primary_key=True, related_name="payload")
    description = models.TextField(blank=True)
    attributes = models.JSONField(
        default=dict, help_text="Flat: snake_case name -> string, number, boolean or list."
    )


class ItemImage(models.Model):
    """A picture of an item version. Only `stored` ones are shown; a remote address is never linked from a page.

    `remote` was not fetched yet; `failed` may come another time; `refused` is no picture, or not to be called.
    """

    class State(models.TextChoices):
        STORED = "stored"
        REMOTE = "remote", "remote, not fetched"
        FAILED = "failed"
        REFUSED = "refused"

    version = models.ForeignKey(ItemVersion, models.CASCADE, related_name="images")
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices)
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    url = models.CharField(max_length=1000, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="item_image_position"),
            models.CheckConstraint(
                condition=~Q(state="stored") | Q(blob__isnull=False), name="item_image_stored"
            ),
        ]
        indexes = [
            models.Index("url", name="item_image_remote", condition=Q(state="remote")),
        ]


class ImageEvidence(models.Model):
    """What an extractor computed from one picture's bytes: colours with shares, classes with probabilities."""

    blob = models.ForeignKey(Blob, models.CASCADE, related_name="evidence")
    extractor = models.CharField(max_length=80)
    content = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["blob", "extractor"], name="image_evidence_once")]


class Pair(models.Model):
    """A query and an item whose relevance is in question."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="pairs")
    query = models.ForeignKey(Query, models.CASCADE, related_name="pairs")
    item = models.ForeignKey(Item, models.CASCADE, related_name="pairs")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["query", "item"], name="pair_once")]
        indexes = [models.Index(fields=["corpus", "id"], name="pair_by_corpus")]

    def __str__(self) -> str:
        return f"{self.query_id}·{self.item_id}"


class Page(models.Model):
    """An ordered list shown for a query."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="pages")
    query = models.ForeignKey(Query, models.CASCADE, related_name="pages")
    name = models.CharField(max_length=120, help_text="Which system or moment this list comes from.")
    created_at = models.DateTimeField(default=timezone.now)


class PageEntry(models.Model):
    page = models.ForeignKey(Page, models.CASCADE, related_name="entries")
    position = models.PositiveIntegerField()
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="+")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "position"], name="page_entry_position")]


class Stratum(models.TextChoices):
    HEAD = "head"
    TORSO = "torso"
    TAIL = "tail"


class Traffic(models.Model):
    """How often a query is asked, and the stratum that follows from its rank in the whole."""

    query = models.OneToOneField(Query, models.CASCADE, primary_key=True, related_name="traffic")
    count = models.BigIntegerField(default=0)
    stratum = models.CharField(max_length=5, choices=Stratum.choices, default=Stratum.TAIL)


class SettledVerdict(models.Model):
    """The verdict that stands for a pair: handed down by imports and consensus, read by the rooms in between.

    One row a pair, replaced when a better one is settled; the judgments behind it are append-only.
    """

    class Source(models.TextChoices):
        IMPORT = "import"
        CONSENSUS = "consensus"
        ADJUDICATION = "adjudication"

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="settled")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=12, choices=Source.choices)
    method = models.CharField(max_length=80, blank=True)
    picture_decided = models.BooleanField(default=False)
    blind = models.BooleanField(default=True, help_text="Reached without sight of rules or suggestions.")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(grade__range=(1, 4)), name="settled_grade_range")]


class ImportedVerdict(models.Model):
    """What an import says of a pair on which people's word stands since; it stands again where theirs is taken back.

    A trigger keeps it as people settle the pair, so that no way of writing misses it; a later import writes its own.
    """

    pair = models.OneToOneField(Pair, models.CASCADE, primary_key=True, related_name="+")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True)
    method = models.CharField(max_length=80, blank=True)
    picture_decided = models.BooleanField(default=False)
    blind = models.BooleanField(default=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(grade__range=(1, 4)), name="imported_verdict_range")
        ]


class ImportRun(models.Model):
    """One import: where it came from and what became of its rows. Rejected rows lie in a file to mend and import."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="imports")
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="import_run")
    path = models.CharField(max_length=1000)
    format = models.CharField(max_length=20)
    accepted = models.JSONField(default=dict, help_text="rows taken, by table")
    rejected = models.PositiveIntegerField(default=0)
    rejected_blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)


class ImportedRating(models.Model):
    """One rater's grade as a file gave it: handed down for the rooms above, which make judgments of it."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="imported_ratings")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    rater = models.ForeignKey(User, models.PROTECT, related_name="+")
    grade = models.PositiveSmallIntegerField(choices=GRADES)
    dimension = models.CharField(max_length=40, blank=True, db_default="")
    picture_decided = models.BooleanField(default=False, db_default=False)
    seconds = models.FloatField(null=True)
    taken_up = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "rater"], name="imported_rating_once"),
            models.CheckConstraint(condition=Q(grade__range=(1, 4)), name="imported_rating_range"),
        ]
        indexes = [
            models.Index(fields=["corpus", "id"], condition=Q(taken_up=False), name="imported_rating_new")
        ]


class ImportedRanking(models.Model):
    """One person's order of a pair's reasonings as a file gave it: handed down for the rooms above."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    pair = models.ForeignKey(Pair, models.CASCADE, related_name="imported_rankings")
    item_version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    rater = models.ForeignKey(User, models.PROTECT, related_name="+")
    content = models.JSONField(help_text="the file's own row: reasonings and their order")
    content_hash = models.CharField(max_length=64)
    taken_up = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pair", "rater", "content_hash"], name="imported_ranking_once")
        ]
        indexes = [
            models.Index(fields=["corpus", "id"], condition=Q(taken_up=False), name="imported_ranking_new")
        ]


class CorpusCounter(models.Model):
    """Totals of a corpus, kept by imports, so that no page counts rows."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="counter")
    queries = models.PositiveIntegerField(default=0)
    items = models.PositiveIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)
    settled = models.PositiveIntegerField(default=0)
    pictures = models.PositiveIntegerField(default=0)
    pictures_remote = models.PositiveIntegerField(default=0, db_default=0)
    pictures_lost = models.PositiveIntegerField(default=0, db_default=0)
    counted_at = models.DateTimeField(default=timezone.now)
