"""What was served, as a source of a campaign's pairs."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.urls import reverse

from annotation import services
from annotation.selectors import PairChoice, pairs_chosen
from catalog.models import Pair
from serving.models import ServedRequest

from ..annotation.conftest import release, shop

__all__ = ["release", "shop"]
pytestmark = pytest.mark.django_db
SERVED = PairChoice("served")


def served(shop: SimpleNamespace, text: str, pairs: list[Pair], **of: Any) -> ServedRequest:
    items = [{"item_version": pair.item.current_id, "grade": 4, "p": [], "tier": "cache"} for pair in pairs]
    return ServedRequest.objects.create(
        corpus=shop.corpus, query_text=text, tier="cache", milliseconds=1.0, items=items, **of
    )


def test_pairs_that_were_served_are_chosen_and_others_not(shop: SimpleNamespace) -> None:
    served(shop, "burgundy dress", shop.pairs[:2], query=shop.pairs[0].query)
    assert set(pairs_chosen(shop.corpus, SERVED)) == set(shop.pairs[:2])


def test_a_query_the_catalog_did_not_know_becomes_rows_only_when_a_campaign_is_made(
    shop: SimpleNamespace,
) -> None:
    served(shop, "never asked before", shop.pairs[:3])
    before = Pair.objects.count()
    assert not pairs_chosen(shop.corpus, SERVED) and Pair.objects.count() == before
    made = services.campaign_create(
        corpus=shop.corpus,
        name="Served",
        actor=shop.people.admin,
        pairs=services.campaign_pairs(shop.corpus, SERVED),
    )
    assert made.annotation_tasks.filter(pair__query__text="never asked before").count() == 3
    assert services.campaign_pairs(shop.corpus, SERVED).count() == 3  # and once only


def test_it_stands_on_the_form_and_in_the_api(shop: SimpleNamespace, client_for: Any) -> None:
    served(shop, "burgundy dress", shop.pairs[:2], query=shop.pairs[0].query)
    client = client_for(shop.people.admin)
    page = client.get(reverse("annotation:campaign_create", args=["shop"])).content.decode()
    assert 'value="served"' in page
    answer = client.post(
        "/api/v1/corpora/shop/campaigns/",
        {"name": "By program", "which": "served"},
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
