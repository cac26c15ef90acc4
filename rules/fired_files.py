"""Where a published release's rules fire, as a file beside the corpus's Arrow files: a new process reads it.

A published release never changes, and neither does a corpus version, so neither does the file; it goes with its folder.
"""

import os
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rules.corpus_table import CorpusTable
from rules.engine import Fired


def fired_kept(table: CorpusTable, name: str, find: Callable[[], dict[str, Fired]]) -> dict[str, Fired]:
    """The firings by rule code out of the file `name` of a corpus version; found and written where it is not there."""
    path = table.folder / f"{name}.npz"
    try:
        return _read(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):  # not there, or of a half-full disk
        found = find()
        _write(path, found)
        return found


def _read(path: Path) -> dict[str, Fired]:
    with np.load(path, allow_pickle=False) as kept:
        codes = kept["codes"].tolist()
        return {code: Fired(kept[f"rows{at}"], kept[f"steps{at}"]) for at, code in enumerate(codes)}


def _write(path: Path, found: dict[str, Fired]) -> None:
    if not path.parent.is_dir():  # the corpus has moved on meanwhile, and its folder is gone
        return
    arrays: dict[str, Any] = {"codes": np.array(list(found), np.str_)}
    arrays |= {f"rows{at}": fired.rows for at, fired in enumerate(found.values())}
    arrays |= {f"steps{at}": fired.steps for at, fired in enumerate(found.values())}
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix="writing-")
    with os.fdopen(handle, "wb") as file:
        np.savez(file, **arrays)
    os.replace(beside, path)
