"""Which pairs a campaign is about, in what order, and what it would come to."""

from types import SimpleNamespace
from typing import Any

import pytest

from annotation import services
from annotation.models import Judgment, PairBelief
from annotation.selectors import PairChoice, pairs_chosen
from annotation.selectors.sources import campaign_preview
from annotation.services.suggestions import Suggested, suggestions_record
from catalog.models import ItemVersion, SettledVerdict, Traffic
from webapp.common.errors import Invalid


def suggest(shop: SimpleNamespace, shares: dict[int, float], grade: int = 4) -> None:
    """The model gives `grade` to the pairs at these places, with that probability."""
    rows = [
        Suggested(
            pair=shop.pairs[at].pk, item_version=shop.pairs[at].item.current_id, grade=grade,
            probabilities=[(1 - share) / 3] * (grade - 1) + [share] + [(1 - share) / 3] * (4 - grade),
        )
        for at, share in shares.items()
    ]  # fmt: skip
    suggestions_record(corpus=shop.corpus, release=shop.release, model_name="m1", rows=rows)


def chosen(shop: SimpleNamespace, **choice: Any) -> list[int]:
    places = {pair.pk: at for at, pair in enumerate(shop.pairs)}
    return [places[pair.pk] for pair in pairs_chosen(shop.corpus, PairChoice(**choice)) if pair.pk in places]


def test_the_model_s_least_sure_pairs_come_first(shop: SimpleNamespace) -> None:
    suggest(shop, {3: 0.9, 5: 0.4, 8: 0.6})
    assert chosen(shop, which="uncertain") == [5, 8, 3]
    assert chosen(shop, which="uncertain", limit=2) == [5, 8]


def test_where_the_model_and_the_settled_verdict_differ(shop: SimpleNamespace) -> None:
    suggest(shop, {0: 0.9, 1: 0.99, 2: 0.7})
    for at, grade in ((0, 1), (1, 2), (2, 4)):
        pair = shop.pairs[at]
        SettledVerdict.objects.create(
            pair=pair, item_version=pair.item.current, grade=grade, source=SettledVerdict.Source.IMPORT
        )
    assert chosen(shop, which="disagreement") == [1, 0]


def test_where_a_rule_fires(shop: SimpleNamespace) -> None:
    fires = chosen(shop, which="rule", rule="R01")
    assert fires and 3 not in fires and len(fires) == 10  # burgundy dresses are 3 and 9
    with pytest.raises(Invalid):
        pairs_chosen(shop.corpus, PairChoice("rule", rule="R99"))


def test_by_department_stratum_and_query(shop: SimpleNamespace) -> None:
    ItemVersion.objects.filter(pk=shop.pairs[2].item.current_id).update(category="Shoes")
    assert chosen(shop, which="department", department="Shoes") == [2]
    Traffic.objects.create(query=shop.pairs[0].query, stratum="head", count=9)
    assert len(chosen(shop, which="stratum", stratum="head")) == 12
    assert chosen(shop, which="stratum", stratum="tail") == []
    assert len(chosen(shop, which="queries", queries=("Burgundy  DRESS",))) == 12
    for choice in (
        PairChoice("queries"),
        PairChoice("stratum"),
        PairChoice("mood"),
        PairChoice("department"),
    ):
        with pytest.raises(Invalid):
            pairs_chosen(shop.corpus, choice)


def test_a_preview_counts_what_a_campaign_would_be(
    shop: SimpleNamespace, django_assert_num_queries: Any
) -> None:
    services.gold_set(pair=shop.pairs[0], grade=4, actor=shop.people.admin)
    choice = PairChoice("all", limit=8)
    with django_assert_num_queries(3):
        found = campaign_preview(shop.corpus, choice, redundancy=2, redundancy_most=3, gold_share=0.2)
    assert (found.pairs, found.settled, found.gold, found.gold_wanted) == (8, 0, 1, 1)
    assert found.answers == 16 and found.answers_most == 24 and len(found.sample) == 5
    assert {pair for pair, _, _ in found.sample} <= {pair.pk for pair in shop.pairs}


@pytest.mark.parametrize("limit", [0, 6])
def test_a_preview_counts_right_whatever_the_choice(shop: SimpleNamespace, limit: int) -> None:
    """The choices that bring SQL of their own, cut off at a limit or not."""
    suggest(shop, {at: 0.5 + at / 100 for at in range(12)}, grade=2)
    for at, pair in enumerate(shop.pairs):
        services.gold_set(pair=pair, grade=4, actor=shop.people.admin)
        SettledVerdict.objects.create(pair=pair, item_version=pair.item.current, grade=4, source="import")
        Judgment.objects.create(
            corpus=shop.corpus, pair=pair, item_version=pair.item.current, grade=1 + at % 4, release=shop.release,
            person=shop.people.annotator,
        )  # fmt: skip
        PairBelief.objects.create(pair=pair, corpus=shop.corpus, grade=4, certainty=0.5, probabilities=[])
    for which, whole in (("uncertain", 12), ("disagreement", 12), ("split", 12), ("rule", 10), ("all", 12)):
        found = campaign_preview(shop.corpus, PairChoice(which, rule="R01", limit=limit), gold_share=0.5)
        assert (found.pairs, found.settled, found.gold_wanted) == (limit or whole, limit or whole, 0), which


def test_pairs_that_people_leave_unsure_come_least_sure_first(shop: SimpleNamespace) -> None:
    for at, certainty in ((3, 0.62), (5, 0.51), (8, 0.97)):
        PairBelief.objects.create(
            pair=shop.pairs[at], corpus=shop.corpus, grade=4, certainty=certainty, probabilities=[]
        )
    assert chosen(shop, which="split") == [5, 3]


def test_uncertain_subjects_are_given_out_first_within_a_priority(shop: SimpleNamespace) -> None:
    suggest(shop, {2: 0.9, 7: 0.4, 9: 0.6})
    campaign = shop.campaign()
    slots = [services.slot_lease(campaign=campaign, person=shop.people.annotator) for _ in range(4)]
    pairs = [slot.annotation_task.pair_id for slot in slots if slot]
    assert pairs == [shop.pairs[at].pk for at in (7, 9, 2, 0)]
