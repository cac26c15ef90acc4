"""Where rule versions fire, kept while the corpus stays as it is: in memory, and as a file beside its Arrow files, which a
new process reads.

Neither a version of a rule nor one of a corpus ever changes; the file goes with the corpus's folder.
"""

import os
import tempfile
import zipfile
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from rules.corpus_table import CorpusTable
from rules.engine import Fired
from rules.language import Language

CORPORA = 4  # whose firings a process has at hand
_held: OrderedDict[str, dict[str, Fired]] = OrderedDict()


def fired_name(version: int, language: Language) -> str:
    """What the firings of a rule version, read over the tables of a language, are kept under."""
    return f"{version}-{language.mark}"


def fired_known(table: CorpusTable, names: Iterable[str]) -> dict[str, Fired]:
    """Those of the named firings that are kept for a corpus version."""
    wanted = list(names)
    held = _held.get(table.revision, {})
    if any(name not in held for name in wanted):
        held = {**_read(_place(table)), **held}
        _hold(table, held)
    return {name: held[name] for name in wanted if name in held}


def fired_keep(table: CorpusTable, found: Mapping[str, Fired]) -> None:
    """Keep firings in place of those that were kept before."""
    _hold(table, dict(found))
    _write(_place(table), found)


def _hold(table: CorpusTable, found: dict[str, Fired]) -> None:
    _held[table.revision] = found
    while len(_held) > CORPORA:
        _held.popitem(last=False)


def _place(table: CorpusTable) -> Path:
    return table.folder / "fired.npz"


def _read(path: Path) -> dict[str, Fired]:
    try:
        with np.load(path, allow_pickle=False) as kept:
            ends = np.cumsum(kept["sizes"])[:-1]
            rows, steps = np.split(kept["rows"], ends), np.split(kept["steps"], ends)
            return dict(zip(kept["names"].tolist(), map(Fired, rows, steps), strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # not there, or of a half-full disk
        return {}


def _write(path: Path, found: Mapping[str, Fired]) -> None:
    if not found or not path.parent.is_dir():  # the corpus has moved on meanwhile, and its folder is gone
        return
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix="writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(
                file,
                names=np.array(list(found), np.str_),
                sizes=np.array([len(fired.rows) for fired in found.values()], np.int64),
                rows=np.concatenate([fired.rows for fired in found.values()]),
                steps=np.concatenate([fired.steps for fired in found.values()]),
            )
        os.replace(beside, path)
    except OSError:  # a full disk: it is found anew the next time
        Path(beside).unlink(missing_ok=True)
