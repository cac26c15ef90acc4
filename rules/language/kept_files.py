"""What was worked out over a corpus's queries or items alone, as files beside its Arrow files, so that the next process
reads it: the words of long texts, memory-mapped, and the columns of functions that took a while.

A file is named by the expression, the tables and the code that it follows from. The latest of each kind stay.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rules.language.columns import Coded, Column, Truth
from rules.language.word_table import WordTable

WORTH = 0.03  # seconds: what took less is worked out again as fast as it is read
MOST = {"words": 8, "column": 64}
_ARRAYS = ("ids", "offsets", "holders", "starts")
_VOCABULARY = "vocabulary.txt"
_BROKEN = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)  # not there, or of a half-full disk


@dataclass(frozen=True)
class KeptFiles:
    """The files in `folder`, which belongs to one corpus version; `tables` are those of the language, as JSON."""

    folder: Path
    tables: str

    def words(self, source: str, texts: Sequence[Any]) -> WordTable:
        """The words of the texts of an expression; split and written where they are not there."""
        place = self._place("words", source)
        try:
            return _words_read(place, len(texts))
        except _BROKEN:
            found = WordTable.of(texts)
            self._write(place, lambda beside: _words_write(beside, found))
            return found

    def column(self, source: str, level: int, work: Callable[[], Column]) -> Column:
        """The column of an expression of one level (see `columns`); worked out and, where that took a while, written."""
        place = self._place("column", source)
        try:
            return _column_read(place, level)
        except _BROKEN:
            started = time.perf_counter()
            found = work()
            if time.perf_counter() - started > WORTH and found.level == level:
                self._write(place, lambda beside: _column_write(beside, found))
            return found

    def _place(self, kind: str, source: str) -> Path:
        tables = self.tables if "(" in source else ""  # only a function asks them
        name = hashlib.sha256("\0".join((source, tables, code_mark())).encode("utf-8", "surrogatepass"))
        return self.folder / f"{kind}-{name.hexdigest()[:32]}"

    def _write(self, place: Path, write: Callable[[Path], None]) -> None:
        if not self.folder.is_dir():  # the corpus has moved on meanwhile, and its folder is gone
            return
        beside = Path(tempfile.mkdtemp(dir=self.folder, prefix="writing-"))
        try:
            write(beside)
            shutil.rmtree(place, ignore_errors=True)
            os.rename(beside, place)
        except (
            OSError
        ):  # somebody else has written it meanwhile, or the disk is full: it is worked out anew then
            shutil.rmtree(beside, ignore_errors=True)
        self._sweep(place.name.partition("-")[0])

    def _sweep(self, kind: str) -> None:
        """Files mapped by somebody stay readable until he lets go of them."""
        try:
            there = sorted(self.folder.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)
        except OSError:  # swept by somebody else at the same time
            return
        for old in there[: -MOST[kind]]:
            shutil.rmtree(old, ignore_errors=True)


@cache
def code_mark() -> str:
    """Changes with the language's code and with the Unicode version that it reads texts by."""
    files = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files))
    return f"{digest.hexdigest()} {unicodedata.unidata_version}"


def _words_read(place: Path, texts: int) -> WordTable:
    mapped = (np.load(place / f"{name}.npy", mmap_mode="r") for name in _ARRAYS)
    ids, offsets, holders, starts = map(np.asarray, mapped)  # slices of a memmap are dear
    spelt = (place / _VOCABULARY).read_text(encoding="utf-8")
    vocabulary = spelt.split("\n") if spelt else []
    if len(offsets) - 1 != texts or len(starts) - 1 != len(vocabulary) or len(ids) != len(holders):
        raise ValueError("the words of other texts")
    return WordTable(vocabulary, ids, offsets, holders, starts)


def _words_write(place: Path, found: WordTable) -> None:
    for name in _ARRAYS:
        np.save(place / f"{name}.npy", getattr(found, name))
    (place / _VOCABULARY).write_text("\n".join(found.vocabulary), encoding="utf-8")


def _column_read(place: Path, level: int) -> Column:
    rows = np.load(place / "rows.npy")
    if not (place / "values.json").exists():
        return Truth(level, rows)
    values = json.loads((place / "values.json").read_text(encoding="utf-8"))
    return Coded(level, rows.astype(np.int64), values)


def _column_write(place: Path, found: Column) -> None:
    if isinstance(found, Truth):
        np.save(place / "rows.npy", found.states)
    else:
        np.save(place / "rows.npy", found.codes.astype(np.int32))
        (place / "values.json").write_text(json.dumps(found.values), encoding="utf-8")
