"""Chunks of what a file says into judgments and rankings; a chunk is whole or absent, and safe to take up again."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from annotation.formats import Fault, Incoming
from annotation.importing import page_statements as page_sql
from annotation.importing import statements as sql
from annotation.importing.moments import moment_of
from annotation.importing.pages import Answer, Pages
from annotation.importing.people import Raters
from annotation.importing.rankings import Rankings
from annotation.importing.texts import bigint_or_none, plain, uuid_or_none
from annotation.models import Judgment
from catalog.importing.rejections import Rejections
from catalog.importing.statements import COUNTERS
from catalog.keys import query_key
from catalog.selectors import lexicon_current, matcher_for
from relevance.grades import DIMENSIONS
from rules.models import Release
from webapp.common.models import Corpus

CHUNK = 20_000  # rows taken up together; a row about a page weighs as many as items stand on it
Fence = Callable[[], AbstractContextManager[None]]
Tick = Callable[[int], None]


class AnswerLoader:
    """One import's session. `fence` opens the transaction of a chunk (and rolls it back in a dry run)."""

    def __init__(
        self, corpus: Corpus, external: Release, source: str, fence: Fence, rejections: Rejections, tick: Tick, file: str
    ) -> None:  # fmt: skip
        self.corpus, self.external, self.fence, self.tick = corpus, external, fence, tick
        self.rejections, self.file = rejections, file
        self.raters, self.pages = Raters(corpus, source), Pages(corpus, self._queries)
        self.rankings = Rankings(corpus)
        self.values: dict[str, Any] = {"corpus": corpus.pk, "method": f"import of {source}"[:80]}
        self.counts: Counter[str] = Counter()
        self.releases = dict(
            Release.objects.filter(corpus=corpus, state="published").values_list("number", "pk")
        )
        named = Release.objects.filter(corpus=corpus).values_list("dimensions", flat=True)
        self.dimensions = {str(name) for names in named for name in names} | {
            str(name) for name in DIMENSIONS
        }

    def load(self, found: Iterable[Incoming | Fault]) -> None:
        """Take up all of it; what cannot be taken goes to the rejections."""
        self._run(sql.STAGE + page_sql.STAGE)
        for chunk in _chunks(self._fitting(found)):
            with self.fence():
                self._chunk(chunk)
            self.counts["rows"] += len(chunk)
            self.tick(chunk[-1].line)
        with self.fence():
            self._run(COUNTERS)
        self._run(f"{sql.UNSTAGE}; {page_sql.UNSTAGE}")

    def _fitting(self, found: Iterable[Incoming | Fault]) -> Iterator[Incoming]:
        for row in found:
            if isinstance(row, Fault):
                self._reject(row.line, row.field, row.reason, row.mend, row.row)
            elif row.dimension and row.dimension not in self.dimensions:
                mend = "add it to a release, or correct it"
                self._reject(
                    row.line, "dimension", "unknown dimension", mend, [row.query, row.docid, row.dimension]
                )
            else:
                yield row

    def _reject(self, line: int, field: str, reason: str, mend: str, row: Any) -> None:
        self.rejections.add(line, self.file, field, reason, mend, row)

    def _run(self, statement: str) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return max(0, int(cursor.rowcount))

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, self.values)
            return list(cursor.fetchall())

    def _chunk(self, chunk: list[Incoming]) -> None:
        self.raters.forget()
        self._on_pages([row for row in chunk if row.page_answer is not None])
        self._judged([row for row in chunk if row.ranking is None and row.page_answer is None])
        ranked = [row for row in chunk if row.ranking is not None]
        self.rankings.begin(ranked)
        for row in ranked:
            self._ranking(row)
        self.rankings.write()

    def _judged(self, rows: list[Incoming]) -> None:
        if not rows:
            return
        self._stage(rows)
        for statement in (sql.ON_PAGES, *sql.ITEMS):
            self._run(statement)
        self.counts["new queries"] += self._queries([text for (text,) in self._rows(sql.NEW_QUERIES)])
        for statement in sql.QUERIES:
            self._run(statement)
        self._left_out()
        self.counts["new pairs"] += self._run(sql.PAIRS)
        self._run(sql.PAIR_IDS)
        self._take()

    def _queries(self, texts: list[str]) -> int:
        """New queries with their facets and a place in the tail, all of a chunk in one statement."""
        if not texts:
            return 0
        lexicon = lexicon_current(self.corpus)
        facets = matcher_for(lexicon).facets
        rows = [{"text": " ".join(t.split())[:500], "key": query_key(t), "facets": facets(t)} for t in texts]
        values = {**self.values, "lexicon": lexicon.pk if lexicon else None, "rows": json.dumps(rows)}
        with connection.cursor() as cursor:
            cursor.execute(sql.MAKE_QUERIES, values)
            return max(0, int(cursor.rowcount))

    def _stage(self, rows: list[Incoming]) -> None:
        staged = [self._staged(row) for row in rows]  # finds people, before the COPY has the connection
        self._run(sql.CLEAR)
        with connection.cursor() as cursor, cursor.copy(sql.COPY) as out:
            for row in staged:
                out.write_row(row)
        self._run(sql.ANALYZE)

    def _staged(self, row: Incoming) -> tuple[Any, ...]:
        grade, text = None if row.withdrawn else row.grade, plain(row.query)
        dimension = row.dimension if grade in (1, 2) else ""
        if grade == 2 and not dimension:
            dimension = "unstated"
        disagreement = row.disagreement if row.disagreement in Judgment.Disagreement.values else ""
        return (
            row.line, text[:500], query_key(text), plain(row.topic), plain(row.docid), plain(row.item_version),
            grade, plain(dimension)[:40], self.raters.find(row.person, row.email), uuid_or_none(row.id), moment_of(row.at),
            plain(row.comment)[:4000], row.seconds, row.picture_decided, row.blind, disagreement,
            _codes(row.rules_shown), _codes(row.rules_cited), self._release(row), uuid_or_none(row.supersedes),
            row.settled, plain(row.corpus), bigint_or_none(row.page),
        )  # fmt: skip

    def _release(self, row: Incoming) -> int:
        """The release it names, where it was said in this very corpus; else the external guideline."""
        own = row.corpus == self.corpus.slug and row.release is not None
        return self.releases.get(row.release, self.external.pk) if own and row.release else self.external.pk

    def _left_out(self) -> None:
        for line, field, query, topic, docid, grade in self._rows(sql.UNKNOWN):
            reason, mend = ("unknown item", "import the item first, or correct its id") if field == "docid" else (
                "unknown query", "give the query's text, or a topics file")  # fmt: skip
            self._reject(line, field, reason, mend, [query or topic, docid, grade])
        self._run(sql.DROP_UNKNOWN)

    def _take(self) -> None:
        self._run(sql.IDS)
        self._run(sql.PLACES)
        for line, *row in self._rows(sql.DOUBLES):
            mend = "keep one of them; the first was taken"
            self._reject(line, "query, docid, person", "given twice", mend, row)
        self._run(sql.DROP_DOUBLES)
        staged = self._rows("SELECT count(*) FROM lore_answer")[0][0]
        new = self._run(sql.JUDGMENTS)
        self._run(sql.NOTES)
        self.counts["new judgments"] += new
        self.counts["known judgments"] += staged - new
        self.counts["settled pairs"] += self._run(sql.SETTLED) + self._run(sql.MAJORITY)

    def _ranking(self, row: Incoming) -> None:
        person = self.raters.find(row.person, row.email)
        release = self._release(row)
        try:
            new = self.rankings.take(row, person=person, release=release, at=moment_of(row.at))
        except ValueError as error:
            self._reject(row.line, "ranking", str(error), "correct it", [row.query, row.docid])
            return
        self.counts["new rankings" if new else "known rankings"] += 1

    def _on_pages(self, rows: list[Incoming]) -> None:
        if not rows:
            return
        said = [Answer(row, self.raters.find(row.person, row.email), self._release(row)) for row in rows]
        taken = self.pages.take(said)
        for fault in taken.faults:
            self._reject(*fault)
        self.counts["new verdicts on pages"] += taken.new
        self.counts["known verdicts on pages"] += taken.known
        self.counts["new queries"] += taken.queries
        self.counts["new pairs"] += taken.pairs


def _chunks(rows: Iterable[Incoming]) -> Iterator[list[Incoming]]:
    """Rows that are taken up together: so many that what is held of them does not grow with the file."""
    chunk: list[Incoming] = []
    weight = 0
    for row in rows:
        chunk.append(row)
        pages = row.page_answer["pages"] if row.page_answer else ()
        weight += 1 + sum(len(page["items"]) for page in pages)
        if weight >= CHUNK:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk


def _codes(codes: Iterable[str]) -> str:
    return json.dumps([plain(code) for code in codes])
