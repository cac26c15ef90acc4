"""What is judged blind shows nothing of rules or suggestions, on the page or to a program, whatever the campaign says."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from annotation import services
from annotation.models import AnnotationTask, Campaign, Judgment
from annotation.services.blinding import HIDE_SQL
from catalog.models import Pair, SettledVerdict
from catalog.services import verdict_settle
from relevance.splits import split_assign, split_seed
from rules.models import ReplayEntry, ReplaySet

from .conftest import Judge, begun, pairs_make
from .test_suggestions import record, showing, suggested

ClientFor = Callable[[Any], Client]
# Of the rule (its code, title, principle, reason), of the fields it reads, and of the model.
TRACES = (
    "R01",
    "Another colour",
    "A named colour is",
    "it is red",
    "it is blue",
    "looked-at",
    "champion 3",
    "Its reason",
)
TOKEN = re.compile(r"\b[A-Za-z0-9]{64}\b")  # against forged requests: random letters, now and then R01


def gold(shop: SimpleNamespace, pairs: list[Pair]) -> None:
    for pair in pairs:
        services.gold_set(pair=pair, grade=2, dimension="colour", actor=shop.people.reviewer)


def replayed(shop: SimpleNamespace, pairs: list[Pair]) -> None:
    frozen = ReplaySet.objects.create(
        corpus=shop.corpus, number=1, pairs=len(pairs), queries=1, content_hash="x"
    )
    for pair in pairs:
        ReplayEntry.objects.create(replay_set=frozen, pair=pair, item_version=pair.item.current, grade=2)


def as_they_are(shop: SimpleNamespace, pairs: list[Pair]) -> None:
    """What makes these blind is their query, or the campaign: nothing to mark."""


MAKERS = {"gold": gold, "replay": replayed, "benchmark": as_they_are, "drawn blind": as_they_are}


def scene(shop: SimpleNamespace, kind: str, *, before: bool) -> tuple[Campaign, list[Pair]]:
    pairs = shop.pairs[:3]
    if kind == "benchmark":
        pairs = of_the_benchmark(shop)
    if before:
        MAKERS[kind](shop, pairs)
    share = 1.0 if kind == "drawn blind" else 0.0
    campaign = showing(shop, pairs=[pair.pk for pair in pairs], blind_share=share)
    if not before:
        MAKERS[kind](shop, pairs)
    record(shop, [suggested(pair, 2) for pair in pairs])
    return campaign, pairs


def of_the_benchmark(shop: SimpleNamespace) -> list[Pair]:
    """Pairs of the one of ten judged queries that the division puts last."""
    made = [pairs_make(shop.corpus, 1, text=f"dress {number}", colour="burgundy")[0] for number in range(10)]
    for pair in made:
        assert pair.item.current
        source = SettledVerdict.Source.IMPORT
        verdict_settle(pair=pair, item_version=pair.item.current, grade=4, source=source)
    parts = split_assign(split_seed(shop.corpus.slug), [pair.query.key for pair in made])
    chosen = next(pair.query for pair in made if parts[pair.query.key] == "test")
    return pairs_make_for(shop, chosen)


def pairs_make_for(shop: SimpleNamespace, query: Any) -> list[Pair]:
    return [Pair.objects.create(corpus=shop.corpus, query=query, item=pair.item) for pair in shop.pairs[:3]]


@pytest.mark.parametrize("before", [True, False], ids=["marked before", "marked after"])
@pytest.mark.parametrize("kind", MAKERS)
def test_nothing_leaks_to_page_or_program(
    shop: SimpleNamespace, client_for: ClientFor, kind: str, before: bool
) -> None:
    campaign, pairs = scene(shop, kind, before=before)
    client = client_for(shop.people.annotator)
    page = begun(client, campaign)
    assert page.count("Judged blind") == len(pairs)
    rows = begun(client, campaign, review=True)
    address = reverse("annotation:subject_next", args=["shop", campaign.pk])
    json = {"Accept": "application/json"}
    more = "".join(client.post(address + kind, headers=json).content.decode() for kind in ("", "?review=1"))
    program = client.post(
        reverse("annotation_api:next", args=["shop", campaign.pk]), {"count": 3}, "application/json"
    )
    text = TOKEN.sub("", page + rows + more) + program.content.decode()
    assert [trace for trace in TRACES if trace in text] == []
    bodies = program.json()["subjects"]
    assert len(bodies) == len(pairs)
    for body in bodies:
        assert (body["blind"], body["rules"], body["allowed"], body["suggestion"]) == (True, [], [], None)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_answer_says_that_it_was_blind(shop: SimpleNamespace, judge: Judge, kind: str) -> None:
    campaign, _ = scene(shop, kind, before=True)
    while judge(campaign, shop.people.annotator):
        pass
    assert {row.blind for row in Judgment.objects.all()} == {True}


def test_who_saw_the_rules_before_a_pair_became_gold_did_not_judge_blind(
    shop: SimpleNamespace, judge: Judge
) -> None:
    campaign = shop.campaign(pairs=[shop.pairs[0].pk])
    gold(shop, shop.pairs[:1])
    judge(campaign, shop.people.annotator, grade=2, dimension="colour", rules_shown=["R01"])
    assert not Judgment.objects.get().blind


def test_the_benchmark_is_divided_as_snapshots_are(shop: SimpleNamespace) -> None:
    made = [pairs_make(shop.corpus, 1, text=f"gown {number}", colour="red")[0] for number in range(40)]
    campaign = shop.campaign(pairs=[pair.pk for pair in made])
    parts = split_assign(split_seed(shop.corpus.slug), [pair.query.key for pair in made])
    blind = set(campaign.annotation_tasks.filter(blind=True).values_list("pair__query__key", flat=True))
    assert blind == {key for key, part in parts.items() if part == "test"}
    assert 10 <= len(blind) <= 14


def test_being_blind_does_not_tell_gold(shop: SimpleNamespace) -> None:
    """Where nothing is asked to be blind but gold is strewn in, twice as many others are blind as well."""
    pairs = pairs_make(shop.corpus, 40, text="blue coat")
    gold(shop, pairs[:4])
    made = services.campaign_create(
        corpus=shop.corpus, name="Strewn", actor=shop.people.admin, pairs=[pair.pk for pair in pairs[4:]],
        gold_share=0.1,
    )  # fmt: skip
    tasks = AnnotationTask.objects.filter(campaign=made)
    there = tasks.filter(is_gold=True).count()
    assert there == 4 and tasks.filter(blind=True, is_gold=False).count() >= 2 * there
    assert tasks.filter(blind=False).count() > 20


def test_gold_among_the_chosen_pairs_is_not_told_either(shop: SimpleNamespace) -> None:
    pairs = pairs_make(shop.corpus, 30, text="blue coat")
    gold(shop, pairs[:3])
    made = services.campaign_create(
        corpus=shop.corpus, name="Among", actor=shop.people.admin, pairs=[pair.pk for pair in pairs]
    )
    assert AnnotationTask.objects.filter(campaign=made, blind=True).exclude(pair__in=pairs[:3]).count() >= 6


@pytest.mark.parametrize("subject", ["pair", "page"])
def test_the_benchmarks_queries_are_looked_up_and_not_walked_over(
    shop: SimpleNamespace, subject: str
) -> None:
    """A million tasks made a moment ago are one to the planner: a nested loop over the list ran for minutes."""
    values = {"corpus": shop.corpus.pk, "campaign": 0, "seed": "s", "border": 0.7}
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + HIDE_SQL.format(subject=subject), values)
        assert "hashed SubPlan" in str(cursor.fetchall())
