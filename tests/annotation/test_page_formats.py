"""What was said of pages leaves and comes back in the house's own format, and tells nobody what she may not know."""

import csv
import json
import uuid
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import services
from annotation.importing import loading
from annotation.models import Judgment, PagePreference, PageVerdict, Ranking
from annotation.services.pages import page_verdict_undo
from annotation.services.sides import preference_submit
from catalog.models import Item, Page, Pair, Query
from webapp.common.blobs import blob_path, blob_put
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job

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


@pytest.mark.parametrize(("format", "at_once"), [("jsonl", 20_000), ("parquet", 20_000), ("jsonl", 5)])
def test_all_that_was_said_comes_back_the_same(
    said: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, format: str, at_once: int
) -> None:
    """In one chunk or in many: grades find the pages that were told of in an earlier one."""
    monkeypatch.setattr(loading, "CHUNK", at_once)
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


def verdict(said: SimpleNamespace, **change: Any) -> dict[str, Any]:
    """A row about a page of four dresses, with an id of its own."""
    items = [{"docid": pair.item.external_id, "item_version": ""} for pair in said.pairs[:4]]
    page = {"id": 7, "at": "2026-01-01T00:00:00Z", "name": "old", "items": items}
    return {
        "kind": "page_verdict", "id": str(uuid.uuid4()), "corpus": "there", "query": "long evening dress", "mark": 2,
        "person": "Ann", "at": "2026-01-02T00:00:00Z", "page": page, **change,
    }  # fmt: skip


def choice(said: SimpleNamespace, **change: Any) -> dict[str, Any]:
    row = verdict(said)
    other = {**row["page"], "id": 8, "name": "new", "items": row["page"]["items"][::-1]}
    return {
        **row,
        "kind": "page_preference",
        "preference": 1,
        "left": "other_page",
        "other_page": other,
        **change,
    }


def taken(corpus: Corpus, tmp_path: Path, rows: list[dict[str, Any]]) -> dict[str, Any]:
    path = tmp_path / f"{uuid.uuid4()}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return imported(corpus, "jsonl", blob_put(path, "application/jsonl"))


def test_good_rows_land_and_each_bad_one_is_told_with_its_field_and_mend(
    lists: SimpleNamespace, client_for: Any
) -> None:
    """By the page: the file with one fault in each of its bad rows, and the file of what was not taken."""
    good, admin = verdict(lists), client_for(lists.people.admin)
    items = good["page"]["items"]
    bad = [
        (verdict(lists, page={"items": [*items, {"docid": "=gone\x00\ud800"}]}), "page.items", "unknown item", "import"),
        (verdict(lists, page={"items": [*items, items[0]]}), "page.items", "item given twice", "take one out"),
        (verdict(lists, query="", query_id="nowhere"), "query", "unknown query", "give the query's text"),
        (verdict(lists, query=" \u3000 "), "query", "unknown query", "give the query's text"),
        (choice(lists, other_page={"items": [{"docid": "gone"}]}), "other_page.items", "unknown item", "correct its id"),
        (verdict(lists, mark=9), "mark, preference", "no verdict", "1 to 3"),
    ]  # fmt: skip
    rows = [good, *(row for row, *_ in bad), choice(lists)]
    file = SimpleUploadedFile("pages.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
    sent = admin.post("/c/shop/annotation/imports/new/", {"format": "jsonl", "file": file, "source": "There"})
    assert sent.status_code == 302
    job = Job.objects.get(kind="annotation.import")
    assert job_run(job.pk) == "done"
    assert PageVerdict.objects.get().mark == 2 and PagePreference.objects.get().left_page.name == "new"
    assert [
        entry.pair.item.external_id for entry in PageVerdict.objects.get().page.entries.order_by("position")
    ] == [one["docid"] for one in items]
    assert not Query.objects.filter(text__contains="nowhere").exists()
    text = b"".join(admin.get(f"/c/shop/annotation/imports/{job.pk}/rejected/")).decode()
    told = {int(row["line"]): row for row in csv.DictReader(StringIO(text))}
    for line, (_, field, reason, mend) in enumerate(bad, 2):
        assert (told[line]["field"], told[line]["reason"]) == (field, reason) and mend in told[line][
            "mend"
        ], told[line]
    assert len(told) == len(bad)


def test_a_file_of_pages_is_taken_in_as_many_statements_whatever_its_length(
    lists: SimpleNamespace, tmp_path: Path
) -> None:
    spent = {}
    for many in (1, 3, 60):  # the first makes the rater and the external release
        rows = [row(lists, query=f"dress {many} {n}") for n in range(many) for row in (verdict, choice)]
        with CaptureQueriesContext(connection) as queries:
            counts = taken(lists.corpus, tmp_path, rows)["counts"]
        spent[many] = len(queries)
        assert counts["new verdicts on pages"] == 2 * many and counts["new queries"] == many
        assert counts["new pairs"] == 4 * many
    assert spent[3] == spent[60], spent
    # the verdict's page and the first of the choice are one
    assert Page.objects.filter(query__text__startswith="dress ").count() == 2 * 64


def test_what_a_file_says_of_its_own_rows_holds(lists: SimpleNamespace, tmp_path: Path) -> None:
    """A row given twice is one; what replaces a row further up does; of two that would replace one, the first."""
    first = verdict(lists)
    second, third = (verdict(lists, supersedes=first["id"], mark=mark) for mark in (3, 1))
    last = verdict(lists, supersedes=second["id"], mark=None)
    rows = [first, first, second, third, last]
    found = taken(lists.corpus, tmp_path, rows)["counts"]
    assert (found["new verdicts on pages"], found["known verdicts on pages"]) == (4, 1)
    links = dict(PageVerdict.objects.values_list("pk", "supersedes"))
    assert {str(row): str(of) for row, of in links.items()} == {
        first["id"]: "None", second["id"]: first["id"], third["id"]: "None", last["id"]: second["id"]
    }  # fmt: skip
    assert len({row.page_id for row in PageVerdict.objects.all()}) == 1
    again = taken(lists.corpus, tmp_path, rows)["counts"]
    assert again["new verdicts on pages"] == 0 and again["known verdicts on pages"] == 5
    copy = elsewhere(lists)  # the same ids belong to another corpus by now
    for _ in range(2):
        taken(copy, tmp_path, rows)
    assert (
        PageVerdict.objects.filter(corpus=copy).count() == 4 and Page.objects.filter(corpus=copy).count() == 1
    )
    assert PageVerdict.objects.filter(corpus=copy, supersedes__corpus=copy).count() == 2
    assert not PageVerdict.objects.filter(corpus=copy, pk=first["id"]).exists()


def test_pages_without_name_moment_or_id_are_told_apart_by_what_they_show(
    lists: SimpleNamespace, tmp_path: Path
) -> None:
    shown = verdict(lists)["page"]["items"]
    rows = [
        verdict(lists, id="", person=person, page={"id": 1 << 70, "items": items})
        for person in ("Ann", "Bob") for items in (shown, shown[::-1])
    ]  # fmt: skip
    for _ in range(2):
        assert taken(lists.corpus, tmp_path, rows)["rejected"] == 0
    assert PageVerdict.objects.count() == 4
    assert Page.objects.filter(query__text="long evening dress").count() == 2
    assert Pair.objects.filter(query__text="long evening dress").count() == 4


def test_texts_no_database_holds_do_not_stop_a_file(lists: SimpleNamespace, tmp_path: Path) -> None:
    torn = "\ud800\x00Ann"
    page = verdict(lists, person=torn, comment=torn, corpus=torn, query=f"dress {torn}", query_id=torn)
    page["page"] |= {"name": torn}
    texts = dict.fromkeys(("query", "query_id", "person", "comment", "item_version", "corpus"), torn)
    codes = dict.fromkeys(("rules_shown", "rules_cited"), [torn])
    docid = lists.pairs[0].item.external_id
    grade = {"kind": "judgment", "docid": docid, "grade": 3, "page_id": 1 << 70, **texts, **codes}
    found = taken(lists.corpus, tmp_path, [page, grade])
    assert found["rejected"] == 0 and found["counts"]["new judgments"] == 1
    assert PageVerdict.objects.get().person.display_name == "?Ann" and Judgment.objects.get().rules_shown == [
        "?Ann"
    ]
