"""A model's verdicts beside the item: handed down once, shown where they may be, and named by the answer."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test import Client
from django.urls import reverse

from annotation import services
from annotation.models import Campaign, Judgment, Suggestion
from annotation.selectors import subjects_for
from catalog.models import ItemVersion, Pair
from rules.models import Release
from webapp.common.errors import Invalid

from .conftest import Judge, begun, pairs_make

ClientFor = Callable[[Any], Client]


def suggested(pair: Pair, grade: int = 4, **values: Any) -> services.Suggested:
    defaults = {
        "dimension": "colour" if grade == 2 else "",
        "probabilities": (0.1, 0.1, 0.1, 0.7),
        "reasoning": "query: a burgundy dress\nverdict: as said",
    }
    return services.Suggested(pair.pk, pair.item.current_id or 0, grade, **{**defaults, **values})


def record(shop: SimpleNamespace, rows: list[services.Suggested], model: str = "champion 3") -> int:
    return services.suggestions_record(corpus=shop.corpus, release=shop.release, model_name=model, rows=rows)


def showing(shop: SimpleNamespace, **values: Any) -> Campaign:
    campaign = shop.campaign(**values)
    Campaign.objects.filter(pk=campaign.pk).update(shows_suggestions=True)
    campaign.refresh_from_db()
    return campaign


def test_recording_twice_keeps_one(shop: SimpleNamespace) -> None:
    rows = [suggested(pair) for pair in shop.pairs]
    assert record(shop, rows) == 12
    assert record(shop, rows) == 0
    assert record(shop, rows[:2], model="champion 4") == 2
    row = Suggestion.objects.filter(pair=shop.pairs[0]).order_by("pk").first()
    assert row and (row.model_name, row.release, row.grade, row.probabilities[3]) == (
        "champion 3",
        shop.release,
        4,
        0.7,
    )


@pytest.mark.parametrize(
    "wrong",
    [{"grade": 5}, {"grade": 4, "dimension": "colour"}, {"grade": 2, "dimension": "smell"}, {"probabilities": (1.0,)},
     {"probabilities": (2.0, 0, 0, 0)}],
)  # fmt: skip
def test_a_suggestion_that_is_none_is_refused(shop: SimpleNamespace, wrong: dict[str, Any]) -> None:
    grade = wrong.pop("grade", 4)
    with pytest.raises(Invalid):
        record(shop, [suggested(shop.pairs[0]), suggested(shop.pairs[1], grade, **wrong)])
    assert not Suggestion.objects.exists()


def test_a_suggestion_about_somebody_elses_pair_is_refused(shop: SimpleNamespace) -> None:
    theirs = pairs_make(shop.people.outsider.memberships.get().corpus, 1)[0]
    with pytest.raises(Invalid):
        record(shop, [suggested(theirs)])
    with pytest.raises(Invalid):
        record(shop, [services.Suggested(shop.pairs[0].pk, theirs.item.current_id or 0, 4)])


def test_suggestions_are_never_changed(shop: SimpleNamespace) -> None:
    record(shop, [suggested(shop.pairs[0])])
    for sql in ("UPDATE annotation_suggestion SET grade = 1", "DELETE FROM annotation_suggestion"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def first_subject(shop: SimpleNamespace, campaign: Campaign) -> Any:
    slots = services.slots_hold(campaign=campaign, person=shop.people.annotator, want=1)
    return subjects_for(slots, shop.release)[0]


def test_shown_only_where_the_campaign_shows_them(shop: SimpleNamespace) -> None:
    record(shop, [suggested(pair) for pair in shop.pairs])
    assert first_subject(shop, shop.campaign(name="Without")).suggestion is None
    assert first_subject(shop, showing(shop, name="With")).suggestion.grade == 4
    assert first_subject(shop, showing(shop, name="Blind", blind_share=1.0)).suggestion is None


def test_not_shown_for_another_item_version_or_release(shop: SimpleNamespace) -> None:
    pair = shop.pairs[0]
    record(shop, [suggested(pair)])
    campaign = showing(shop, pairs=[pair.pk])
    old = pair.item.current
    pair.item.current = ItemVersion.objects.create(item=pair.item, content_hash="new", title="Another dress")
    pair.item.save()
    assert first_subject(shop, campaign).suggestion is None
    pair.item.current = old
    pair.item.save()
    other = Release.objects.create(corpus=shop.corpus, number=7)
    services.suggestions_record(
        corpus=shop.corpus, release=other, model_name="champion 9", rows=[suggested(pair, 1)]
    )
    assert first_subject(shop, campaign).suggestion.grade == 4


def test_an_answer_names_the_suggestion_it_saw(shop: SimpleNamespace, judge: Judge) -> None:
    record(shop, [suggested(pair) for pair in shop.pairs[:2]])
    campaign = showing(shop, pairs=[shop.pairs[0].pk], redundancy=2)
    mine, other = Suggestion.objects.order_by("pk")
    with pytest.raises(Invalid):
        judge(campaign, shop.people.annotator, suggestion=other.pk)
    judge(campaign, shop.people.reviewer, suggestion=mine.pk)
    row = Judgment.objects.get()
    assert row.suggestion_shown == mine and not row.blind


def test_page_and_program_hand_out_the_suggestion(shop: SimpleNamespace, client_for: ClientFor) -> None:
    record(shop, [suggested(pair, 2, reasoning="the colour is not burgundy") for pair in shop.pairs])
    campaign, client = showing(shop), client_for(shop.people.annotator)
    page = begun(client, campaign)
    assert "champion 3" in page and "the colour is not burgundy" in page
    address = reverse("annotation_api:next", args=["shop", campaign.pk])
    body = client.post(address, {"count": 1}, "application/json").json()["subjects"][0]
    assert body["suggestion"]["grade"] == "L2" and body["suggestion"]["model"] == "champion 3"
