"""Models in the content-addressed store: LORE_HOME/models/<hash>/, whole or absent."""

import os
import shutil
from pathlib import Path

from django.conf import settings

from training_bridge.snapshots.archive import folder_hash


def model_store(source: Path) -> tuple[str, Path]:
    """Copy a model folder into the store; returns (hash over its files, where it lies). Safe to run twice."""
    content_hash = folder_hash(source)
    place = Path(settings.LORE_HOME) / "models" / content_hash
    if place.is_dir():
        return content_hash, place
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{content_hash}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh)
    try:
        fresh.rename(place)
    except OSError:  # another worker was first with the same content
        shutil.rmtree(fresh, ignore_errors=True)
        if not place.is_dir():
            raise
    return content_hash, place
