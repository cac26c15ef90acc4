"""The corpus as Arrow files: what rules are evaluated over, so that PostgreSQL's JSON is read once per corpus version.

A folder per corpus version lies under LORE_HOME: `queries.arrow` and `items.arrow` hold one row per query and per item
with its fields as columns, `pairs.arrow` the pairs as row numbers into both. Files are memory-mapped by whoever reads
them, written beside and renamed into place, and older versions are removed once a newer one stands.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.conf import settings
from django.db.models import Count, F, Max

from catalog.models import ImportRun, Item, ItemVersion, Lexicon, Pair, Query, SettledVerdict
from catalog.selectors import item_fields, query_fields
from rules.engine import Fired, PairVerdicts, Rulebook
from rules.language import Schema, language_value
from webapp.common.models import Corpus

Rows: TypeAlias = npt.NDArray[np.int64]
Tick: TypeAlias = Callable[[int, int], None]
FORMAT = "2"
CHUNK = 2_000
SLOW = 1.0  # seconds past which an editor is answered from a table of a moment ago
KEPT_VALUES = 200_000  # distinct values of a field that are looked through for "no item carries this value"


@dataclass(frozen=True)
class CorpusTable:
    """Fields of queries (queries,) and items (items,), and pairs (pairs,) as ids and rows into both.

    `item_versions` (items,) are the ids of the versions whose fields these are; `folder` is where its files lie.
    """

    revision: str
    queries: pa.Table
    items: pa.Table
    pair_ids: Rows
    query_rows: Rows
    item_rows: Rows
    item_versions: Rows
    folder: Path

    @property
    def pairs(self) -> tuple[Rows, Rows]:
        return self.query_rows, self.item_rows

    def __len__(self) -> int:
        return len(self.pair_ids)

    def evaluate(
        self,
        rulebook: Rulebook,
        known: Mapping[str, Fired] | None = None,
        tick: Callable[[int], None] | None = None,
    ) -> PairVerdicts:
        """The verdicts of a rulebook over all pairs (see `Rulebook.evaluate_table`)."""
        return rulebook.evaluate_table(self.queries, self.items, self.pairs, known, self.folder, tick)


def corpus_revision(corpus: Corpus) -> str:
    """A name for what the corpus holds now: changes with every import, query, item version, pair and lexicon."""
    marks: list[Any] = [FORMAT, corpus.pk, corpus.created_at.isoformat()]
    marks.append(Query.objects.filter(corpus=corpus).aggregate(top=Max("id"))["top"])
    marks.append(Item.objects.filter(corpus=corpus).aggregate(top=Max("current_id"))["top"])
    marks.append(Pair.objects.filter(corpus=corpus).aggregate(top=Max("id"))["top"])
    marks.append(Lexicon.objects.filter(corpus=corpus).aggregate(top=Max("id"))["top"])
    finished = (
        ImportRun.objects.filter(corpus=corpus).exclude(finished_at=None).aggregate(top=Max("finished_at"))
    )
    marks.append(str(finished["top"]))
    return hashlib.sha256(repr(marks).encode()).hexdigest()[:20]


def corpus_table(corpus: Corpus, tick: Tick | None = None) -> CorpusTable:
    """The table of the corpus as it stands now; built where it is not there yet, `tick(part, rows)` called meanwhile."""
    revision = corpus_revision(corpus)
    folder = _home(corpus) / revision
    if not (folder / "pairs.arrow").exists():
        corpus_table_build(corpus, revision, tick)
    return _opened(str(folder), revision)


def corpus_table_near(corpus: Corpus) -> CorpusTable:
    """The table for an editor's live answers: while an import changes a large corpus with each chunk, one from a moment
    ago will do, for a few times as long as it took to read.
    """
    known = _recent.get((corpus.pk, corpus.created_at.isoformat()))
    if known is not None and time.monotonic() < known.until:
        return known.table
    started = time.monotonic()
    table = corpus_table(corpus)
    took = time.monotonic() - started
    if took > SLOW:
        until = time.monotonic() + 10 * took
        _recent[corpus.pk, corpus.created_at.isoformat()] = _Recent(table, until)
    return table


@dataclass(frozen=True)
class _Recent:
    table: CorpusTable
    until: float


_recent: dict[tuple[int, str], _Recent] = {}


def corpus_table_build(corpus: Corpus, revision: str, tick: Tick | None = None) -> Path:
    """Write the files of one corpus version; returns their folder. Safe to run twice and side by side."""
    home = _home(corpus)
    home.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=home, prefix="building-"))
    try:
        query_ids = _write_queries(corpus, beside, tick)
        item_ids = _write_items(corpus, beside, tick)
        _write_pairs(corpus, beside, query_ids, item_ids)
        folder = home / revision
        try:
            os.rename(beside, folder)
        except OSError:  # somebody else has built this very version meanwhile
            if not (folder / "pairs.arrow").exists():
                raise
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    _sweep(home, revision)
    return folder


@dataclass(frozen=True)
class Settled:
    """Settled verdicts beside a table's pairs: grades (pairs,) int8, 0 where none is settled, and blind (pairs,) bool,
    whether the people behind it judged without sight of the rules.
    """

    grades: npt.NDArray[np.int8]
    blind: npt.NDArray[np.bool_]


def settled_grades(corpus: Corpus, table: CorpusTable) -> npt.NDArray[np.int8]:
    """Settled grades (pairs,) int8 beside the table's pairs, 0 where none is settled."""
    return settled_of(corpus, table).grades


def settled_of(corpus: Corpus, table: CorpusTable) -> Settled:
    """Settled verdicts beside the table's pairs; read again only once one of them has changed."""
    rows = SettledVerdict.objects.filter(pair__corpus=corpus)
    state = (table.revision, *rows.aggregate(n=Count("pk"), last=Max("at")).values())
    known = _settled.get((corpus.pk, corpus.created_at.isoformat()))
    if known is not None and known[0] == state:
        return known[1]
    found = _settled_read(corpus, table)
    if len(_settled) > 8:
        _settled.clear()
    _settled[corpus.pk, corpus.created_at.isoformat()] = state, found
    return found


_settled: dict[tuple[int, str], tuple[tuple[Any, ...], Settled]] = {}


def _settled_read(corpus: Corpus, table: CorpusTable) -> Settled:
    rows = SettledVerdict.objects.filter(pair__corpus=corpus).values_list("pair_id", "grade", "blind")
    found = np.array(list(rows.iterator(chunk_size=20_000)), np.int64).reshape(-1, 3)
    grades, blind = np.zeros(len(table), np.int8), np.zeros(len(table), np.bool_)
    if len(found) and len(table):
        place = np.searchsorted(table.pair_ids, found[:, 0])
        place[place == len(table)] = 0
        known = table.pair_ids[place] == found[:, 0]
        grades[place[known]], blind[place[known]] = found[known, 1], found[known, 2] == 1
    return Settled(grades, blind)


def schema_of(table: CorpusTable) -> Schema:
    """Field names and types that the corpus carries, for the checker and for completion."""
    return _schema(table.revision, table)


def field_values(table: CorpusTable, field: str) -> frozenset[str]:
    """The distinct texts that a field carries (list elements included); empty where it carries no text."""
    side, _, name = field.partition(".")
    source = table.queries if side == "query" else table.items
    if name not in source.column_names:
        return frozenset()
    column = source.column(name)
    if pa.types.is_dictionary(column.type):
        values = column.unify_dictionaries().combine_chunks()
        array = values.chunk(0) if isinstance(values, pa.ChunkedArray) else values
        return frozenset(array.dictionary.to_pylist()[:KEPT_VALUES])
    found: set[str] = set()
    for value in column.to_pylist():
        found.update(v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str))
        if len(found) > KEPT_VALUES:
            break
    return frozenset(found)


def _home(corpus: Corpus) -> Path:
    return Path(settings.LORE_HOME) / "corpus-tables" / str(corpus.pk)


def _write_queries(corpus: Corpus, folder: Path, tick: Tick | None) -> Rows:
    rows = Query.objects.filter(corpus=corpus).order_by("id")
    ids, columns = _gather(((q.pk, query_fields(q)) for q in rows.iterator(chunk_size=CHUNK)), tick, 1)
    _write(folder / "queries.arrow", {"": ids, **columns})
    return ids


def _write_items(corpus: Corpus, folder: Path, tick: Tick | None) -> Rows:
    rows = ItemVersion.objects.filter(item__corpus=corpus, item__current_id=F("id")).order_by("item_id")
    rows = rows.select_related("item", "payload")
    versions: list[int] = []

    def each() -> Iterable[tuple[int, Mapping[str, Any]]]:
        for version in rows.iterator(chunk_size=CHUNK):
            versions.append(version.pk)
            yield version.item_id, item_fields(version)

    ids, columns = _gather(each(), tick, 2)
    _write(folder / "items.arrow", {"": ids, "\x00version": np.array(versions, np.int64), **columns})
    return ids


def _write_pairs(corpus: Corpus, folder: Path, query_ids: Rows, item_ids: Rows) -> None:
    rows = Pair.objects.filter(corpus=corpus).order_by("id").values_list("id", "query_id", "item_id")
    flat = np.fromiter(
        (number for row in rows.iterator(chunk_size=20_000) for number in row), np.int64
    ).reshape(-1, 3)
    query_rows, item_rows = np.searchsorted(query_ids, flat[:, 1]), np.searchsorted(item_ids, flat[:, 2])
    whole = _found(query_ids, query_rows, flat[:, 1]) & _found(item_ids, item_rows, flat[:, 2])
    columns = {"pair": flat[whole, 0], "query_row": query_rows[whole], "item_row": item_rows[whole]}
    _write(folder / "pairs.arrow", columns)


def _found(ids: Rows, rows: Rows, wanted: Rows) -> npt.NDArray[np.bool_]:
    """Which wanted ids are there: a row committed between two of our reads has no field row, and waits a version."""
    if not len(ids):
        return np.zeros(len(wanted), np.bool_)
    found: npt.NDArray[np.bool_] = (rows < len(ids)) & (ids[np.minimum(rows, len(ids) - 1)] == wanted)
    return found


def _gather(
    rows: Iterable[tuple[int, Mapping[str, Any]]], tick: Tick | None, part: int
) -> tuple[Rows, dict[str, pa.Array]]:
    ids: list[int] = []
    columns: dict[str, list[Any]] = {}
    for at, (pk, fields) in enumerate(rows):
        ids.append(pk)
        for name, value in fields.items():
            column = columns.setdefault(name, [])
            column.extend([None] * (at - len(column)))
            column.append(language_value(value))
        if tick is not None and at % CHUNK == 0:
            tick(part, at)
    size = len(ids)
    arrays = {
        name: arrow_column([*values, *[None] * (size - len(values))]) for name, values in columns.items()
    }
    return np.array(ids, np.int64), arrays


def arrow_column(values: list[Any]) -> pa.Array:
    """Language values (rows,) as Arrow; a column of several types becomes a union, so that none is bent into another."""
    values = [_even(value) if isinstance(value, list) else value for value in values]
    kinds = {_kind(value) for value in values if value is not None}
    if len(kinds) == 2 and "list of " in kinds and any(kind.startswith("list of s") for kind in kinds):
        kinds.discard("list of ")  # an empty list goes with the texts
    if kinds == {"string"}:
        return pa.array(values, pa.string()).dictionary_encode()
    if len(kinds) <= 1:
        return pa.array(values, pa.null() if not kinds else None)
    names = [*sorted(kinds), "null"]
    children: list[list[Any]] = [[] for _ in names]
    types, offsets = np.empty(len(values), np.int8), np.empty(len(values), np.int32)
    for row, value in enumerate(values):
        child = len(names) - 1 if value is None else names.index(_kind(value))
        types[row], offsets[row] = child, len(children[child])
        children[child].append(value)
    return pa.UnionArray.from_dense(
        pa.array(types), pa.array(offsets), [pa.array(child) for child in children], names
    )


def _even(value: list[Any]) -> list[Any] | None:
    """A list of one type. Whole and decimal numbers together become decimals (equal by value); other mixtures, which
    no rule can compare as a whole, are left unknown.
    """
    kinds = {type(element) for element in value}
    if kinds == {int, float}:
        return [float(element) for element in value]
    return value if len(kinds) <= 1 else None


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return "list of " + " ".join(sorted({type(x).__name__ for x in value}))
    return {str: "string", int: "int", float: "double", bool: "bool"}[type(value)]


def _write(path: Path, columns: Mapping[str, Any]) -> None:
    table = pa.table(dict(columns))
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)


def _read(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


@lru_cache(maxsize=8)
def _opened(folder: str, revision: str) -> CorpusTable:
    queries, items, pairs = (_read(Path(folder) / f"{name}.arrow") for name in ("queries", "items", "pairs"))
    rows = {name: pairs.column(name).to_numpy() for name in ("pair", "query_row", "item_row")}
    return CorpusTable(
        revision=revision,
        queries=queries.drop_columns([""]),
        items=items.drop_columns(["", "\x00version"]),
        pair_ids=rows["pair"],
        query_rows=rows["query_row"],
        item_rows=rows["item_row"],
        item_versions=items.column("\x00version").to_numpy(),
        folder=Path(folder),
    )


def _sweep(home: Path, revision: str) -> None:
    """Remove versions that are no longer current; a reader that has one mapped keeps its files until it lets go."""
    for old in home.iterdir():
        if old.name != revision and not old.name.startswith("building-"):
            shutil.rmtree(old, ignore_errors=True)


_schemas: dict[str, Schema] = {}


def _schema(revision: str, table: CorpusTable) -> Schema:
    if revision not in _schemas:
        fields = {f"query.{column.name}": _type_name(column.type) for column in table.queries.schema}
        fields |= {f"item.{column.name}": _type_name(column.type) for column in table.items.schema}
        if len(_schemas) > 32:
            _schemas.clear()
        _schemas[revision] = Schema(fields)
    return _schemas[revision]


def _type_name(kind: pa.DataType) -> str:
    if pa.types.is_dictionary(kind) or pa.types.is_string(kind):
        return "string"
    if pa.types.is_integer(kind):
        return "int"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_boolean(kind):
        return "bool"
    return "list" if pa.types.is_list(kind) else "any"
