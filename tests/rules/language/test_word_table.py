"""Functions asked of many pairs at once answer as they do pair by pair; what was worked out is kept within bounds."""

import random

import numpy as np
import pyarrow as pa
import pytest

from rules.engine import compile_rulebook
from rules.engine import table as engine_table
from rules.language import Frame, Language, View
from rules.language.columns import ITEM, Coded
from rules.language.kept_columns import Kept
from rules.language.parser import parse
from rules.language.word_table import WordTable

TABLES = {
    "kinds": {"notebook": ["laptop", "mobile work station"], "case": ["sleeve", "laptop bag"], "空": ["空気"]}
}
WORDS = [
    "laptop", "laptops", "notebook", "mobile", "work", "station", "sleeve", "bag", "for", "the", "空", "空気", "x1",
    "case", "cases", "red", "Red,", "(red)",
]  # fmt: skip


def _rows(count: int, name: str, seed: int) -> pa.Table:
    dice = random.Random(seed)
    texts = [" ".join(dice.choices(WORDS, k=dice.randrange(7))) for _ in range(count - 2)]
    return pa.table({name: [*texts, None, "laptop " * 4_000 + "red"]})


@pytest.mark.parametrize("pairs", [400, 15])
@pytest.mark.parametrize("extra", ["", ', "kinds"', ', "unheard of"'])
def test_missing_words_of_many_pairs(extra: str, pairs: int) -> None:
    queries, items = _rows(30, "text", 1), _rows(40, "title", 2)
    dice = np.random.default_rng(3)
    rows = dice.integers(0, 30, pairs), dice.integers(0, 40, pairs)
    language = Language.with_tables(TABLES)
    found = View(Frame(queries, items, language.functions), *rows).column(
        parse(f"missing_words(query.text, item.title{extra})")
    )
    assert isinstance(found, Coded)
    body = language.functions["missing_words"].body
    texts, titles = queries.column("text").to_pylist(), items.column("title").to_pylist()
    others = ["kinds"] if "kinds" in extra else ["unheard of"] if extra else []
    for code, q, i in zip(found.codes, *rows, strict=True):
        known = texts[q] is not None and titles[i] is not None
        expected = body(texts[q], titles[i], *others) if known else None
        assert (found.values[code] if code >= 0 else None) == expected, (texts[q], titles[i])


def test_the_words_of_a_column() -> None:
    table = WordTable.of(["Red laptops, red", None, "", "a laptop"])
    assert [table.words_at(at) for at in range(4)] == [("red", "laptop", "red"), (), (), ("a", "laptop")]
    assert table.holding("laptop").tolist() == [0, 3]
    assert table.holding("green").tolist() == []
    assert table.holding_all(["red", "laptop"]).tolist() == [True, False, False, False]
    assert table.holding_all(["green"]).tolist() == [False] * 4


def test_kept_columns_stay_within_their_bound() -> None:
    kept = Kept(budget=3_000)
    for name in "abc":
        kept.put(name, Coded(ITEM, np.zeros(100, np.int64), []))
        kept.get("a")
    kept.put("d", Coded(ITEM, np.zeros(100, np.int64), []))
    assert kept.held <= kept.budget
    assert [name for name in "abcd" if kept.get(name) is not None] == ["a", "c", "d"]


def test_an_edit_finds_what_was_worked_out_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next keystroke over the same corpus asks no text again; other tables do."""
    queries, items = _rows(30, "text", 4), _rows(40, "title", 5)
    rows = np.arange(30), np.arange(30)
    rule = {
        "code": "A",
        "title": "A",
        "scope": "true",
        "ladder": [{"when": "", "grade": "L1", "dimension": ""}],
    }

    def asked(when: str, tables: dict[str, object]) -> int:
        rule["ladder"] = [{"when": when, "grade": "L1", "dimension": ""}]
        compile_rulebook([rule], tables).evaluate_table(queries, items, rows)
        return len(split)

    split: list[int] = []
    real = WordTable.of
    monkeypatch.setattr(WordTable, "of", lambda texts: split.append(1) or real(texts))
    monkeypatch.setattr(engine_table, "_frames", type(engine_table._frames)())
    assert asked('size(missing_words(query.text, item.title, "kinds")) == 0', TABLES) == 1
    assert asked('size(missing_words(query.text, item.title, "kinds")) <= 1', TABLES) == 1
    assert asked('size(missing_words(query.text, item.title, "kinds")) <= 1', {"kinds": {"a": ["b"]}}) == 2
