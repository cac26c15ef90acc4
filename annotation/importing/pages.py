"""Verdicts on pages, and choices between two, from a file: the pages come with them, as they were shown."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from django.db import connection

from annotation.formats import Incoming
from annotation.importing import page_statements as sql
from annotation.importing.keys import NAMESPACE
from annotation.importing.moments import moment_of
from annotation.importing.texts import bigint_or_none, plain, uuid_or_none
from catalog.keys import query_key
from webapp.common.models import Corpus

TABLES = (
    ("annotation_pageverdict", "answer.other_place IS NULL", (("page_id", "place"),)),
    ("annotation_pagepreference", "answer.other_place IS NOT NULL",
     (("page_id", "place"), ("other_page_id", "other_place"))),
)  # fmt: skip
MENDS = {
    "query": ("unknown query", "give the query's text"),
    "unknown": ("unknown item", "import the item first, or correct its id"),
    "twice": ("item given twice", "an item stands on a page once: take one out"),
}


@dataclass(frozen=True)
class Answer:
    """What a row says of a page or of two; `person` and `release` are ids of this corpus."""

    row: Incoming
    person: int
    release: int


@dataclass(frozen=True)
class Taken:
    """What came of a chunk. `faults` are ready to be written among the rejections: line, field, reason, mend, row."""

    new: int
    known: int
    queries: int
    pairs: int
    faults: list[tuple[int, str, str, str, list[str]]]


class Pages:
    """The answers on pages of one import, chunk by chunk. `make_queries` makes those texts queries of the corpus."""

    def __init__(self, corpus: Corpus, make_queries: Callable[[list[str]], int]) -> None:
        self.corpus, self.make_queries = corpus, make_queries

    def take(self, answers: Sequence[Answer]) -> Taken:
        """Take up a chunk, in as many statements whatever its size."""
        self._stage(answers)
        for statement in (*sql.ITEMS, *sql.QUERIES):
            self._run(statement)
        faults = self._faults({answer.row.line: answer.row.id for answer in answers})
        self._known()
        self._run(sql.DROP_DOUBLES)
        texts = [text for (text,) in self._rows(sql.NEW_QUERIES)]
        queries = self.make_queries(texts)
        self._run(sql.QUERIES[0])
        pairs = self._run(sql.PAIRS)
        for statement in (*sql.CONTENTS, *sql.NEW_PAGES):
            self._run(statement)
        for table, mine, _ in TABLES:
            self._run(sql.REPLACES.format(table=table, mine=mine.replace("answer.", "later.")))
        new = self._run(sql.VERDICTS) + self._run(sql.PREFERENCES)
        return Taken(new, len(answers) - len(faults) - new, queries, pairs, faults)

    def _stage(self, answers: Sequence[Answer]) -> None:
        places = count()
        numbered = [
            (answer, [next(places) for _ in (answer.row.page_answer or {})["pages"]]) for answer in answers
        ]
        self._run(sql.CLEAR)
        self._copy("lore_page", (row for answer, at in numbered for row in self._pages(answer.row, at)))
        self._copy("lore_page_item", (row for answer, at in numbered for row in _items(answer.row, at)))
        self._copy("lore_page_answer", (self._answer(answer, at) for answer, at in numbered))
        self._run(sql.ANALYZE)

    def _pages(self, row: Incoming, places: Sequence[int]) -> Iterator[tuple[Any, ...]]:
        text = " ".join(plain(row.query).split())[:500]
        for place, page in zip(places, (row.page_answer or {})["pages"], strict=True):
            yield (
                place, row.line, place != places[0], text, query_key(text), plain(row.topic),
                plain(str(page.get("name") or ""))[:120], moment_of(str(page.get("at") or "")), plain(row.corpus),
                bigint_or_none(page.get("id")),
            )  # fmt: skip

    def _answer(self, answer: Answer, places: Sequence[int]) -> tuple[Any, ...]:
        row, given = answer.row, answer.row.page_answer or {}
        own, replaced = uuid_or_none(row.id), uuid_or_none(row.supersedes)
        key = own or self._made(_said(answer))
        return (
            row.line, places[0], places[1] if len(places) == 2 else None, key, self._made(own) if own else key,
            answer.person, answer.release, given["said"], given["left"] == "other_page", given["seconds"], row.blind,
            plain(row.comment)[:2000], moment_of(row.at), replaced, self._made(replaced) if replaced else None,
        )  # fmt: skip

    def _made(self, of: Any) -> uuid.UUID:
        """An id made of what a row says, or of an id that is another corpus's: the same each time."""
        return uuid.uuid5(NAMESPACE, f"{self.corpus.pk}:{of}")

    def _faults(self, ids: dict[int, str]) -> list[tuple[int, str, str, str, list[str]]]:
        """What cannot be taken is taken out, and told."""
        found = []
        for line, other, kind, docid, query in self._rows(sql.FAULTS):
            reason, mend = MENDS[kind]
            field = "query" if kind == "query" else "other_page.items" if other else "page.items"
            found.append((line, field, reason, mend, [query, ids[line], docid]))
        for statement in sql.DROP_FAULTY if found else ():
            self._run(statement, faulty=[line for line, *_ in found])
        return found

    def _known(self) -> None:
        keep, pages, drop = sql.KNOWN
        for table, mine, columns in TABLES:
            self._run(keep.format(table=table, mine=mine))
            for column, place in columns:
                self._run(pages.format(table=table, mine=mine, column=column, place=place))
            self._run(drop.format(table=table, mine=mine))

    def _copy(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({sql.COPIES[table]}) FROM STDIN") as out,
        ):
            for row in rows:
                out.write_row(row)

    def _run(self, statement: str, **values: Any) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"corpus": self.corpus.pk, **values})
            return max(0, int(cursor.rowcount))

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())


def _items(row: Incoming, places: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    for place, page in zip(places, (row.page_answer or {})["pages"], strict=True):
        for position, one in enumerate(page["items"], 1):
            yield place, position, plain(str(one["docid"])), plain(str(one.get("item_version") or ""))


def _said(answer: Answer) -> list[Any]:
    """What tells an answer without an id from any other."""
    row, given = answer.row, answer.row.page_answer or {}
    items = [[one["docid"] for one in page["items"]] for page in given["pages"]]
    return [row.query, items, answer.person, given["said"], row.at]
