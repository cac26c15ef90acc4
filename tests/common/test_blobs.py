import os

import pytest
from django.core.exceptions import ValidationError

from webapp.common.blobs import blob_path, blob_put
from webapp.common.models import Blob


def test_the_same_content_is_one_blob(db, settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"
    (tmp_path / "file").write_bytes(b"abc")
    first, second = blob_put(b"abc", "text/plain"), blob_put(tmp_path / "file", "text/plain")
    assert first == second and Blob.objects.count() == 1
    assert blob_path(first.sha256).read_bytes() == b"abc"
    assert [path.name for path in settings.BLOB_ROOT.iterdir()] == [first.sha256[:2]]


def test_a_blob_is_on_the_disk_before_its_row(db, settings, tmp_path, monkeypatch):
    settings.BLOB_ROOT = tmp_path / "blobs"
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    path = blob_path(blob_put(b"abc", "text/plain").sha256)
    assert synced == [found.stat().st_ino for found in (path, path.parent, settings.BLOB_ROOT)]


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, ""])
def test_no_name_leads_out_of_the_store(name):
    with pytest.raises(ValidationError):
        blob_path(name)
