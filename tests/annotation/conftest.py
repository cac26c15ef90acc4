"""A small shop to judge in: dresses of several colours, one rule about colour, one release in force."""

import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation import services
from annotation.models import Campaign
from catalog.models import Item, ItemPayload, ItemVersion, Pair, Query
from rules.models import Publication, Release, ReleaseAcknowledgement, ReleaseEntry, Rule, RuleVersion
from webapp.common.models import Corpus, Role

COLOURS = ("red", "blue", "green", "burgundy", "black", "white")
STEPS = {
    "query": "a burgundy dress",
    "item": "a dress [title]",
    "category": "same kind",
    "attributes": "colour {colour}",
    "rules": "(R01) colour",
}


@pytest.fixture
def release(corpus: Corpus) -> Release:
    """Release 1, in force: R01 says L2-colour where the item's colour is another one than the query's."""
    rule = Rule.objects.create(corpus=corpus, code="R01")
    version = RuleVersion.objects.create(
        rule=rule,
        number=1,
        state="published",
        title="Another colour",
        principle="A named colour is what the person wants.",
        dimension="colour",
        scope="has(query.colour)",
        ladder=[
            {
                "when": "item.colour != query.colour",
                "grade": "L2",
                "dimension": "colour",
                "reason": "it is {item.colour}",
            }
        ],
        content_hash="r1",
    )
    rule.latest = version
    rule.save()
    release = Release.objects.create(corpus=corpus, number=1, dimensions=["colour", "brand", "size"])
    ReleaseEntry.objects.create(release=release, rule_version=version)
    release.state = Release.State.PUBLISHED
    release.save()
    Publication.objects.create(corpus=corpus, release=release)
    return release


def pairs_make(corpus: Corpus, count: int, *, text: str = "burgundy dress", **facets: str) -> list[Pair]:
    """`count` pairs of one query with dresses of changing colour."""
    query = Query.objects.create(
        corpus=corpus, text=text, key=text.casefold(), facets=facets or {"colour": "burgundy"}
    )
    return [
        Pair.objects.create(corpus=corpus, query=query, item=_item(corpus, f"{query.pk}-{number}", number))
        for number in range(count)
    ]


def _item(corpus: Corpus, external_id: str, number: int) -> Item:
    colour = COLOURS[number % len(COLOURS)]
    item = Item.objects.create(corpus=corpus, external_id=external_id)
    version = ItemVersion.objects.create(
        item=item, content_hash=external_id, title=f"Evening dress {number} {colour}"
    )
    ItemPayload.objects.create(
        version=version, description="Long text.", attributes={"colour": colour, "fit": "slim"}
    )
    item.current = version
    item.save()
    return item


def reasonings_make(count: int = 3) -> list[dict[str, Any]]:
    """Contents of `count` reasonings that differ in one step and in the verdict."""
    grades = ["L4", "L2", "L1", "L3", "L2", "L1", "L4", "L3"]
    return [
        {
            "steps": {**STEPS, "attributes": f"colour variant {number}"},
            "grade": grades[number],
            "dimension": "colour" if grades[number] == "L2" else "",
            "rules_cited": ["R01"],
        }
        for number in range(count)
    ]


@pytest.fixture
def shop(corpus: Corpus, people: SimpleNamespace, release: Release) -> SimpleNamespace:
    """Twelve pairs and people who know the rules; `campaign(...)` makes and opens a campaign over them."""
    for role in Role.values:
        ReleaseAcknowledgement.objects.create(release=release, person=getattr(people, role))
    pairs = pairs_make(corpus, 12)

    def campaign(**values: Any) -> Campaign:
        defaults = {
            "corpus": corpus,
            "name": "Dresses",
            "actor": people.admin,
            "pairs": [pair.pk for pair in pairs],
        }
        made = services.campaign_create(**{**defaults, **values})
        return services.campaign_open(campaign=made, actor=people.admin)

    return SimpleNamespace(corpus=corpus, people=people, release=release, pairs=pairs, campaign=campaign)


Judge = Callable[..., Any]


@pytest.fixture
def judge(shop: SimpleNamespace) -> Judge:
    """`judge(campaign, person, grade=4, ...)`: lease one subject and answer it; None where nothing is left."""

    def answer(campaign: Campaign, person: Any, **values: Any) -> Any:
        slot = services.slot_lease(campaign=campaign, person=person)
        if slot is None:
            return None
        defaults = {
            "key": uuid.uuid4(),
            "slot": slot,
            "lease": slot.lease,
            "person": person,
            "release": shop.release,
            "grade": 4,
        }
        return services.judgment_submit(**{**defaults, **values})

    return answer


def begun(client: Client, campaign: Campaign, *, review: bool = False) -> str:
    """The working page as somebody without scripts comes to it: she asks for subjects, and is led there."""
    address = reverse("annotation:subject_next", args=[campaign.corpus.slug, campaign.pk])
    return client.post(f"{address}?review=1" if review else address, follow=True).content.decode()
