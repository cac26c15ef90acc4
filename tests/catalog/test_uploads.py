"""Uploads do not stay: gone once they are in, swept where their import failed, refused without a trace."""

import io
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from catalog.models import ImportRun, Item
from catalog.services import import_start
from catalog.uploads import uploads_root, uploads_sweep
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.LORE_HOME = tmp_path / "home"
    return tmp_path / "home"


def named(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def packed(name: str, content: str) -> io.BytesIO:
    out = named("shop.zip", b"")
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(f"shop/{name}", content)
    out.seek(0)
    return out


@pytest.mark.parametrize("zipped", [False, True])
def test_an_upload_is_removed_once_it_is_in(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], home: Path, zipped: bool
) -> None:
    text = "product_id,title\na,Kettle\n"
    file = packed("products.csv", text) if zipped else named("products.csv", text.encode())
    client_for(people.admin).post(f"/c/{corpus.slug}/catalog/imports/new/", {"files": file})
    assert len(list(uploads_root().iterdir())) == 1
    job = Job.objects.get()
    assert job_run(job.pk) == "done"
    assert list(uploads_root().iterdir()) == []
    Job.objects.update(state="queued")  # as after a crash between the import's last commit and the job's end
    assert job_run(job.pk) == "done"
    assert Item.objects.count() == 1


def test_files_that_were_not_uploaded_stay(corpus: Corpus, home: Path, tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text("product_id,title\na,Kettle\n")
    assert job_run(import_start(corpus=corpus, path=tmp_path / "products.csv", actor=None).pk) == "done"
    assert (tmp_path / "products.csv").exists()


def test_the_sweep_takes_what_is_old_and_nobody_waits_for(corpus: Corpus, home: Path) -> None:
    for name in ("waited-for", "failed", "young", "nobodys"):
        (uploads_root() / name).mkdir(parents=True)
        path = uploads_root() / name / "products.csv"
        path.write_text("product_id,title\na,Kettle\n")
        if name != "young":
            os.utime(path.parent, (0, time.time() - 3 * 86_400))
        if name != "nobodys":
            import_start(corpus=corpus, path=path, actor=None)
    failed = ImportRun.objects.get(path__contains="failed")
    Job.objects.filter(pk=failed.job_id).update(state="failed")
    young = ImportRun.objects.get(path__contains="young")
    Job.objects.filter(pk=young.job_id).update(state="failed")
    assert uploads_sweep() == 2
    assert {folder.name for folder in uploads_root().iterdir()} == {"waited-for", "young"}


def test_a_refused_upload_leaves_nothing(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client], home: Path
) -> None:
    client, url = client_for(people.admin), f"/c/{corpus.slug}/catalog/imports/new/"
    for file in (named("shop.zip", b"no zip"), named("x.exe", b"MZ")):
        assert client.post(url, {"files": file}).status_code == 422
    assert list(uploads_root().iterdir()) == []
