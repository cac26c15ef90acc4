"""Snapshots: whole queries on one side, the same corpus the same hash, lineage and counts."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from annotation.models import Ranking, Reasoning
from catalog.models import Pair, Query, SettledVerdict
from relevance.grades import Grade, Verdict
from relevance.reasoning import Reasoning as Written
from relevance.reasoning import render
from relevance.splits import split_assign, split_seed
from rules.models import Release
from training_bridge.errors import NotEnoughJudged
from training_bridge.recipes import RowOptions
from training_bridge.snapshots import SnapshotOptions, snapshot_build, snapshot_unpack
from webapp.common.models import Corpus, User

from .conftest import settle

OPTIONS = SnapshotOptions(rows=RowOptions(knowledge=20, copies=1))
STEPS = dict.fromkeys(("query", "item", "category", "attributes", "rules"), "said")


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]


def reasoning(pair: Pair, release: Release, grade: int, note: str) -> Reasoning:
    verdict = Verdict(Grade(grade), "colour" if grade == 2 else "")
    raw = render(Written({**STEPS, "query": note}, verdict))
    return Reasoning.objects.create(
        corpus=pair.corpus, pair=pair, item_version=pair.item.current, author_kind="synthesiser", release=release,
        template_version="r1", steps=STEPS, grade=grade, raw=raw, content_hash=note,
    )  # fmt: skip


def test_no_query_crosses_the_split_and_the_shares_hold() -> None:
    keys = [f"query {number}" for number in range(100)]
    found = split_assign("shop:1", keys)
    assert found == split_assign("shop:1", reversed(keys))
    assert {name: list(found.values()).count(name) for name in ("train", "dev", "test")} == {
        "train": 60, "dev": 10, "test": 30,
    }  # fmt: skip
    assert found != split_assign("other:1", keys)


def test_a_query_that_is_all_but_a_held_out_one_is_not_trained_on(
    judged: Corpus, admin: User, tmp_path: Path
) -> None:
    keys = [query.key for query in judged.queries.all()]
    twin, key = next(
        (twin, key)
        for key in keys
        for twin in (key.replace(" ", ", "), " ".join(reversed(key.split())))
        if (parts := split_assign(split_seed("shop"), [*keys, twin]))[key] == "test"
        and parts[twin] == "train"
    )
    query = Query.objects.create(corpus=judged, text=twin.title(), key=twin)
    settle(query, judged.items.order_by("id")[0], 1)
    snapshot = snapshot_build(corpus=judged, options=OPTIONS, actor=admin)
    snapshot_unpack(snapshot, tmp_path)
    assert key in {row["query"] for row in rows(tmp_path, "eval")}
    assert twin.title() not in {row["query"] for row in rows(tmp_path, "train_pairs")}
    assert snapshot.counts["excluded"] == {"all but a held-out query": 1}


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_a_number_each(judged: Corpus) -> None:
    both = threading.Barrier(2)

    def build(seed: int) -> int:
        try:
            options = replace(OPTIONS, seed=seed)
            return snapshot_build(
                corpus=judged, options=options, actor=None,
                tick=lambda done, total, note: both.wait(30) if done == 3 else None,
            ).number  # fmt: skip
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(build, (1, 2))) == [1, 2]


def test_the_same_corpus_gives_the_same_snapshot(judged: Corpus, admin: User, tmp_path: Path) -> None:
    first = snapshot_build(corpus=judged, options=OPTIONS, actor=admin)
    again = snapshot_build(corpus=judged, options=OPTIONS, actor=admin)
    assert again.pk == first.pk and again.content_hash == first.content_hash
    SettledVerdict.objects.filter(grade=4).order_by("pair_id").first().delete()  # type: ignore[union-attr]
    other = snapshot_build(corpus=judged, options=OPTIONS, actor=admin)
    assert other.number == 2 and other.content_hash != first.content_hash


def test_rows_counts_and_lineage(judged: Corpus, admin: User, tmp_path: Path) -> None:
    snapshot = snapshot_build(corpus=judged, options=OPTIONS, actor=admin)
    snapshot_unpack(snapshot, tmp_path)
    held, train, sft = (rows(tmp_path, name) for name in ("eval", "train_pairs", "sft"))
    assert len(held) + len(train) == 96
    assert not {row["query_id"] for row in held} & {row["query_id"] for row in train}
    learnt = {row["pair"] for row in sft if row["pair"]}
    assert learnt and learnt <= {row["pair"] for row in train}
    assert {row["split"] for row in held} == {"dev", "test"}
    assert snapshot.counts["pairs"]["train"] == len(train)
    assert snapshot.counts["stages"]["knowledge"] == 20
    assert snapshot.lineage["release"] == 0 and snapshot.lineage["excluded"] == {}
    assert held[0]["prompt"] == held[0]["prompt_no_rules"] and "query:" in held[0]["prompt"]


def test_a_ranking_gives_its_pairs_and_never_chooses_a_wrong_verdict(
    judged: Corpus, release: Release, people: Any, tmp_path: Path
) -> None:
    split = split_assign("shop:1", [pair.query.key for pair in judged.pairs.select_related("query")])
    mine = next(pair for pair in judged.pairs.order_by("id") if split[pair.query.key] == "train")
    test = next(pair for pair in judged.pairs.order_by("id") if split[pair.query.key] == "test")
    for pair in (mine, test):
        good, alike, wrong = (
            reasoning(pair, release, grade, f"{note} {pair.pk}")
            for grade, note in ((4, "good"), (4, "alike"), (1, "wrong"))
        )
        Ranking.objects.create(
            corpus=judged, pair=pair, person=people.annotator, release=release,
            tiers=[[wrong.pk], [good.pk, alike.pk]], shown_order=[],
        )  # fmt: skip
        Ranking.objects.create(
            corpus=judged, pair=pair, person=people.reviewer, release=release,
            tiers=[[good.pk, alike.pk], [wrong.pk]], shown_order=[],
        )  # fmt: skip
    snapshot_unpack(snapshot_build(corpus=judged, options=OPTIONS, actor=None), tmp_path)
    found = rows(tmp_path, "dpo")
    assert len(found) == 2 and {row["pair"] for row in found} == {str(mine.pk)}
    assert all("[L4]" in row["chosen"] and "[L1]" in row["rejected"] for row in found)


def test_too_little_is_refused(corpus: Corpus, release: Release) -> None:
    with pytest.raises(NotEnoughJudged):
        snapshot_build(corpus=corpus, options=OPTIONS, actor=None)
