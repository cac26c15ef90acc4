"""A snapshot's rows as files: written in order, hashed over their content, packed as one blob, unpacked into a run."""

import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from training_bridge.models import Snapshot
from webapp.common.blobs import blob_path, blob_put
from webapp.common.models import Blob

FILES = ("sft", "dpo", "grpo", "train_pairs", "eval")


def rows_write(folder: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write data rows as JSON lines with sorted keys; returns how many."""
    count = 0
    with (folder / f"{name}.jsonl").open("w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
            count += 1
    return count


def folder_hash(folder: Path) -> str:
    """A hash over names and contents of a folder's files, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        with path.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    return digest.hexdigest()


def folder_pack(folder: Path) -> Blob:
    """The folder as one compressed archive in the blob store, the same bytes for the same content."""
    packed = folder.with_suffix(".tar.xz")
    with tarfile.open(packed, "w:xz", preset=1) as archive:
        for path in sorted(folder.iterdir()):
            entry = tarfile.TarInfo(path.name)
            entry.size = path.stat().st_size
            with path.open("rb") as stream:
                archive.addfile(entry, stream)
    try:
        return blob_put(packed, "application/x-xz")
    finally:
        packed.unlink(missing_ok=True)


def snapshot_unpack(snapshot: Snapshot, folder: Path, names: Sequence[str] = FILES) -> None:
    """Bring a snapshot's files (those named, or all) back into a folder, such as a run's data/."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(blob_path(snapshot.archive_id), "r:xz") as archive:
        for name in names:
            archive.extract(f"{name}.jsonl", folder, filter="data")


def snapshot_lines(snapshot: Snapshot, name: str, limit: int) -> list[dict[str, Any]]:
    """The first rows of one file, for a page to show."""
    with tarfile.open(blob_path(snapshot.archive_id), "r:xz") as archive:
        member = archive.extractfile(f"{name}.jsonl")
        if member is None:
            return []
        lines = io.TextIOWrapper(member, encoding="utf-8")
        return [json.loads(line) for _, line in zip(range(limit), lines, strict=False)]


def snapshot_rows(snapshot: Snapshot, name: str) -> list[dict[str, Any]]:
    """Every row of one file."""
    return snapshot_lines(snapshot, name, sys.maxsize)


def snapshot_samples(snapshot: Snapshot, name: str, limit: int = 3) -> list[dict[str, str]]:
    """The first rows of one file for a page: what each is (stage, source or grade), its prompt, its answer."""
    return [
        {
            "title": str(row.get("stage") or row.get("source") or row.get("grade") or ""),
            "prompt": str(row["prompt"]),
            "answer": str(row.get("completion") or row.get("chosen") or row.get("reference") or ""),
        }
        for row in snapshot_lines(snapshot, name, limit)
    ]
