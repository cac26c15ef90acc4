"""Exports and imports by their three doors: page, program, command."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from annotation.models import Judgment
from catalog.models import SettledVerdict
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job

from .conftest import Judge

ClientFor = Callable[[Any], Client]
API = "/api/v1/corpora/shop/"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path / "home", tmp_path / "blobs"


def upload(shop: SimpleNamespace, *more: str) -> SimpleUploadedFile:
    rows = [f"burgundy dress,{pair.item.external_id},3" for pair in shop.pairs[:2]]
    return SimpleUploadedFile("case.csv", "\n".join(["query,docid,rating", *rows, *more]).encode())


def test_by_page(shop: SimpleNamespace, client_for: ClientFor) -> None:
    admin = client_for(shop.people.admin)
    sent = {"format": "csv", "file": upload(shop, "burgundy dress,=gone,1"), "source": "A case"}
    assert admin.post("/c/shop/annotation/imports/new/", sent).status_code == 302
    job = Job.objects.get(kind="annotation.import")
    assert job_run(job.pk) == "done" and SettledVerdict.objects.count() == 2
    page = admin.get("/c/shop/annotation/exports/").content.decode()
    assert "2 new judgments" in page and "1 unknown item" in page and "Cannot carry" in page
    rejected = b"".join(admin.get(f"/c/shop/annotation/imports/{job.pk}/rejected/")).decode()
    assert "=gone" in rejected and "unknown item" in rejected
    assert Judgment.objects.first().person.display_name == "A case"  # type: ignore[union-attr]
    assert AuditEntry.objects.filter(action="judgments.import").exists()
    assert client_for(shop.people.reviewer).post("/c/shop/annotation/imports/new/", {}).status_code == 403


def test_a_form_without_a_file_says_so(shop: SimpleNamespace, client_for: ClientFor) -> None:
    admin = client_for(shop.people.admin)
    found = admin.post("/c/shop/annotation/imports/new/", {"format": "csv"}, follow=True)
    assert "file" in found.content.decode() and not Job.objects.exists()


def test_by_program(shop: SimpleNamespace, client_for: ClientFor, judge: Judge) -> None:
    admin = client_for(shop.people.admin)
    assert {row["code"] for row in admin.get(f"{API}judgments/formats/").json()} >= {
        "jsonl",
        "qrels",
        "argilla",
    }
    sent = admin.post(f"{API}judgments/imports/", {"format": "csv", "file": upload(shop), "dry_run": "true"})
    assert sent.status_code == 202 and sent.json()["state"] == "queued"
    assert job_run(sent.json()["id"]) == "done" and not Judgment.objects.exists()
    found = admin.get(f"{API}judgments/imports/{sent.json()['id']}/").json()
    assert found["dry_run"] and found["counts"]["new judgments"] == 2 and found["rejected_file"] is None
    judge(shop.campaign(), shop.people.annotator)
    asked = {"format": "quepid_book", "release": 1}
    ordered = admin.post(f"{API}exports/", asked, "application/json").json()
    assert job_run(ordered["id"]) == "done"
    done = admin.get(f"{API}exports/{ordered['id']}/").json()
    book = json.loads(b"".join(admin.get(done["file"])))
    assert (
        done["rows"] == len(book["query_doc_pairs"]) == 1 and len(done["sha256"]) == 64 and done["expires_at"]
    )
    assert admin.post(f"{API}exports/", {"format": "xml"}, "application/json").status_code == 422
    assert (
        admin.post(f"{API}exports/", {"format": "csv", "release": 99}, "application/json").status_code == 422
    )
    assert [row["id"] for row in admin.get(f"{API}exports/").json()] == [ordered["id"]]
    assert [row["id"] for row in admin.get(f"{API}judgments/imports/").json()] == [sent.json()["id"]]
    reviewer = client_for(shop.people.reviewer)
    assert len(reviewer.get(f"{API}exports/").json()) == 1
    assert reviewer.get(f"{API}judgments/imports/").status_code == 403
    assert client_for(shop.people.outsider).get(f"{API}exports/{ordered['id']}/").status_code == 404


def test_by_command(shop: SimpleNamespace, judge: Judge, tmp_path: Path) -> None:
    judge(shop.campaign(), shop.people.annotator, grade=3)
    out = tmp_path / "out.txt"
    call_command("judgments_export", corpus="shop", format="qrels", campaign="Dresses", out=out)
    assert out.read_text().endswith(" 2\n") and (tmp_path / "topics.tsv").read_text().endswith(
        "\tburgundy dress\n"
    )
    out.write_text(out.read_text() + "nonsense\n")
    rejected = tmp_path / "rejected.csv"
    given = {"corpus": "shop", "format": "qrels", "topics": tmp_path / "topics.tsv", "rejected": rejected}
    call_command("judgments_import", out, **given)
    assert Judgment.objects.count() == 2 and "not four columns" in rejected.read_text()
    with pytest.raises(CommandError, match="no corpus"):
        call_command("judgments_export", corpus="nowhere", out=out)
    with pytest.raises(CommandError, match="no campaign"):
        call_command("judgments_export", corpus="shop", campaign="None", out=out)
