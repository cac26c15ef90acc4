"""A file that a page or a program sends, kept in the blob store."""

import shutil
import tempfile
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from django.core.files.uploadedfile import UploadedFile

from webapp.common.blobs import blob_put
from webapp.common.errors import Invalid
from webapp.common.models import Blob

LARGEST = 2 << 30


class Kept(NamedTuple):
    blob: Blob
    name: str


def upload_keep(file: "UploadedFile[Any]") -> Kept:
    """Store it under its hash. Raises Invalid for one that is too large to come by page."""
    if (file.size or 0) > LARGEST:
        raise Invalid(
            f"More than {LARGEST >> 30} GB: use manage.py judgments_import on the server.", code="file"
        )
    with tempfile.NamedTemporaryFile() as copy:
        shutil.copyfileobj(file, copy)
        copy.flush()
        blob = blob_put(Path(copy.name), "application/octet-stream")
    return Kept(blob, PurePosixPath((file.name or "").replace("\\", "/")).name)
