"""What was said of pages leaves and comes back in the house's own format, and tells nobody what she may not know."""

import json
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest

from annotation import services
from annotation.models import Judgment, PagePreference, PageVerdict, Ranking
from annotation.services.pages import page_verdict_undo
from annotation.services.sides import preference_submit
from catalog.models import Item, Page
from webapp.common.blobs import blob_path, blob_put
from webapp.common.models import Corpus

from .conftest import reasonings_make
from .test_formats import elsewhere, exported, home, imported
from .test_page_answers import judged, lists
from .test_rankings import BETTER

__all__ = ["home", "lists"]
pytestmark = pytest.mark.django_db
TEXTS = ("page", "other_page", "tiers", "shown_order", "faults", "reasonings")
# where it was said, by whom as this corpus knows her, and under which guideline: these change with the corpus
OF_THE_PLACE = {"corpus", "id", "supersedes", "pair", "page_id", "query_id", "person_email", "person_kind", "release",
                "origin", "campaign", "title"}  # fmt: skip


@pytest.fixture
def said(lists: SimpleNamespace) -> SimpleNamespace:
    """Two verdicts on pages with grades, one of them taken back; a choice between two; an order with a better text."""
    pages, sides = lists.campaign(), lists.sides()
    judged(lists, pages, lists.people.annotator, 3, 4, 3, 2)
    judged(lists, pages, lists.people.annotator, 1, 1, 1)
    page_verdict_undo(campaign=pages, person=lists.people.annotator)
    slot = services.slots_hold(campaign=sides, person=lists.people.annotator, want=1)[0]
    preference_submit(
        key=uuid.uuid4(), slot=slot, person=lists.people.annotator, release=lists.release, left_by=1,
        comment="=1+1 better", seconds=4.5,
    )  # fmt: skip
    order(lists)
    return SimpleNamespace(**{**vars(lists), "campaigns": (pages, sides)})


def order(shop: SimpleNamespace) -> None:
    made = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", actor=shop.people.admin, lists=[(shop.pairs[0], reasonings_make(3))]
    )
    services.campaign_open(campaign=made, actor=shop.people.admin)
    slot = services.slots_hold(campaign=made, person=shop.people.annotator, want=1)[0]
    a, b, c = slot.annotation_task.reasonings.order_by("pk").values_list("pk", flat=True)
    services.ranking_submit(
        key=uuid.uuid4(), slot=slot, person=shop.people.annotator, release=shop.release, tiers=[[c], [a, b]],
        shown_order=[b, a, c], correction=BETTER,
    )  # fmt: skip


def close(said: SimpleNamespace) -> None:
    for campaign in said.campaigns:
        services.campaign_close(campaign=campaign, actor=said.people.admin)


def rows_of(corpus: Corpus, format: str) -> list[dict[str, Any]]:
    path = blob_path(exported(corpus, format).result["blob"])
    if format == "jsonl":
        return [json.loads(line) for line in path.read_text().splitlines()]
    rows = pq.read_table(path).to_pylist()
    return [row | {name: json.loads(row[name]) for name in TEXTS if row.get(name)} for row in rows]


def plain(rows: list[dict[str, Any]]) -> list[str]:
    """Rows without what belongs to the corpus they stand in; reasonings by their texts."""
    found = []
    for row in rows:
        texts = {str(one["id"]): one["raw"] for one in row.get("reasonings") or []}
        kept = {name: value for name, value in row.items() if name not in OF_THE_PLACE and value is not None}
        for name in {"page", "other_page"} & kept.keys():
            kept[name] = {key: value for key, value in kept[name].items() if key != "id"}
        if texts:
            kept["tiers"] = [sorted(texts[str(pk)] for pk in tier) for tier in row["tiers"]]
            kept["shown_order"] = [texts[str(pk)] for pk in row["shown_order"]]
            kept["reasonings"] = sorted(texts.values())
        kept["replaces"] = bool(row["supersedes"])
        kept["on a page"] = bool(row.get("page_id"))
        found.append(json.dumps(kept, sort_keys=True))
    return found


@pytest.mark.parametrize("format", ["jsonl", "parquet"])
def test_all_that_was_said_comes_back_the_same(said: SimpleNamespace, format: str) -> None:
    close(said)
    first = rows_of(said.corpus, format)
    assert {row["kind"] for row in first} == {"judgment", "ranking", "page_verdict", "page_preference"}
    copy = elsewhere(said)
    stored = SimpleNamespace(sha256=exported(said.corpus, format).result["blob"])
    assert imported(copy, format, stored)["rejected"] == 0
    assert plain(rows_of(copy, format)) == plain(first)
    assert PageVerdict.objects.get(corpus=copy, mark=None).supersedes is not None
    assert Judgment.objects.filter(corpus=copy, page__corpus=copy).count() == 7  # five grades, two withdrawn
    assert PagePreference.objects.get(corpus=copy).left_page.corpus == copy
    correction = Ranking.objects.get(corpus=copy).correction
    assert correction is not None and correction.author_kind == "person"


def test_a_second_import_and_one_into_its_own_corpus_add_nothing(said: SimpleNamespace) -> None:
    close(said)
    copy, stored = elsewhere(said), SimpleNamespace(sha256=exported(said.corpus, "jsonl").result["blob"])
    imported(copy, "jsonl", stored)
    models: list[Any] = [PageVerdict, PagePreference, Judgment, Ranking, Page]
    before = [model.objects.count() for model in models]
    for corpus in (copy, said.corpus):
        assert imported(corpus, "jsonl", stored)["rejected"] == 0
    assert [model.objects.count() for model in models] == before


def test_choices_wait_for_the_end_and_names_are_for_admins(said: SimpleNamespace) -> None:
    assert not [row for row in rows_of(said.corpus, "jsonl") if row["kind"] == "page_preference"]
    names = {row["page"]["name"] for row in rows_of(said.corpus, "jsonl") if row.get("page")}
    assert names == {""}
    close(said)
    rows = [row for row in rows_of(said.corpus, "jsonl") if row["kind"] == "page_preference"]
    assert {rows[0]["page"]["name"], rows[0]["other_page"]["name"]} == {"old", "new"}
    job = services.export_start(corpus=said.corpus, actor=said.people.reviewer, format="jsonl")
    assert job.arguments["named"] is False


@pytest.mark.parametrize(
    "change",
    [{"mark": 7}, {"mark": "3"}, {"page": {"items": []}}, {"page": None}, {"page": {"items": [{"docid": "gone"}]}}],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_is_rejected(said: SimpleNamespace, tmp_path: Path, change: Any) -> None:
    row = next(row for row in rows_of(said.corpus, "jsonl") if row["kind"] == "page_verdict")
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps({**row, "id": str(uuid.uuid4()), **change}) + "\n")
    copy = elsewhere(said)
    assert imported(copy, "jsonl", blob_put(path, "application/jsonl"))["rejected"] == 1
    assert not PageVerdict.objects.filter(corpus=copy).exists() and Item.objects.filter(corpus=copy).exists()
