"""Formats that hold one settled grade a pair: Quepid's case CSV, TREC qrels, OpenSearch judgments.

They name neither people nor dimensions; a rating of 0 to 3 stands for L1 to L4, as search tools count.
"""

import csv
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from annotation.formats.base import (
    Fault,
    Found,
    Incoming,
    Rated,
    Unreadable,
    csv_line,
    dumps,
    guarded,
    json_rows,
    lines_of,
    rating_read,
    unguarded,
)

RATING = "a rating is 0, 1, 2 or 3"


def csv_write(rows: Iterable[Rated]) -> Iterator[str]:
    for row in rows:
        yield csv_line([guarded(row.query), guarded(row.docid), str(row.grade - 1)])


def csv_read(path: Path, sidecar: Path | None = None) -> Found:
    """`query,docid,rating`; an empty rating says that nobody has judged the pair yet, and is passed over."""
    with path.open(encoding="utf-8-sig", errors="backslashreplace", newline="") as stream:
        reader = csv.DictReader(stream)
        names = {name.strip().casefold(): name for name in reader.fieldnames or []}
        if not {"query", "docid", "rating"} <= names.keys():
            raise Unreadable("The file needs the columns query, docid and rating.")
        for row in reader:
            query, docid, rating = (str(row[names[name]] or "") for name in ("query", "docid", "rating"))
            grade = rating_read(rating)
            if not query.strip() or not docid.strip():
                yield Fault(reader.line_num, "query, docid", "missing", "fill both", list(row.values()))
            elif grade is not None:
                yield Incoming(reader.line_num, unguarded(docid), unguarded(query), grade=grade, settled=True)
            elif rating.strip():
                yield Fault(reader.line_num, "rating", "no rating", RATING, list(row.values()))


def qrels_write(rows: Iterable[Rated]) -> Iterator[str]:
    """`topic 0 docno relevancy`; blanks in a docno become underscores, for the format has no quotes."""
    for row in rows:
        yield f"{row.query_id} 0 {docno(row.docid)} {row.grade - 1}\n"


def docno(docid: str) -> str:
    return "_".join(docid.split()) or "_"


def topics_write(rows: Iterable[tuple[int, str]]) -> Iterator[str]:
    """The sidecar of qrels: `topic<TAB>query text`."""
    for query_id, text in rows:
        yield f"{query_id}\t{' '.join(text.split())}\n"


def qrels_read(path: Path, sidecar: Path | None = None) -> Found:
    """Topics are looked up in the sidecar; without one they are the queries' own ids in this corpus."""
    topics = _topics(sidecar) if sidecar else {}
    for number, line in lines_of(path):
        parts = line.split()
        if len(parts) != 4:
            yield Fault(number, "", "not four columns", "topic iteration docno relevancy", line)
            continue
        topic, _, name, relevancy = parts
        grade = rating_read(relevancy)
        if grade is None:
            yield Fault(number, "relevancy", "no relevancy", "0, 1, 2 or 3", line)
        elif topics and topic not in topics:
            yield Fault(number, "topic", "unknown topic", "add it to the topics file", line)
        else:
            yield Incoming(number, name, topics.get(topic, ""), topic, grade=grade, settled=True)


def _topics(path: Path) -> dict[str, str]:
    rows = (line.partition("\t") for _, line in lines_of(path))
    return {topic.strip(): text.strip() for topic, _, text in rows if text.strip()}


def opensearch_write(rows: Iterable[Rated]) -> Iterator[str]:
    """One element of `judgmentRatings` a query; a rating is text that reads as a number, as the plugin wants it."""
    for query, group in groupby(rows, key=lambda row: row.query):
        ratings = [{"docId": row.docid, "rating": f"{row.grade - 1}.0"} for row in group]
        yield dumps({"query": query, "ratings": ratings})


def opensearch_read(path: Path, sidecar: Path | None = None) -> Found:
    for number, row in json_rows(path, "judgmentRatings"):
        ratings = row.get("ratings") if isinstance(row, dict) else None
        if not isinstance(ratings, list) or not row.get("query"):
            yield Fault(number, "query", "missing", "an element has `query` and `ratings`", row)
            continue
        for one in ratings:
            docid = str(one.get("docId") or "") if isinstance(one, dict) else ""
            grade = rating_read(one.get("rating")) if docid else None
            if not docid or grade is None:
                yield Fault(number, "rating" if docid else "docId", "no rating", RATING, [row["query"], one])
            else:
                yield Incoming(number, docid, str(row["query"]), grade=grade, settled=True)
