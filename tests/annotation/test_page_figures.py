"""What campaigns over pages and pairs of pages come to: marks, agreement, who answered; kept where it is much."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import services
from annotation.models import Campaign, PageVerdict, QualityFigure
from annotation.selectors.page_agreement import page_agreement
from annotation.selectors.page_reports import marks_of
from annotation.services.quality import quality_due
from annotation.services.sides import preference_submit

from .test_page_answers import judged, lists
from .test_page_sides import chosen

__all__ = ["lists"]


pytestmark = pytest.mark.django_db


def test_marks_are_reported_with_an_interval(lists: SimpleNamespace) -> None:
    campaign = lists.campaign()
    for mark in (3, 2, 1):
        judged(lists, campaign, lists.people.annotator, mark)
    whole = marks_of(campaign)[0]
    assert (whole.good, whole.mid, whole.bad, whole.queries) == (1, 1, 1, 3)
    assert whole.low <= whole.rate <= whole.high and round(whole.rate, 3) == 0.667


def test_agreement_on_pages_and_on_sides(lists: SimpleNamespace, client_for: Any) -> None:
    pages, sides = lists.campaign(redundancy=2), lists.sides(redundancy=2)
    for person, marks in ((lists.people.annotator, (3, 1, 2)), (lists.people.reviewer, (3, 1, 1))):
        for mark in marks:
            judged(lists, pages, person, mark)
    found = page_agreement(pages)
    assert found.figures.subjects == 3 and found.figures.alpha is not None and 0.5 < found.figures.alpha < 1
    assert [(row.answers, row.met, round(row.same or 0, 2)) for row in found.people] == [(3, 3, 0.67)] * 2
    for person in (lists.people.annotator, lists.people.reviewer):
        for _ in range(sides.slots_total // 2):
            chosen(lists, sides, person, "new")
    told = page_agreement(sides)
    assert told.figures.full == 1.0 and {row.same for row in told.people} == {1.0}
    client = client_for(lists.people.admin)
    for campaign, there in ((pages, True), (sides, False)):
        text = client.get(f"/c/shop/annotation/campaigns/{campaign.pk}/outcome/").content.decode()
        assert ("How far people agree" in text) is there  # nobody is told of sides before the end


def test_a_campaign_shows_the_figures_of_its_kind(lists: SimpleNamespace, client_for: Any) -> None:
    pairs = services.campaign_create(
        corpus=lists.corpus, name="Dresses", actor=lists.people.admin, pairs=[pair.pk for pair in lists.pairs]
    )
    for campaign, *expected in (
        (lists.campaign(), True, False, False),
        (lists.sides(), False, False, True),
        (pairs, True, True, False),
    ):
        text = client_for(lists.people.admin).get(f"/c/shop/annotation/campaigns/{campaign.pk}/").text
        shown = ("<h2>Answers by grade</h2>", "<h2>Agreement</h2>", "which list won is there to read")
        assert [words in text for words in shown] == expected


def test_who_answered_is_told_for_every_kind_and_kept_once_it_is_much(
    lists: SimpleNamespace, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, sides, person = lists.campaign(), lists.sides(), lists.people.annotator
    judged(lists, page, person, 3, 4, 1)
    slot = services.slot_lease(campaign=sides, person=person)
    assert slot is not None
    preference_submit(
        key=uuid.uuid4(), slot=slot, person=person, release=lists.release, left_by=1, seconds=8.0
    )
    runner = client_for(lists.people.reviewer)

    def told(campaign: Campaign) -> Any:
        state = runner.get(f"/api/v1/corpora/shop/campaigns/{campaign.pk}/progress/").json()
        text = runner.get(f"/c/shop/annotation/campaigns/{campaign.pk}/").text
        assert "Annotator" in text.partition("<h2>People</h2>")[2].partition("</section>")[0]
        return (
            [(row["name"], row["answers"]) for row in state["people"]],
            state["days"],
            state["day"],
            state["per_day"],
        )

    counted = [told(campaign) for campaign in (page, sides)]
    assert [found[0] for found in counted] == [[("Annotator", 1)]] * 2 and counted[0][3] == 1
    for module in ("campaigns", "dashboard"):
        monkeypatch.setattr(f"annotation.selectors.{module}.LIVE", 0)
    monkeypatch.setattr("annotation.services.list_quality.LIVE", 0)
    assert {campaign.pk for campaign in quality_due(lists.corpus) if campaign} == {page.pk, sides.pk}
    services.quality_compute(corpus=lists.corpus)
    assert [told(campaign) for campaign in (page, sides)] == counted
    text = runner.get(f"/c/shop/annotation/campaigns/{page.pk}/").text
    assert 'aria-label="Answers by grade: L1 50%' in text
    assert quality_due(lists.corpus) == []


def outcome_of(client: Any, campaign: Campaign) -> tuple[dict[str, Any], str, int]:
    """What a program is told, what the page says below its heading, and the page's number of statements."""
    told = client.get(f"/api/v1/corpora/shop/campaigns/{campaign.pk}/outcome/").json()
    with CaptureQueriesContext(connection) as spent:
        page = client.get(f"/c/shop/annotation/campaigns/{campaign.pk}/outcome/")
    return told, page.text.partition("<h1>")[2].partition("<footer")[0], len(spent)


def test_what_much_came_to_is_kept_and_is_the_same(
    lists: SimpleNamespace, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over so many answers the page reads what the job kept, in as many statements whatever the size."""
    pages, sides = lists.campaign(redundancy=2), lists.sides(redundancy=2)
    for person, marks in ((lists.people.annotator, (3, 1, 2)), (lists.people.reviewer, (3, 1, 1))):
        for mark in marks:
            judged(lists, pages, person, mark)
        for source in ("new", "old")[: sides.slots_total // 2]:
            chosen(lists, sides, person, source)
    clients = [client_for(person) for person in (lists.people.admin, lists.people.reviewer)]
    services.campaign_close(campaign=sides, actor=lists.people.admin)
    counted = [outcome_of(client, campaign)[0] for client in clients for campaign in (pages, sides)]
    assert [found["computed_at"] for found in counted] == [None] * 4
    services.campaign_open(campaign=sides, actor=lists.people.admin)
    for module in ("selectors.campaigns", "selectors.page_outcomes", "services.list_quality"):
        monkeypatch.setattr(f"annotation.{module}.LIVE", 0)
    told, text, _ = outcome_of(clients[0], pages)
    assert told["waiting"] and told["lines"] == [] and "Being worked out" in text
    services.quality_compute(corpus=lists.corpus)
    assert not QualityFigure.objects.filter(campaign=sides, metric__in=["wins", "agreement"]).exists()
    services.campaign_close(campaign=sides, actor=lists.people.admin)
    assert outcome_of(clients[0], sides)[0]["waiting"] and quality_due(lists.corpus) == [sides]
    services.quality_compute(corpus=lists.corpus)
    found = [outcome_of(client, campaign) for client in clients for campaign in (pages, sides)]
    without = ("computed_at", "waiting")
    plain = [[{k: v for k, v in told.items() if k not in without} for told in many]
             for many in (counted, [told for told, _, _ in found])]  # fmt: skip
    assert plain[0] == plain[1] and all(told["computed_at"] for told, _, _ in found)
    assert all("How far people agree" in text and "As of" in text for _, text, _ in found)
    assert quality_due(lists.corpus) == []
    shown = clients[1].get(f"/api/v1/corpora/shop/quality/?campaign={sides.pk}").json()["figures"]
    assert shown and "wins" not in {row["metric"] for row in shown}
    before = [spent for _, _, spent in found]
    for row in PageVerdict.objects.all():
        PageVerdict.objects.create(
            corpus=lists.corpus, page=row.page, slot=row.slot, person=lists.people.admin, release=lists.release, mark=3
        )  # fmt: skip
    services.quality_compute(corpus=lists.corpus)
    assert [outcome_of(client, campaign)[2] for client in clients for campaign in (pages, sides)] == before
    assert max(before) <= 12, before
