"""What one process has worked out over a corpus is read by the next, and never what belongs to something else."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from rules.engine import compile_rulebook
from rules.engine import table as engine_table
from rules.language import kept_files, terms
from rules.language.columns import ITEM, Coded, Column, Truth, encode
from rules.language.kept_files import KeptFiles
from rules.language.word_table import WordTable

TEXTS = ["Red laptops, red", None, "", 5, "a laptop in 空気"]
Harm = Callable[[Path], None]


def told(table: WordTable) -> list[object]:
    return [*(table.words_at(at) for at in range(len(table))), table.holding("laptop").tolist()]


def never(*given: Any) -> Any:
    raise AssertionError("worked out again")


def test_words_are_split_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = KeptFiles(tmp_path, "{}")
    first = files.words("item.title", TEXTS)
    assert told(first) == told(WordTable.of(TEXTS))
    monkeypatch.setattr(WordTable, "of", never)
    assert told(files.words("item.title", TEXTS)) == told(first)
    assert told(KeptFiles(tmp_path, '{"kinds": {}}').words("item.title", TEXTS)) == told(first)
    with pytest.raises(AssertionError):
        files.words("item.title", TEXTS[:-1])
    with pytest.raises(AssertionError):
        files.words("lower(item.title)", TEXTS)
    monkeypatch.setattr(kept_files, "code_mark", lambda: "another way to split")
    with pytest.raises(AssertionError):
        files.words("item.title", TEXTS)


@pytest.mark.parametrize(
    "values",
    [["a", None, "a", "空"], [1, 1.0, True, None], [["a"], [], None, ["a", "b"]], [True, False, None, True],
     [0.5, float("inf"), -3, "x"], [None, None]],
)  # fmt: skip
def test_columns_come_back_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: list[Any]
) -> None:
    monkeypatch.setattr(kept_files, "WORTH", -1.0)
    files, first = KeptFiles(tmp_path, "{}"), encode(ITEM, values)
    assert files.column("f(item.a)", ITEM, lambda: first) is first
    again = files.column("f(item.a)", ITEM, never)
    assert shown(again) == shown(first)
    assert (
        KeptFiles(tmp_path, '{"kinds": {}}').column("f(item.a)", ITEM, lambda: first) is first
    )  # other tables


def shown(column: Column) -> list[str]:
    if isinstance(column, Truth):
        return [str(state) for state in column.states.tolist()]
    assert isinstance(column, Coded) and column.codes.dtype == np.int64
    return [repr(column.values[code]) if code >= 0 else "" for code in column.codes.tolist()]


def test_what_took_no_time_is_not_written(tmp_path: Path) -> None:
    KeptFiles(tmp_path, "{}").column("f(item.a)", ITEM, lambda: encode(ITEM, ["a"]))
    assert not list(tmp_path.iterdir())


def cut(place: Path) -> None:
    (place / "ids.npy").write_bytes((place / "ids.npy").read_bytes()[:-4])


def lose(place: Path) -> None:
    (place / "vocabulary.txt").unlink()


@pytest.mark.parametrize("harm", [cut, lose, shutil.rmtree])
def test_a_file_that_is_gone_or_broken_is_made_anew(tmp_path: Path, harm: Harm) -> None:
    files = KeptFiles(tmp_path, "{}")
    files.words("item.title", TEXTS)
    (place,) = tmp_path.iterdir()
    harm(place)
    assert told(files.words("item.title", TEXTS)) == told(WordTable.of(TEXTS))
    assert [path.name for path in tmp_path.iterdir()] == [place.name]
    assert told(files.words("item.title", TEXTS)) == told(WordTable.of(TEXTS))


def test_nothing_is_written_where_the_folder_is_gone(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path / "gone", "{}")
    assert told(files.words("item.title", TEXTS)) == told(WordTable.of(TEXTS))
    assert not (tmp_path / "gone").exists()


def test_the_latest_stay(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, "{}")
    for number in range(kept_files.MOST["words"] + 3):
        files.words(f'item.title + "{number}"', TEXTS)
    assert len(list(tmp_path.iterdir())) == kept_files.MOST["words"]


def test_a_new_process_counts_without_reading_a_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queries = pa.table({"text": ["red laptop", "空"]})
    items = pa.table({"title": ["laptop", "red bag", "空気"]})
    rows = np.array([0, 0, 1]), np.array([0, 1, 2])
    when = 'size(missing_words(query.text, item.title)) == 1 && kind_of(item.title, "kinds") != "x"'
    rule = {"code": "A", "title": "A", "ladder": [{"when": when, "grade": "L1"}]}
    tables = {"kinds": {"notebook": ["laptop"], "bag": []}}

    def fired() -> list[int]:
        monkeypatch.setattr(engine_table, "_frames", type(engine_table._frames)())
        found = compile_rulebook([rule], tables).evaluate_table(queries, items, rows, folder=tmp_path)
        rows_found: list[int] = found.fired["A"].rows.tolist()
        return rows_found

    monkeypatch.setattr(kept_files, "WORTH", -1.0)
    first = fired()
    monkeypatch.setattr(WordTable, "of", never)
    monkeypatch.setattr(terms.Terms, "_found", never)
    assert fired() == first == [0, 1]
