"""Judgments as files, row by row: native JSONL with full provenance, CSV `query,docid,rating`, TREC qrels. Pure writers."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from io import StringIO
from typing import Any, NamedTuple

FORMULA = ("-", "=", "+", "@", "\t", "\r")
NAMES = {"jsonl": "judgments.jsonl", "csv": "judgments.csv", "qrels": "qrels.txt"}


class Rated(NamedTuple):
    """One pair with its settled grade (1..4), as the exchange formats want it."""

    query_id: int
    query: str
    docid: str
    grade: int


def guarded(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading space (as Quepid does); importers strip it."""
    return f" {text}" if text.startswith(FORMULA) else text


def csv_lines(rows: Iterable[Rated]) -> Iterator[str]:
    """`query,docid,rating`; the rating is 0 to 3, as search tools count."""
    yield _csv_line(["query", "docid", "rating"])
    for row in rows:
        yield _csv_line([guarded(row.query), guarded(row.docid), str(row.grade - 1)])


def _csv_line(values: list[str]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()


def qrels_lines(rows: Iterable[Rated]) -> Iterator[str]:
    """`topic 0 docno relevancy`, relevancy 0 to 3; blanks in a docno become underscores, for the format has no quotes."""
    for row in rows:
        yield f"{row.query_id} 0 {'_'.join(row.docid.split()) or '_'} {row.grade - 1}\n"


def topics_lines(rows: Iterable[tuple[int, str]]) -> Iterator[str]:
    """The sidecar of qrels: `topic<TAB>query text`."""
    for query_id, text in rows:
        yield f"{query_id}\t{' '.join(text.split())}\n"


def jsonl_lines(rows: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One object a line; times in ISO 8601."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, default=_plain) + "\n"


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
