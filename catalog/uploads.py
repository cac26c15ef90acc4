"""Uploaded files, laid out as a folder that an import can read."""

import shutil
import tempfile
import time
import zipfile
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from catalog.disk import disk_faults
from catalog.errors import ImportRefused
from catalog.importing.formats import LEXICON
from catalog.models import ImportRun

LARGEST = 512 << 20
LARGEST_UNPACKED = 4 << 30
MOST_FILES = 50_000
KEPT = timedelta(days=2)  # of an upload whose import failed: long enough to look at
PARTS = ("products.", "items.", "queries.", "images.", "lexicon.")  # one file of a folder's, told by its name
ENDINGS = (".csv", ".tsv", ".csv.gz", ".parquet", ".zip", ".jsonl")


def upload_store(files: "list[UploadedFile[Any]]") -> Path:
    """Keep what was uploaded and unpack a zip; returns the file or folder to import. Raises ImportRefused."""
    if not files:
        raise ImportRefused("Choose a file: CSV, Parquet, or a zip of them.")
    if sum(file.size or 0 for file in files) > LARGEST:
        raise ImportRefused(f"More than {LARGEST >> 20} MB: use manage.py import_corpus on the server.")
    with disk_faults():
        uploads_root().mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=uploads_root()))
        try:
            return _laid_out(files, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)  # nothing refers to it
            raise


def uploads_root() -> Path:
    return Path(settings.LORE_HOME) / "uploads"


def upload_remove(path: Path) -> bool:
    """Remove the upload that `path` lies in; true where it was one. Other files an import read are never touched."""
    root, place = uploads_root().resolve(), path.resolve()
    if root not in place.parents:
        return False
    shutil.rmtree(root / place.relative_to(root).parts[0], ignore_errors=True)
    return True


def uploads_sweep(older_than: timedelta = KEPT) -> int:
    """Remove uploads that are old and that no unfinished import waits for; returns how many."""
    if not uploads_root().is_dir():
        return 0
    unfinished = ImportRun.objects.filter(job__state__in=["queued", "running"]).values_list("path", flat=True)
    root = uploads_root().resolve()
    parts = (Path(path).resolve() for path in unfinished)
    wanted = {path.relative_to(root).parts[0] for path in parts if root in path.parents}
    limit = time.time() - older_than.total_seconds()
    old = [
        folder for folder in root.iterdir() if folder.name not in wanted and folder.stat().st_mtime < limit
    ]
    return sum(upload_remove(folder) for folder in old)


def _laid_out(files: "list[UploadedFile[Any]]", folder: Path) -> Path:
    for file in files:
        name = PurePosixPath((file.name or "").replace("\\", "/")).name
        if not name.endswith(ENDINGS) and name != LEXICON:
            raise ImportRefused(f"{name or 'A file'} is no {', '.join(ENDINGS)} file.")
        with (folder / name).open("wb") as out:
            shutil.copyfileobj(file, out)
    only = next(folder.iterdir()) if len(files) == 1 else None
    if only is not None and only.suffix == ".zip":
        return _unpack(only)
    standalone = only is not None and not only.name.startswith(PARTS)
    return only if only is not None and standalone else folder


def _unpack(path: Path) -> Path:
    """Members by their own names below one folder; none leads out of it, and none is a link."""
    target = path.with_suffix("")
    try:
        with zipfile.ZipFile(path) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) > MOST_FILES or sum(m.file_size for m in members) > LARGEST_UNPACKED:
                raise ImportRefused("The zip unpacks to more than 4 GB, or to too many files.")
            for member in members:
                archive.extract(member, target)  # drops '..' and leading '/', and writes links as plain files
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise ImportRefused(f"{path.name} cannot be unpacked: {error}") from error
    path.unlink()
    inner = list(target.iterdir()) if target.exists() else []
    return inner[0] if len(inner) == 1 and inner[0].is_dir() else target
