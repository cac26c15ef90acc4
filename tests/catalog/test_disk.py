"""A real full or read-only disk under an import: one line that says what to do, chunks whole, and it goes on."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from PIL import Image

from catalog.disk import disk_faults
from catalog.errors import DiskRefuses
from catalog.importing import loading
from catalog.models import Item, ItemImage, ItemVersion
from catalog.services import import_start
from tests.disks import SmallDisk, small_disk
from webapp.common.jobs import job_run
from webapp.common.models import Blob, Corpus, Job

__all__ = ["small_disk"]


@pytest.fixture
def small_home(small_disk: SmallDisk, settings: Any) -> SmallDisk:
    """LORE_HOME and the blob store on the small disk."""
    settings.LORE_HOME, settings.BLOB_ROOT = small_disk.path, small_disk.path / "blobs"
    return small_disk


def shop(folder: Path, size: int) -> Path:
    """Items with pictures of about 30 kB each, none like the other."""
    folder.mkdir()
    for n in range(size):
        Image.effect_noise((180, 180), 90 + n).save(folder / f"{n}.png")
    lines = "".join(f"p{n},Kettle {n},{n}.png\n" for n in range(size))
    (folder / "products.csv").write_text(f"product_id,title,image\n{lines}")
    return folder


def again(job: Job) -> str:
    """Run a job that failed or waits for its next try, as `start it again` does."""
    Job.objects.filter(pk=job.pk).update(state="queued", due_at="2020-01-01T00:00Z", finished_at=None)
    return job_run(job.pk)


@pytest.mark.django_db(transaction=True)
def test_an_import_onto_a_disk_that_fills_goes_on_when_there_is_room(
    small_home: SmallDisk, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "ITEM_CHUNK", 20)
    size = 300  # some 9 MB onto 4 MB
    job = import_start(corpus=corpus, path=shop(tmp_path / "shop", size), actor=None)
    assert job_run(job.pk) == "queued"
    job.refresh_from_db()
    assert f"The disk of {small_home.path} is full: free some space." in job.error
    assert "Traceback" not in job.error and "\n" not in job.error
    landed = Item.objects.count()
    assert 0 < landed < size and landed % 20 == 0
    assert ItemVersion.objects.count() == ItemImage.objects.count() == landed
    assert not list((small_home.path / "blobs").glob("tmp*"))
    small_home.remount("size=64m")
    assert again(job) == "done"
    assert Item.objects.count() == ItemVersion.objects.count() == Blob.objects.count() == size


@pytest.mark.django_db(transaction=True)
def test_an_import_into_a_read_only_home(small_home: SmallDisk, corpus: Corpus, tmp_path: Path) -> None:
    job = import_start(corpus=corpus, path=shop(tmp_path / "shop", 3), actor=None)
    small_home.remount("ro")
    job_run(job.pk)
    job.refresh_from_db()
    assert f"{small_home.path} cannot be written: make it writable." in job.error
    assert not Item.objects.exists()
    small_home.remount("rw")
    assert again(job) == "done"
    assert Item.objects.count() == 3


@pytest.mark.django_db
def test_an_upload_onto_a_full_disk_is_told_on_the_page(
    small_home: SmallDisk, corpus: Corpus, people: SimpleNamespace, client_for: Callable[[Any], Client]
) -> None:
    file = SimpleUploadedFile("pairs.csv", b"query,product_id,title\n" + b"x" * 1_000_000)
    small_home.fill()
    page = client_for(people.admin).post(f"/c/{corpus.slug}/catalog/imports/new/", {"files": file})
    assert page.status_code == 503
    assert "is full: free some space" in page.content.decode()
    assert not Job.objects.exists()
    assert not list((small_home.path / "uploads").glob("*/*"))


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_of_the_database_is_named(small_disk: SmallDisk, corpus: Corpus, tmp_path: Path) -> None:
    """The staging tables of the import lie on the small disk here."""
    space = _tablespace(small_disk)
    small_disk.fill()
    folder = tmp_path / "shop"
    folder.mkdir()
    lines = "".join(f"p{n},Kettle {n},{'x' * 900}\n" for n in range(3000))
    (folder / "products.csv").write_text(f"product_id,title,note\n{lines}")
    job = import_start(corpus=corpus, path=folder, actor=None)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET temp_tablespaces = {space}")
        assert job_run(job.pk) == "queued"
        job.refresh_from_db()
        assert "The disk of the database is full: free some space." in job.error
        assert Item.objects.count() % 1000 == 0
        (small_disk.path / "filler").unlink()
        small_disk.remount("size=64m")
        assert again(job) == "done"
        assert Item.objects.count() == 3000
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLESPACE {space}")


def _tablespace(disk: SmallDisk) -> str:
    """A tablespace on the small disk, of the user that PostgreSQL runs as."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        owner = Path(cursor.fetchone()[0])
        if not owner.exists():
            pytest.skip("PostgreSQL runs on another machine: its disk cannot be filled from here")
        place = disk.path / "space"
        place.mkdir()
        os.chown(place, owner.stat().st_uid, owner.stat().st_gid)
        for folder in place.parents:
            if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 1:
                folder.chmod(folder.stat().st_mode | 0o011)
        try:
            cursor.execute(f"CREATE TABLESPACE lore_small LOCATION '{place}'")
        except (OperationalError, psycopg.Error) as error:
            pytest.skip(f"this PostgreSQL cannot use that place: {error}")
    return "lore_small"


def test_other_errors_pass_as_they_are(settings: Any) -> None:
    for error in (
        FileNotFoundError(errno.ENOENT, "gone"),
        PermissionError(errno.EACCES, "no", "/elsewhere/a.png"),
    ):
        with pytest.raises(type(error)), disk_faults():
            raise error
    with pytest.raises(DiskRefuses), disk_faults():
        raise OSError(errno.EDQUOT, "quota", "/elsewhere")
