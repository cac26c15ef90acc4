"""Gold as a list: who did right on it, its verdict corrected, and taken back with what it said kept in the audit log."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotation import services
from annotation.models import Gold
from tests.browser import check_accessible
from webapp.common.models import AuditEntry

ClientFor = Callable[[Any], Client]


def test_gold_is_listed_with_what_people_answered(
    shop: SimpleNamespace, judge: Callable[..., Any], client_for: ClientFor
) -> None:
    people = shop.people
    services.gold_set(pair=shop.pairs[0], grade=4, actor=people.reviewer)
    services.gold_set(pair=shop.pairs[1], grade=2, dimension="colour", actor=people.reviewer, reason="plain")
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, people.annotator, grade=4)
    judge(campaign, people.reviewer, grade=1)
    address = reverse("annotation:gold_list", args=["shop"])
    body = client_for(people.admin).get(address).content.decode()
    assert body.count("data-pair=") == 2 and body.count("1 of 2") == 1
    assert client_for(people.annotator).get(address).status_code == 403


def test_gold_is_corrected_and_taken_back_and_the_log_keeps_what_it_said(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    pair, admin = shop.pairs[0], client_for(shop.people.admin)
    services.gold_set(pair=pair, grade=2, dimension="colour", actor=shop.people.reviewer, reason="plain")
    address = reverse("annotation:gold_set", args=["shop", pair.pk])
    admin.post(address, {"grade": "9"})
    assert Gold.objects.get().grade == 2, "a wrong grade changes nothing"
    admin.post(address, {"grade": "3", "reason": "looked again"})
    gold = Gold.objects.get()
    assert (gold.grade, gold.reason, gold.created_by) == (3, "looked again", shop.people.admin)
    other = reverse("annotation:gold_remove", args=["shop", shop.pairs[1].pk])
    assert admin.post(other).status_code == 404
    admin.post(reverse("annotation:gold_remove", args=["shop", pair.pk]))
    assert not Gold.objects.exists()
    kept = AuditEntry.objects.get(action="gold.remove")
    assert kept.data == {"grade": 3, "dimension": "", "reason": "looked again"}


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_gold_is_taken_back_in_the_browser(shop: SimpleNamespace, browse: Callable[..., Page]) -> None:
    services.gold_set(pair=shop.pairs[0], grade=2, actor=shop.people.reviewer, reason="<b>plain</b>")
    page = browse(shop.people.reviewer)
    page.goto(reverse("annotation:gold_list", args=["shop"]))
    check_accessible(page)
    page.locator("summary", has_text="change").click()
    page.get_by_role("button", name="Gold no longer").click()
    page.get_by_role("dialog").get_by_role("button", name="Gold no longer").click()
    expect(page.get_by_text("No pair is gold yet")).to_be_visible()
    assert not Gold.objects.exists()
