"""Uploaded files, laid out as a folder that an import can read."""

import shutil
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from catalog.errors import ImportRefused
from catalog.importing.formats import LEXICON

LARGEST = 512 << 20
LARGEST_UNPACKED = 4 << 30
MOST_FILES = 50_000
PARTS = ("products.", "items.", "queries.", "images.", "lexicon.")  # one file of a folder's, told by its name
ENDINGS = (".csv", ".tsv", ".csv.gz", ".parquet", ".zip", ".jsonl")


def upload_store(files: "list[UploadedFile[Any]]") -> Path:
    """Keep what was uploaded and unpack a zip; returns the file or folder to import. Raises ImportRefused."""
    if not files:
        raise ImportRefused("Choose a file: CSV, Parquet, or a zip of them.")
    if sum(file.size or 0 for file in files) > LARGEST:
        raise ImportRefused(f"More than {LARGEST >> 20} MB: use manage.py import_corpus on the server.")
    root = Path(settings.LORE_HOME) / "uploads"
    root.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=root))
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
