"""Each format there and back: what it carries comes back equal, and what cannot be taken is said row by row."""

import json
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import services
from annotation.formats import FORMATS, Fault, Incoming, Unreadable
from annotation.formats import base as formats_base
from annotation.models import Judgment, Ranking, Reasoning
from annotation.selectors import effective_judgments
from catalog.keys import query_key
from catalog.models import Item, ItemPayload, ItemVersion, Pair, Query, SettledVerdict
from webapp.common.blobs import blob_path, blob_put
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job, OutboxEvent

from .conftest import Judge, reasonings_make

SETTLED = ("csv", "qrels", "opensearch")
PEOPLE = ("quepid_book", "label_studio", "argilla")
LEDGER = ("jsonl", "parquet")


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path, tmp_path / "blobs"


@pytest.fixture
def judged(shop: SimpleNamespace, judge: Judge) -> SimpleNamespace:
    """Answers of two people, one undone and one replaced, hostile words, and an order with a tie and a fault."""
    text = '=cmd|"x", ünï\u202ecode 🙂 <b>'
    Query.objects.update(text=text, key=query_key(text))
    campaign = shop.campaign(redundancy=2, pairs=[pair.pk for pair in shop.pairs[:4]])
    people = shop.people
    for person, grades in ((people.annotator, (4, 2, 1, 3)), (people.reviewer, (4, 2, 1, 4))):
        for grade in grades:
            dimension = "colour" if grade == 2 else ""
            judge(
                campaign,
                person,
                grade=grade,
                dimension=dimension,
                comment=f"-{grade} said, “so”",
                seconds=2.5,
            )
    services.judgment_undo(campaign=campaign, person=people.annotator)
    lists = services.ranking_campaign_create(
        corpus=shop.corpus, name="Lists", lists=[(shop.pairs[0], reasonings_make(3))]
    )
    services.campaign_open(campaign=lists, actor=None)
    slot = services.slot_lease(campaign=lists, person=people.annotator)
    assert slot is not None
    a, b, c = slot.annotation_task.reasonings.order_by("pk").values_list("pk", flat=True)
    services.ranking_submit(
        key=uuid.uuid4(), slot=slot, person=people.annotator, release=shop.release, tiers=[[c], [a, b]],
        faults={str(a): {"item": "visual"}}, shown_order=[b, a, c],
    )  # fmt: skip
    return shop


def exported(corpus: Corpus, format: str) -> Job:
    job = services.export_start(corpus=corpus, actor=None, format=format)
    assert job_run(job.pk) == "done", Job.objects.get(pk=job.pk).error
    job.refresh_from_db()
    return job


def imported(corpus: Corpus, format: str, blob: Any, **of: Any) -> dict[str, Any]:
    job = services.judgments_import_start(corpus=corpus, actor=None, format=format, blob=blob, **of)
    assert job_run(job.pk) == "done", Job.objects.get(pk=job.pk).error
    return dict(Job.objects.get(pk=job.pk).result)


def elsewhere(shop: SimpleNamespace) -> Corpus:
    """Another corpus that sells the same items and has no query yet."""
    corpus = Corpus.objects.create(slug="copy", name="Copy")
    for item in Item.objects.filter(corpus=shop.corpus).select_related("current"):
        copy = Item.objects.create(corpus=corpus, external_id=item.external_id)
        assert item.current is not None
        copy.current = ItemVersion.objects.create(
            item=copy, content_hash=item.current.content_hash, title=item.current.title
        )
        ItemPayload.objects.create(version=copy.current, attributes={})
        copy.save()
    return corpus


def people_said(corpus: Corpus) -> set[tuple[Any, ...]]:
    rows = effective_judgments(corpus).select_related("person", "pair__query", "pair__item", "note")
    return {
        (row.pair.query.key, row.pair.item.external_id, row.grade, row.dimension, row.note.comment)
        for row in rows
    }


def orders(corpus: Corpus) -> list[Any]:
    """Tiers as the texts they hold."""
    found = []
    for row in Ranking.objects.filter(corpus=corpus):
        texts = dict(row.pair.reasonings.values_list("pk", "raw"))
        found.append([sorted(texts[pk] for pk in tier) for tier in row.tiers])
    return found


@pytest.mark.parametrize("format", SETTLED)
def test_settled_grades_there_and_back(judged: SimpleNamespace, format: str) -> None:
    job, copy = exported(judged.corpus, format), elsewhere(judged)
    stored = SimpleNamespace(sha256=job.result["blob"])
    topics = SimpleNamespace(sha256=job.result["topics"]) if format == "qrels" else None
    result = imported(copy, format, stored, topics=topics)
    values = ("pair__query__key", "pair__item__external_id", "grade")
    ours = set(SettledVerdict.objects.filter(pair__corpus=judged.corpus).values_list(*values))
    assert (
        set(SettledVerdict.objects.filter(pair__corpus=copy).values_list(*values)) == ours and len(ours) == 3
    )
    assert result["rejected"] == 0 and result["counts"]["new judgments"] == 3
    again = imported(copy, format, stored, topics=topics)
    assert again["counts"]["known judgments"] == 3 and not again["counts"].get("new judgments")
    assert not again["counts"].get("settled pairs")
    if format != "qrels":  # topics are numbered by corpus
        assert (
            blob_path(exported(copy, format).result["blob"]).read_bytes()
            == blob_path(stored.sha256).read_bytes()
        )


@pytest.mark.parametrize("format", [*PEOPLE, *LEDGER])
def test_peoples_answers_there_and_back(judged: SimpleNamespace, format: str) -> None:
    job, copy = exported(judged.corpus, format), elsewhere(judged)
    stored = SimpleNamespace(sha256=job.result["blob"])
    result = imported(copy, format, stored)
    assert result["rejected"] == 0
    assert people_said(copy) == people_said(judged.corpus) and len(people_said(copy)) > 3
    if format != "quepid_book":
        assert orders(copy) == orders(judged.corpus)
    again = imported(copy, format, stored)["counts"]
    assert not again.get("new judgments") and not again.get("new rankings")
    names = set(effective_judgments(copy).values_list("person__email", flat=True))
    assert all(name.endswith("@copy.raters.invalid") for name in names) and len(names) == 2


@pytest.mark.parametrize("format", LEDGER)
def test_the_ledger_comes_back_whole(judged: SimpleNamespace, format: str) -> None:
    job, copy = exported(judged.corpus, format), elsewhere(judged)
    imported(copy, format, SimpleNamespace(sha256=job.result["blob"]))
    assert (
        Judgment.objects.filter(corpus=copy).count()
        == Judgment.objects.filter(corpus=judged.corpus).count()
        == 9
    )
    undo = Judgment.objects.get(corpus=copy, grade=None)
    assert undo.supersedes is not None and undo.supersedes.grade == 3
    assert Ranking.objects.get(corpus=copy).faults.keys() & {
        str(pk) for pk in Ranking.objects.get(corpus=copy).shown_order
    }


@pytest.mark.parametrize("format", ["jsonl", "label_studio"])
def test_into_its_own_corpus_an_export_adds_nothing(judged: SimpleNamespace, format: str) -> None:
    before = Judgment.objects.count(), Ranking.objects.count()
    result = imported(
        judged.corpus, format, SimpleNamespace(sha256=exported(judged.corpus, format).result["blob"])
    )
    assert (Judgment.objects.count(), Ranking.objects.count()) == before and result["rejected"] == 0


def test_a_dry_run_says_what_would_happen_and_does_nothing(judged: SimpleNamespace) -> None:
    copy = elsewhere(judged)
    blob = SimpleNamespace(sha256=exported(judged.corpus, "csv").result["blob"])
    result = imported(copy, "csv", blob, dry_run=True)
    assert result["counts"]["new judgments"] == 3 and result["dry_run"]
    assert not Judgment.objects.filter(corpus=copy).exists() and not Pair.objects.filter(corpus=copy).exists()
    assert not OutboxEvent.objects.filter(kind="judgments.imported").exists()


def test_bad_rows_go_to_a_file_and_good_ones_land(shop: SimpleNamespace) -> None:
    good = shop.pairs[0].item.external_id
    lines = ["query,docid,rating", f"burgundy dress,{good},3", "burgundy dress,=unknown,2", f"burgundy dress,{good},7",
             f"burgundy dress,{good},1", f",{good},1", f"burgundy dress,{good},"]  # fmt: skip
    result = imported(shop.corpus, "csv", blob_put("\n".join(lines).encode(), "text/csv"))
    assert result["counts"]["new judgments"] == 1 and result["rejected"] == 4
    rejected = blob_path(result["rejected_blob"]).read_text()
    for reason in ("unknown item", "no rating", "given twice", "missing"):
        assert reason in rejected
    assert SettledVerdict.objects.get().grade == 4


def test_many_orders_land_together_and_bad_ones_are_named(shop: SimpleNamespace) -> None:
    """Also one that replaces another of the same file, a query that is new, and characters no database holds."""
    query, first, second = "burgundy dress", *(pair.item.external_id for pair in shop.pairs[:2])
    texts = [{"id": n, "raw": f"reason\x00ing {n}"} for n in range(3)]
    ids = [str(uuid.uuid4()) for _ in range(2)]
    of = {"kind": "ranking", "query": query, "docid": first, "reasonings": texts, "tiers": [[0], [1, 2]]}
    rows = [
        {**of, "person": "Ann", "id": ids[0]}, {**of, "person": "Ann", "id": ids[1], "supersedes": ids[0], "tiers": [[2]]},
        {**of, "person": "Ben", "docid": second}, {**of, "person": "Ben", "query": "a new query"}, {**of, "person": "Ben"},
        {**of, "person": "Ben"}, {**of, "docid": "nothing"}, {**of, "docid": "no\x00thing"}, {**of, "query": " "},
        {**of, "query": "burgundy\x00 dress", "person": "Cat"}, {**of, "reasonings": [], "tiers": []},
    ]  # fmt: skip
    blob = blob_put("\n".join(json.dumps(row) for row in rows).encode(), "application/jsonl")
    with CaptureQueriesContext(connection) as seen:
        result = imported(shop.corpus, "jsonl", blob)
    assert result["counts"]["new rankings"] == 6 and result["counts"]["known rankings"] == 1
    assert result["reasons"] == {"unknown item": 2, "unknown query": 1, "no reasonings": 1}
    assert sum('INSERT INTO "annotation_ranking"' in row["sql"] for row in seen) == 2
    assert Ranking.objects.get(pk=ids[1]).supersedes_id == uuid.UUID(ids[0])
    assert Reasoning.objects.filter(raw="reasoning 1").count() == 3
    assert Ranking.objects.filter(pair=shop.pairs[0], superseded_by=None).count() == 3
    again = imported(shop.corpus, "jsonl", blob)["counts"]
    assert again["known rankings"] == 7 and Ranking.objects.count() == 6


def test_an_answer_given_here_is_never_overwritten(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator, grade=4)
    docid = shop.pairs[0].item.external_id
    blob = blob_put(f"query,docid,rating\nburgundy dress,{docid},0\n".encode(), "text/csv")
    imported(shop.corpus, "csv", blob)
    assert SettledVerdict.objects.get().grade == 4 and Judgment.objects.count() == 2


def test_nobody_speaks_in_a_members_name_of_another_corpus(shop: SimpleNamespace) -> None:
    row = {"query": "burgundy dress", "docid": shop.pairs[0].item.external_id, "grade": 4}
    theirs = [{**row, "person": "X", "person_email": shop.people.outsider.email},
              {**row, "person": "Y", "person_email": shop.people.annotator.email}]  # fmt: skip
    blob = blob_put("\n".join(map(json.dumps, theirs)).encode(), "application/jsonl")
    imported(shop.corpus, "jsonl", blob)
    found = {row.person for row in Judgment.objects.select_related("person")}
    assert shop.people.outsider not in found and shop.people.annotator in found and len(found) == 2


@pytest.mark.parametrize(
    ("format", "text"),
    [("label_studio", '{"a": 1}'), ("opensearch", '{"judgmentRatings": [{"query": "x"'), ("csv", "a,b\n1,2\n"),
     ("parquet", "no"), ("quepid_book", "["), ("argilla", "")],
)  # fmt: skip
def test_a_file_of_another_kind_is_refused_as_a_whole(tmp_path: Path, format: str, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with pytest.raises(Unreadable):
        list(FORMATS[format].read(path, None))


def test_a_json_array_is_read_block_by_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"n": number, "text": "ü]},{" * (number % 7)} for number in range(300)] + [
        12345,
        "x",
        None,
        [1, [2]],
    ]
    path = tmp_path / "rows.json"
    path.write_text(json.dumps({"before": {"rows": [0]}, "rows": rows, "after": 1}, indent=1))
    for block in (1, 7, 64, 1 << 20):
        monkeypatch.setattr(formats_base, "BLOCK", block)
        assert [value for _, value in formats_base.json_rows(path, "rows")] == rows


@pytest.mark.parametrize(
    "ranker",
    [{"order": ["b", "a"]}, {"tier 1": ["b"], "tier 2": ["a"], "_": []}, {"tier-2": ["a"], "Tier 1": ["b"]}],
)  # fmt: skip
def test_label_studios_own_rankers_are_read(tmp_path: Path, ranker: dict[str, list[str]]) -> None:
    task = {
        "id": 7,
        "data": {"query": "q", "docid": "d", "items": [{"id": "a", "body": "first"}, {"id": "b", "body": "second"}]},
        "annotations": [
            {"id": 1, "completed_by": 3, "result": [{"from_name": "r", "type": "ranker", "value": {"ranker": ranker}}]},
            {"id": 2, "completed_by": 4, "was_cancelled": True, "result": []},
            {"id": 3, "completed_by": 5, "result": [{"from_name": "grade", "value": {"choices": ["Exact"]}}]},
        ],
    }  # fmt: skip
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps([task]))
    order, fault = FORMATS["label_studio"].read(path, None)
    assert isinstance(order, Incoming) and order.ranking is not None and order.ranking["tiers"] == [[1], [0]]
    assert order.person == "user 3" and isinstance(fault, Fault) and fault.field == "grade"


def test_argilla_rankings_come_as_values_or_as_ranks(tmp_path: Path) -> None:
    fields = {"query": "q", "docid": "d", "reply-1": "one", "reply-2": "two"}
    records = [
        {**fields, "order.responses": [["reply-2", "reply-1"]], "order.responses.users": ["u"]},
        {**fields, "order.responses": [[{"rank": 1, "value": "reply-1"}, {"rank": 1, "value": "reply-2"}]]},
        {**fields, "grade.responses": ["L4", "L1"], "grade.responses.status": ["submitted", "discarded"]},
    ]
    path = tmp_path / "records.json"
    path.write_text(json.dumps(records))
    found = [row for row in FORMATS["argilla"].read(path, None) if isinstance(row, Incoming)]
    assert [row.ranking and row.ranking["tiers"] for row in found] == [[[1], [0]], [[0, 1]], None]
    assert found[2].grade == 4


def test_opensearch_ratings_are_text_that_reads_as_a_number(judged: SimpleNamespace) -> None:
    body = json.loads(blob_path(exported(judged.corpus, "opensearch").result["blob"]).read_text())
    assert body["type"] == "IMPORT_JUDGMENT" and body["name"]
    ratings = [one for row in body["judgmentRatings"] for one in row["ratings"]]
    assert (
        all(isinstance(one["rating"], str) and float(one["rating"]) >= 0 for one in ratings)
        and len(ratings) == 3
    )
