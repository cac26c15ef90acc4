"""A deadline that has passed gives nobody anything new; what was begun is taken; extending it goes on."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotation import services
from annotation.models import Campaign, Judgment
from annotation.selectors.campaigns import campaigns_for, next_campaign

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Any], Client]


@pytest.fixture
def over(shop: SimpleNamespace) -> SimpleNamespace:
    """A campaign of which the annotator holds one subject, and whose deadline passed a minute ago."""
    campaign = shop.campaign(deadline=timezone.now() + timedelta(hours=1))
    slot = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)[0]
    Campaign.objects.filter(pk=campaign.pk).update(deadline=timezone.now() - timedelta(minutes=1))
    campaign.refresh_from_db()
    return SimpleNamespace(**vars(shop), over=campaign, slot=slot)


def url(name: str, campaign: Campaign) -> str:
    return reverse(f"annotation:{name}", args=["shop", campaign.pk])


def test_nothing_new_is_given_out(over: SimpleNamespace) -> None:
    people = over.people
    assert services.slots_hold(campaign=over.over, person=people.reviewer, want=3) == []
    assert services.slot_lease(campaign=over.over, person=people.reviewer) is None
    mine = services.slots_hold(campaign=over.over, person=people.annotator, want=3)
    assert [slot.pk for slot in mine] == [over.slot.pk]  # what she had begun
    assert over.over not in campaigns_for(over.corpus) and next_campaign(over.corpus) != over.over
    assert over.over in campaigns_for(over.corpus, everything=True)


def test_what_was_begun_is_taken_and_named_late(over: SimpleNamespace, client_for: ClientFor) -> None:
    sent = {
        "key": str(uuid.uuid4()), "slot": over.slot.pk, "lease": str(over.slot.lease), "release": over.release.pk,
        "grade": "4", "disagreement": "rule_wrong", "have": "",
    }  # fmt: skip
    answer = client_for(over.people.annotator).post(
        url("judgment_submit", over.over), sent, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["word"] == "Saved, after the campaign's deadline." and body["subjects"] == []
    assert "The deadline has passed" in body["empty"]
    assert Judgment.objects.filter(slot=over.slot).count() == 1
    page = client_for(over.people.admin).get(url("campaign_detail", over.over)).content.decode()
    assert "1 came after it" in page and "Extend the deadline" in page


def test_an_extension_goes_on(over: SimpleNamespace) -> None:
    services.campaign_edit(
        campaign=over.over, actor=over.people.admin, deadline=timezone.now() + timedelta(days=1)
    )
    over.over.refresh_from_db()
    assert len(services.slots_hold(campaign=over.over, person=over.people.reviewer, want=2)) == 2
    assert next_campaign(over.corpus) == over.over
