"""The content-addressed blob store: files under LORE_HOME, their hashes in PostgreSQL."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError

from webapp.common.models import Blob

CHUNK = 1 << 20


def blob_path(sha256: str) -> Path:
    """Where a blob lies. Refuses anything that is not a hash, so no name can lead out of the store."""
    if len(sha256) != 64 or any(letter not in "0123456789abcdef" for letter in sha256):
        raise ValidationError("not a blob's hash")
    return Path(settings.BLOB_ROOT) / sha256[:2] / sha256


def blob_write(source: bytes | Path) -> tuple[str, int]:
    """Write bytes or a file's content into the store; returns (sha256, bytes). Safe to run twice and side by side.

    On the disk before it returns: a row that names a blob must never outlive a power cut that the blob did not.
    """
    root = Path(settings.BLOB_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=root)
    try:
        with os.fdopen(handle, "wb") as out:
            for chunk in _chunks(source):
                digest.update(chunk)
                size += out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        path = blob_path(digest.hexdigest())
        path.parent.mkdir(exist_ok=True)
        os.replace(name, path)
        for folder in (path.parent, root):
            sync(folder)
    finally:
        Path(name).unlink(missing_ok=True)
    return digest.hexdigest(), size


def blob_put(source: bytes | Path, media_type: str) -> Blob:
    """Store content and its row; the same content twice is one blob."""
    sha256, size = blob_write(source)
    blob, _ = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size, "media_type": media_type})
    return blob


def sync(path: Path) -> None:
    """Have a file's content, or a folder's list of names, on the disk before anything is said of it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _chunks(source: bytes | Path) -> Iterator[bytes]:
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            yield chunk
