"""The words of a corpus's long texts as files beside its Arrow files: split by one process, memory-mapped by the next.

A folder per column, named by its texts and by the code that splits them, holds one file per array and the vocabulary a
word a line. It goes with the folder of the corpus version.
"""

import hashlib
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from rules.language import texts, word_table
from rules.language.word_table import WordTable

_ARRAYS = ("ids", "offsets", "holders", "starts")
_VOCABULARY = "vocabulary.txt"
_AT_ONCE = 10_000


def words_kept(folder: Path, values: Sequence[Any]) -> WordTable:
    """The words of `values`; split and written where `folder` does not hold them."""
    place = folder / f"words-{_name(values)}"
    try:
        return _read(place, len(values))
    except (OSError, ValueError, EOFError):  # not there, or of a half-full disk
        found = WordTable.of(values)
        _write(place, found)
        return found


def _name(values: Sequence[Any]) -> str:
    """Follows from the texts and from what splits them, so that neither can change under it."""
    digest = hashlib.blake2b(_edition(), digest_size=16)
    for start in range(0, len(values), _AT_ONCE):
        some = (value if type(value) is str else "\1" for value in values[start : start + _AT_ONCE])
        digest.update("\0".join(some).encode("utf-8", "surrogatepass") + b"\2")
    return digest.hexdigest()


@cache
def _edition() -> bytes:
    """Changes with the code and the Unicode version that words depend on."""
    code = b"".join(Path(str(module.__file__)).read_bytes() for module in (texts, word_table))
    return code + unicodedata.unidata_version.encode()


def _read(place: Path, values: int) -> WordTable:
    ids, offsets, holders, starts = (np.load(place / f"{name}.npy", mmap_mode="r") for name in _ARRAYS)
    spelt = (place / _VOCABULARY).read_text(encoding="utf-8")
    vocabulary = spelt.split("\n") if spelt else []
    if not len(offsets) - 1 == values or not len(starts) - 1 == len(vocabulary) or len(ids) != len(holders):
        raise ValueError("the words of other texts")
    return WordTable(vocabulary, ids, offsets, holders, starts)


def _write(place: Path, found: WordTable) -> None:
    if not place.parent.is_dir():  # the corpus has moved on meanwhile, and its folder is gone
        return
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix="writing-"))
    try:
        for name in _ARRAYS:
            np.save(beside / f"{name}.npy", getattr(found, name))
        (beside / _VOCABULARY).write_text("\n".join(found.vocabulary), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        os.rename(beside, place)
    except OSError:  # somebody else has written them meanwhile, or the disk is full: they are split anew then
        shutil.rmtree(beside, ignore_errors=True)
