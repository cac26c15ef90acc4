"""Standing answers as columns: read in one COPY, so that a million of them are arrays in a few seconds.

An answer is one person's newest standing judgment of a pair in the scope (a corpus or one campaign of it).
"""

import datetime as dt
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
from django.db import connection

from annotation.models import Campaign
from webapp.common.models import Corpus

Ints = npt.NDArray[np.int64]

# Fixed widths and no NULLs, so that the binary stream is an array as it comes; -1 stands for "none".
COLUMNS = (
    ("judgment_pair", "judgment.pair_id::int8", ">i8"),
    ("query", "pair.query_id::int8", ">i8"),
    ("person", "judgment.person_id::int8", ">i8"),
    ("release", "judgment.release_id::int8", ">i8"),
    ("grade", "judgment.grade::int2", ">i2"),
    ("at", "extract(epoch FROM judgment.at)::int8", ">i8"),
    ("gold", "COALESCE(gold.grade, -1)::int2", ">i2"),
    ("tenths", "(CASE WHEN judgment.seconds IS NULL THEN -1 ELSE LEAST(judgment.seconds, 86400) * 10 END)::int4", ">i4"),
    ("flags", "(judgment.blind::int + 2 * (judgment.disagreement <> '')::int"
     " + 4 * (judgment.suggestion_shown_id IS NOT NULL)::int + 8 * (judgment.origin = 'import')::int)::int2", ">i2"),
)  # fmt: skip
BLIND, AGAINST, SUGGESTED, IMPORTED = 1, 2, 4, 8
COPY_SQL = """
COPY (SELECT {columns}
FROM annotation_judgment judgment JOIN catalog_pair pair ON pair.id = judgment.pair_id
LEFT JOIN annotation_gold gold ON gold.pair_id = judgment.pair_id
WHERE judgment.corpus_id = {corpus} AND judgment.grade IS NOT NULL {scope}
  AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = judgment.id))
TO STDOUT (FORMAT BINARY)
"""
SCOPE_SQL = "AND judgment.slot_id IN (SELECT id FROM annotation_slot WHERE campaign_id = {campaign})"
HEADER, TRAILER = 19, 2  # of PostgreSQL's binary COPY: signature, flags, extension; then -1


@dataclass(frozen=True)
class Answers:
    """Columns (answers,); `person`, `pair`, `query` are numbers from 0 into the id lists of the same name."""

    person: Ints
    pair: Ints
    query: Ints  # of each answer's pair
    grade: Ints
    release: Ints
    at: Ints
    gold: Ints
    seconds: npt.NDArray[np.float64]
    flags: Ints
    people: Ints
    pairs: Ints
    queries: Ints
    pair_query: Ints  # (pairs,)

    def __len__(self) -> int:
        return len(self.grade)

    def where(self, keep: npt.NDArray[np.bool_]) -> "Answers":
        """The answers marked; ids and numbering stay."""
        kept = {
            column.name: getattr(self, column.name)[keep]
            for column in fields(self)
            if column.name not in {"people", "pairs", "queries", "pair_query"}
        }
        return Answers(
            **kept, people=self.people, pairs=self.pairs, queries=self.queries, pair_query=self.pair_query
        )

    def weeks(self) -> npt.NDArray[np.datetime64]:
        """The Monday of each answer's week (UTC)."""
        days = self.at.astype("datetime64[s]").astype("datetime64[D]")
        found: npt.NDArray[np.datetime64] = days - ((days.astype(np.int64) + 3) % 7).astype("timedelta64[D]")
        return found

    @property
    def newest(self) -> dt.datetime | None:
        return dt.datetime.fromtimestamp(int(self.at.max()) + 1, dt.UTC) if len(self) else None


def answers_read(corpus: Corpus, campaign: Campaign | None = None) -> Answers:
    """Every standing answer of the scope; a person's newest where she answered a pair twice."""
    raw = _copy(corpus, campaign)
    order = np.lexsort((raw["at"], raw["judgment_pair"], raw["person"]))
    raw = raw[order]
    last = np.ones(len(raw), bool)
    if len(raw) > 1:
        last[:-1] = (raw["person"][1:] != raw["person"][:-1]) | (
            raw["judgment_pair"][1:] != raw["judgment_pair"][:-1]
        )
    raw = raw[last]
    people, person = np.unique(raw["person"], return_inverse=True)
    pairs, first, pair = np.unique(raw["judgment_pair"], return_index=True, return_inverse=True)
    queries, query = np.unique(raw["query"], return_inverse=True)
    return Answers(
        person=person, pair=pair, query=query, grade=_plain(raw["grade"]), release=_plain(raw["release"]),
        at=_plain(raw["at"]), gold=_plain(raw["gold"]), seconds=np.where(raw["tenths"] < 0, -1.0, raw["tenths"] / 10),
        flags=_plain(raw["flags"]), people=_plain(people), pairs=_plain(pairs), queries=_plain(queries),
        pair_query=query[first],
    )  # fmt: skip


def _plain(column: npt.NDArray[np.generic]) -> Ints:
    """The network's byte order as this machine's, in 64 bits."""
    return column.astype(np.int64)


def _copy(corpus: Corpus, campaign: Campaign | None) -> npt.NDArray[np.void]:
    """Ids are integers of our own, so they stand in the statement: COPY takes no parameters."""
    sql = COPY_SQL.format(
        columns=", ".join(column for _, column, _ in COLUMNS),
        corpus=int(corpus.pk),
        scope=SCOPE_SQL.format(campaign=int(campaign.pk)) if campaign else "",
    )
    body = bytearray()
    with connection.cursor() as cursor, cursor.copy(sql) as rows:
        for part in rows:
            body += part
    parts: list[tuple[str, str]] = [("count", ">i2")]
    for name, _, kind in COLUMNS:
        parts += [(f"{name}_size", ">i4"), (name, kind)]
    layout = np.dtype(parts)
    count = (len(body) - HEADER - TRAILER) // layout.itemsize
    table = np.frombuffer(body, layout, count=count, offset=HEADER)
    if count and not (table["count"] == len(COLUMNS)).all():
        raise ValueError("The answers' stream is not laid out as expected.")
    return table
