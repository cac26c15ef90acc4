"""What leaves the house can be read back, does no harm in a spreadsheet, and survives a killed worker byte for byte."""

import csv
import json
import tracemalloc
import uuid
from datetime import timedelta
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from annotation import services
from annotation.exporting import Export
from annotation.models import Judgment, JudgmentNote
from annotation.selectors import exports
from annotation.services.sweeping import exports_sweep
from catalog.models import Query, SettledVerdict
from webapp.common.blobs import blob_path
from webapp.common.jobs import job_run
from webapp.common.models import Job

from .conftest import Judge, reasonings_make


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path, tmp_path / "blobs"


def exported(shop: SimpleNamespace, format: str, **of: Any) -> tuple[str, Job]:
    job = services.export_start(corpus=shop.corpus, actor=shop.people.admin, format=format, **of)
    assert job_run(job.pk) == "done", Job.objects.get(pk=job.pk).error
    job.refresh_from_db()
    path = blob_path(job.result["blob"])
    return ("" if format == "parquet" else path.read_text()), job


def test_csv_guards_formulas_and_reads_back(shop: SimpleNamespace, judge: Judge) -> None:
    Query.objects.update(text='=HYPERLINK("x"), "quoted"\nand more')
    campaign = shop.campaign()
    for grade in (4, 3, 1):
        judge(campaign, shop.people.annotator, grade=grade)
    text, job = exported(shop, "csv")
    rows = list(csv.DictReader(StringIO(text)))
    assert [row["rating"] for row in rows] == ["3", "2", "0"] and job.result["rows"] == 3
    assert all(row["query"].startswith(" =") for row in rows)
    read = {(row["query"].removeprefix(" "), row["docid"]): int(row["rating"]) + 1 for row in rows}
    settled = SettledVerdict.objects.values_list("pair__query__text", "pair__item__external_id", "grade")
    assert read == {(query, docid): grade for query, docid, grade in settled}


def test_qrels_with_their_topics(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator, grade=3)
    text, job = exported(shop, "qrels")
    line = text.split()
    topics = dict(row.split("\t") for row in blob_path(job.result["topics"]).read_text().splitlines())
    assert line[1:] == ["0", shop.pairs[0].item.external_id, "2"] and topics[line[0]] == "burgundy dress"


def test_the_ledger_is_whole(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign()
    said = {"grade": 2, "dimension": "colour", "comment": "blue", "rules_shown": ["R01"], "seconds": 2.5}
    judge(campaign, shop.people.annotator, **said)
    services.judgment_undo(campaign=campaign, person=shop.people.annotator)
    text, _ = exported(shop, "jsonl", campaign=campaign)
    first, undo = (json.loads(line) for line in text.splitlines())
    assert {name: first[name] for name in said} == said
    assert first["release"] == 1 and first["campaign"] == "Dresses" and first["person"] == "Annotator"
    assert undo["grade"] is None and undo["supersedes"] == first["id"]


def test_parquet_holds_the_same_rows(shop: SimpleNamespace, judge: Judge) -> None:
    lists = [(shop.pairs[0], reasonings_make(2))]
    ranking = services.ranking_campaign_create(corpus=shop.corpus, name="Lists", lists=lists)
    services.campaign_open(campaign=ranking, actor=None)
    slot = services.slot_lease(campaign=ranking, person=shop.people.annotator)
    assert slot is not None
    first, second = slot.annotation_task.reasonings.order_by("pk")
    services.ranking_submit(
        key=slot.lease, slot=slot, person=shop.people.annotator, release=shop.release, tiers=[[second.pk], [first.pk]],
        faults={str(first.pk): {"item": "visual"}},
    )  # fmt: skip
    judge(shop.campaign(), shop.people.annotator, comment="fine")
    text, _ = exported(shop, "jsonl")
    _, job = exported(shop, "parquet")
    lines = [json.loads(line) for line in text.splitlines()]
    table = pq.read_table(blob_path(job.result["blob"])).to_pylist()
    assert [row["id"] for row in table] == [row["id"] for row in lines] and len(lines) == 2
    for row, line in zip(table, lines, strict=True):
        for name in ("tiers", "faults", "reasonings", "shown_order"):
            row[name] = json.loads(row[name]) if row[name] else None
        assert row == {name: line.get(name) for name in row}


def test_a_filter_names_campaign_and_release(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator)
    other = shop.campaign(name="Other")
    judge(other, shop.people.reviewer, grade=1)
    assert exported(shop, "jsonl", campaign=other)[1].result["rows"] == 1
    assert exported(shop, "csv", campaign=other)[1].result["rows"] == 1
    assert exported(shop, "jsonl", release=shop.release)[1].result["rows"] == 2
    services.imports_take_up(corpus=shop.corpus)
    zero = shop.corpus.releases.get(number=0)
    assert exported(shop, "label_studio", release=zero)[0].split() == ["[", "]"]


@pytest.mark.parametrize("format", ["jsonl", "csv", "label_studio", "opensearch", "quepid_book", "parquet"])
def test_a_killed_export_goes_on_and_ends_the_same(
    shop: SimpleNamespace, judge: Judge, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    monkeypatch.setattr(exports, "PART_ROWS", 3)
    campaign = shop.campaign()
    for grade in (4, 3, 1, 4, 3, 1, 4, 4):
        judge(campaign, shop.people.annotator, grade=grade)
    _, whole = exported(shop, format)
    job = services.export_start(corpus=shop.corpus, actor=None, format=format)
    write, written = Export.write, []

    def dies(self: Export) -> Path:
        real = self.ctx.progress

        def progress(done: int, *rest: Any) -> None:
            real(done, *rest)
            if done >= min(6, self.total) and not written:
                written.append(done)
                raise KeyboardInterrupt

        monkeypatch.setattr(self.ctx, "progress", progress)
        return write(self)

    monkeypatch.setattr(Export, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        job_run(job.pk)
    judge(campaign, shop.people.annotator)  # given later than the export was ordered
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert job_run(job.pk) == "done" and written
    job.refresh_from_db()
    assert job.result["blob"] == whole.result["blob"] and job.result["rows"] == whole.result["rows"]


def test_an_old_link_has_run_out(shop: SimpleNamespace, judge: Judge, client_for: Any) -> None:
    judge(shop.campaign(), shop.people.annotator)
    _, job = exported(shop, "csv")
    client = client_for(shop.people.reviewer)
    url = f"/c/shop/annotation/exports/{job.pk}/"
    assert b"query,docid,rating" in b"".join(client.get(url))
    Job.objects.filter(pk=job.pk).update(result={**job.result, "expires_at": "2020-01-01T00:00:00+00:00"})
    assert client.get(url).status_code == 404


def test_files_that_ran_out_leave_the_store_and_can_be_made_again(
    shop: SimpleNamespace, judge: Judge, client_for: Any
) -> None:
    campaign = shop.campaign()
    judge(campaign, shop.people.annotator)
    _, old = exported(shop, "csv", campaign=campaign)
    _, same = exported(shop, "csv", campaign=campaign)  # the same bytes: one file of two exports
    path = blob_path(old.result["blob"])
    Job.objects.filter(pk=old.pk).update(result={**old.result, "expires_at": "2020-01-01T00:00:00+00:00"})
    assert exports_sweep() == 0 and path.exists()  # the other link still holds
    Job.objects.filter(pk=same.pk).update(result={**same.result, "expires_at": "2020-01-01T00:00:00+00:00"})
    assert exports_sweep() == 1 and not path.exists()
    assert exports_sweep() == 0 and Job.objects.filter(pk__in=[old.pk, same.pk]).count() == 2
    client = client_for(shop.people.reviewer)
    page = client.get("/c/shop/annotation/exports/").content.decode()
    assert page.count("Make it again") == 2
    sent = {"format": "csv", "campaign": campaign.pk, "release": ""}
    assert client.post("/c/shop/annotation/exports/new/", sent).status_code == 302
    fresh = Job.objects.filter(kind="annotation.export").latest("created_at")
    assert job_run(fresh.pk) == "done" and path.exists()


@pytest.mark.parametrize("format", ["jsonl", "label_studio", "argilla"])
def test_an_export_holds_one_row_at_a_time(shop: SimpleNamespace, format: str) -> None:
    """Long comments on every pair: the whole part is many times what is held of it."""
    rows = [
        Judgment(id=uuid.uuid4(), corpus=shop.corpus, pair=pair, item_version=pair.item.current, grade=4,
                 person=shop.people.annotator, release=shop.release)
        for pair in shop.pairs for _ in range(100)
    ]  # fmt: skip
    Judgment.objects.bulk_create(rows)
    JudgmentNote.objects.bulk_create(JudgmentNote(judgment=row, comment="long " * 800) for row in rows)
    job = services.export_start(corpus=shop.corpus, actor=None, format=format)
    tracemalloc.start()
    assert job_run(job.pk) == "done"
    held = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    job.refresh_from_db()
    assert job.result["bytes"] > 4_800_000 and held < 3_000_000, held
