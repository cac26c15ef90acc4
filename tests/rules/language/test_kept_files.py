"""Words that one process has split are read by the next, and never those of other texts."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from rules.engine import compile_rulebook
from rules.engine import table as engine_table
from rules.language import word_files
from rules.language.word_files import words_kept
from rules.language.word_table import WordTable

TEXTS = ["Red laptops, red", None, "", 5, "a laptop in 空気"]
Harm = Callable[[Path], None]


def told(table: WordTable) -> list[object]:
    return [*(table.words_at(at) for at in range(len(table))), table.holding("laptop").tolist()]


def never(texts: object) -> WordTable:
    raise AssertionError("split again")


def test_they_are_split_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = words_kept(tmp_path, TEXTS)
    assert told(first) == told(WordTable.of(TEXTS))
    monkeypatch.setattr(WordTable, "of", never)
    assert told(words_kept(tmp_path, TEXTS)) == told(first)
    with pytest.raises(AssertionError):
        words_kept(tmp_path, [*TEXTS[:-1], "a notebook"])
    monkeypatch.setattr(word_files, "_edition", lambda: b"another way to split")
    with pytest.raises(AssertionError):
        words_kept(tmp_path, TEXTS)


def cut(place: Path) -> None:
    (place / "ids.npy").write_bytes((place / "ids.npy").read_bytes()[:-4])


def lose(place: Path) -> None:
    (place / "vocabulary.txt").unlink()


@pytest.mark.parametrize("harm", [cut, lose, shutil.rmtree])
def test_a_file_that_is_gone_or_broken_is_made_anew(tmp_path: Path, harm: Harm) -> None:
    words_kept(tmp_path, TEXTS)
    (place,) = tmp_path.iterdir()
    harm(place)
    assert told(words_kept(tmp_path, TEXTS)) == told(WordTable.of(TEXTS))
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    assert told(words_kept(tmp_path, TEXTS)) == told(WordTable.of(TEXTS))


def test_nothing_is_written_where_the_folder_is_gone(tmp_path: Path) -> None:
    assert told(words_kept(tmp_path / "gone", TEXTS)) == told(WordTable.of(TEXTS))
    assert not (tmp_path / "gone").exists()


def test_a_new_process_counts_without_splitting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = pa.table({"text": ["red laptop", "空"]})
    items = pa.table({"title": ["laptop", "red bag", "空気"]})
    rows = np.array([0, 0, 1]), np.array([0, 1, 2])
    rule = {"code": "A", "title": "A", "ladder": [
        {"when": "size(missing_words(query.text, item.title)) == 1", "grade": "L1"}]}  # fmt: skip

    def fired() -> list[int]:
        monkeypatch.setattr(engine_table, "_frames", type(engine_table._frames)())
        found = compile_rulebook([rule]).evaluate_table(queries, items, rows, folder=tmp_path)
        rows_found: list[int] = found.fired["A"].rows.tolist()
        return rows_found

    first = fired()
    monkeypatch.setattr(WordTable, "of", never)
    assert fired() == first == [0, 1]
