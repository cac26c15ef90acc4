"""Reads of this room: what is served to whom, and how good it was."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db.models import Avg, Count, Q, QuerySet, Sum

from annotation.models import PageVerdict
from annotation.selectors import consensus_for
from catalog.keys import query_key
from catalog.models import Item, ItemImage, ItemVersion, Pair, Stratum, Traffic
from relevance.grades import Grade
from rules.selectors import release_current
from serving.models import GoodRateSample, ServedRequest
from serving.services.relevance import CACHE, MIXED, MODEL, Answer, ItemVerdict
from training_bridge.figures.bootstrap import mean_interval
from webapp.common.errors import NotFound
from webapp.common.models import Corpus

GOOD, MID = 0.8, 0.5  # a page with so large a share of relevant items counts as Good, or as Mid


@dataclass(frozen=True)
class StratumRow:
    """One stratum: its share of traffic, and what answered its requests how fast (milliseconds)."""

    name: str
    queries: int
    traffic_share: float
    requests: int
    by_tier: Mapping[str, int]
    milliseconds: float | None


@dataclass(frozen=True)
class GoodRate:
    """Of a sample: items judged, Item and Query GoodRate with 95 % intervals over requests; None before judgments."""

    judged: int
    items: int
    requests: int
    item_rate: float | None
    item_interval: tuple[float, float] | None
    query_rate: float | None
    query_interval: tuple[float, float] | None


@dataclass(frozen=True)
class Shown:
    """An item of an answer as a card shows it; `pair_id` is None where the corpus does not hold the pair."""

    pair_id: int | None
    item_id: int
    product_id: str
    title: str
    brand: str
    category: str
    picture: str
    grade: int
    dimension: str
    reasoning: str
    tier: str
    bars: Sequence[tuple[str, float]]


def strata(corpus: Corpus) -> list[StratumRow]:
    """Head, torso and tail; the tail also holds queries that were never counted."""
    traffic = {
        row["stratum"]: row
        for row in Traffic.objects.filter(query__corpus=corpus)
        .values("stratum")
        .annotate(queries=Count("pk"), asked=Sum("count"))
    }
    served = {
        row["stratum"]: row
        for row in ServedRequest.objects.filter(corpus=corpus)
        .values("stratum")
        .annotate(
            requests=Count("pk"),
            milliseconds=Avg("milliseconds"),
            **{tier: Count("pk", filter=Q(tier=tier)) for tier in (CACHE, MODEL, MIXED)},
        )
    }
    whole = sum(row["asked"] or 0 for row in traffic.values())
    return [
        _stratum(str(name), traffic.get(name, {}), served.get(name, {}), whole) for name in Stratum.values
    ]


def _stratum(name: str, traffic: Mapping[str, Any], served: Mapping[str, Any], whole: int) -> StratumRow:
    return StratumRow(
        name=name,
        queries=traffic.get("queries", 0),
        traffic_share=(traffic.get("asked") or 0) / whole if whole else 0.0,
        requests=served.get("requests", 0),
        by_tier={tier: served.get(tier, 0) for tier in (CACHE, MODEL, MIXED)},
        milliseconds=served.get("milliseconds"),
    )


def requests_of(corpus: Corpus) -> QuerySet[ServedRequest]:
    return ServedRequest.objects.filter(corpus=corpus).select_related("model_version", "release")


def samples_of(corpus: Corpus) -> list[tuple[GoodRateSample, GoodRate]]:
    """The newest samples with what they have shown so far."""
    rows = GoodRateSample.objects.filter(corpus=corpus).select_related("campaign").order_by("-id")[:10]
    return [(row, goodrate_of(row)) for row in rows]


def goodrate_of(sample: GoodRateSample) -> GoodRate:
    """Item GoodRate: per request the share of its judged items at L3 or L4, then the mean over requests.

    Query GoodRate: the share of pages that people called Good or Mid; where they were not asked about the whole, of
    requests half of whose judged items are relevant or more.
    """
    release = release_current(sample.corpus)
    pairs = {pair for row in sample.requests for pair in row["pairs"]}
    found = consensus_for(pairs, release) if release else {}
    relevant = {pair: float(one.grade >= 3) for pair, one in found.items() if one.grade is not None}
    shares = [
        sum(held) / len(held)
        for row in sample.requests
        if (held := [relevant[pair] for pair in row["pairs"] if pair in relevant])
    ]
    pages = _marked(sample) or [float(share >= MID) for share in shares]
    return GoodRate(
        judged=len(relevant),
        items=len(pairs),
        requests=len(shares),
        item_rate=sum(shares) / len(shares) if shares else None,
        item_interval=mean_interval(shares) if shares else None,
        query_rate=sum(pages) / len(pages) if pages else None,
        query_interval=mean_interval(pages) if pages else None,
    )


def _marked(sample: GoodRateSample) -> list[float]:
    """1 for each standing mark of Good or Mid on a page of this sample, 0 for Bad; empty where pairs were judged."""
    rows = PageVerdict.objects.filter(slot__campaign=sample.campaign_id, superseded_by=None).exclude(
        mark=None
    )
    return [float((mark or 0) >= PageVerdict.Mark.MID) for mark in rows.values_list("mark", flat=True)]


def answer_cards(corpus: Corpus, answer: Answer) -> list[Shown]:
    """An answer's known items with what a person needs to judge them by."""
    return _cards(corpus, answer.query, answer.items)


def request_get(corpus: Corpus, pk: uuid.UUID) -> ServedRequest:
    """One served request. Raises NotFound."""
    found = requests_of(corpus).filter(pk=pk).first()
    if found is None:
        raise NotFound("There is no such request.")
    return found


def request_cards(served: ServedRequest) -> list[Shown]:
    """What a request got, each item as it was then; its mismatch dimension and reasoning are not logged."""
    verdicts = [
        ItemVerdict(
            row["product"], True, Grade(row["grade"]) if row["grade"] else None,
            tuple(row["p"]) if row["p"] else None, tier=row["tier"], item_version=row["item_version"],
        )
        for row in served.items
    ]  # fmt: skip
    return _cards(served.corpus, served.query_text, verdicts)


def _cards(corpus: Corpus, query: str, verdicts: Sequence[ItemVerdict]) -> list[Shown]:
    versions = ItemVersion.objects.in_bulk([one.item_version for one in verdicts if one.item_version])
    images = ItemImage.objects.filter(version__in=versions, state=ItemImage.State.STORED)
    pictures = {image.version_id: str(image.blob_id) for image in images.order_by("-position")}
    items = {version.item_id for version in versions.values()}
    asked = Pair.objects.filter(corpus=corpus, query__key=query_key(query), item__in=items)
    pairs = dict(asked.values_list("item_id", "pk"))
    found = []
    for one in verdicts:
        version = versions.get(one.item_version or 0)
        if version is not None:
            odds = one.probabilities or (0.0, 0.0, 0.0, 0.0)
            found.append(
                Shown(
                    pairs.get(version.item_id), version.item_id, one.product_id, version.title, version.brand,
                    version.category, pictures.get(version.pk, ""),
                    int(one.grade) if one.grade else 0, one.dimension, one.reasoning, one.tier,
                    [(f"L{level}", odds[level - 1]) for level in (4, 3, 2, 1)],
                )
            )  # fmt: skip
    return found


def items_for_query(corpus: Corpus, text: str, limit: int = 12) -> list[str]:
    """Product ids for the try-a-query box: items whose title holds the query's words, the likeliest first."""
    vector = SearchVector("current__title", config="simple")
    words = [word for word in text.split() if word.isalnum()]
    if not words:
        return []
    query = SearchQuery(" | ".join(words), search_type="raw", config="simple")
    rows = Item.objects.filter(corpus=corpus, deleted_at=None).annotate(
        found=vector, rank=SearchRank(vector, query)
    )
    return list(
        rows.filter(found=query).order_by("-rank", "pk").values_list("external_id", flat=True)[:limit]
    )
