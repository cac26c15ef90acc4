"""Draw served requests for people to judge without sight of grades, rules or suggestions."""

import random
from typing import Any

from django.db import transaction

from annotation.models import Campaign, ListSettings
from annotation.services import campaign_create, campaign_open
from annotation.services.page_campaigns import Asking, page_campaign_create
from catalog.models import ItemVersion, Pair
from catalog.services import query_ensure
from catalog.services.pages import pages_put
from serving.models import GoodRateSample, ServedRequest
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, User

NEWEST = 5000
GUIDELINE = (
    "Judge each item for its query, as if you had asked it yourself. Nothing else is shown on purpose."
)


@transaction.atomic
def goodrate_sample(
    *, corpus: Corpus, actor: User | None, name: str, requests: int = 20, stratum: str = "", seed: int = 0,
    as_pages: bool = False,
) -> GoodRateSample:  # fmt: skip
    """A blind campaign over `requests` of the newest served requests; every item shown in them is judged once.

    With `as_pages` each query's list is judged as it was shown, item by item and as a whole Good, Mid or Bad.
    Raises Invalid where nothing was served, or the count is not 1 to 500.
    """
    if not 1 <= requests <= 500:
        raise Invalid("Between 1 and 500 requests are drawn.", code="requests")
    rows = ServedRequest.objects.filter(corpus=corpus).exclude(items=[])
    rows = rows.filter(stratum=stratum) if stratum else rows
    newest = list(rows.order_by("-at", "id")[:NEWEST])
    if not newest:
        raise Invalid("Nothing was served yet, so there is nothing to draw from.", code="nothing_served")
    drawn = random.Random(seed).sample(newest, min(requests, len(newest)))
    content = [_request(corpus, row) for row in drawn]
    campaign = (_pages if as_pages else _pairs)(corpus, actor, name, content)
    sample = GoodRateSample.objects.create(
        corpus=corpus, campaign=campaign, requests=content, seed=seed, created_by=actor
    )
    campaign_open(campaign=campaign, actor=actor)
    audit_record(
        actor=actor,
        corpus=corpus,
        action="goodrate.sample",
        subject=campaign,
        data={"requests": len(drawn), "seed": seed},
    )
    return sample


def _pairs(corpus: Corpus, actor: User | None, name: str, content: list[dict[str, Any]]) -> Campaign:
    pairs = sorted({pair for row in content for pair in row["pairs"]})
    return campaign_create(
        corpus=corpus, name=name, actor=actor, blind_share=1.0, pairs=pairs, guideline=GUIDELINE
    )


def _pages(corpus: Corpus, actor: User | None, name: str, content: list[dict[str, Any]]) -> Campaign:
    """One page a query: where it was served twice, as it was drawn first."""
    lists: dict[int, list[int]] = {}
    for row in content:
        lists.setdefault(row["query"], row["pairs"])
    pages = pages_put(corpus=corpus, source=f"served: {name}", lists=lists, actor=actor)
    asking = Asking(blind_share=1.0, guideline=GUIDELINE, items=ListSettings.Items.REQUIRED)
    return page_campaign_create(
        corpus=corpus, name=name, actor=actor, pages=[page.pk for page in pages], asking=asking
    )


def _request(corpus: Corpus, row: ServedRequest) -> dict[str, Any]:
    """A served request as pairs of the catalog; a query that was new becomes a row now that people shall judge it."""
    query = row.query or query_ensure(corpus, row.query_text)
    versions = [entry["item_version"] for entry in row.items]
    items = dict(ItemVersion.objects.filter(pk__in=versions).values_list("pk", "item_id"))
    shown = [items[version] for version in versions if version in items]
    pairs = [Pair(corpus=corpus, query=query, item_id=item) for item in dict.fromkeys(shown)]
    Pair.objects.bulk_create(pairs, ignore_conflicts=True)
    held = dict(Pair.objects.filter(query=query, item_id__in=shown).values_list("item_id", "pk"))
    return {
        "request": str(row.pk),
        "query": query.pk,
        "stratum": row.stratum,
        "model": row.model_version_id,
        "pairs": [held[item] for item in shown if item in held],
    }
