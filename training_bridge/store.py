"""Models in the content-addressed store: LORE_HOME/models/<hash>/, whole or absent."""

import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from training_bridge.snapshots.archive import folder_hash
from webapp.common.blobs import sync


def model_store(source: Path) -> tuple[str, Path]:
    """Copy a model folder into the store; returns (hash over its files, where it lies). Safe to run twice.

    On the disk before it returns, as a blob is: the folder's name says that its content is whole.
    """
    content_hash = folder_hash(source)
    place = Path(settings.LORE_HOME) / "models" / content_hash
    if place.is_dir():
        return content_hash, place
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{content_hash}."))
    try:
        shutil.copytree(source, fresh, dirs_exist_ok=True)
        for path in (*fresh.rglob("*"), fresh):
            sync(path)
        fresh.rename(place)
        sync(place.parent)
    except OSError:  # a full disk, or another worker was first with the same content
        shutil.rmtree(fresh, ignore_errors=True)
        if not place.is_dir():
            raise
    return content_hash, place
