"""The verdict that stands for a pair."""

import json
from collections.abc import Sequence
from typing import TypedDict

from django.db import transaction
from django.utils import timezone

from catalog.models import ItemVersion, Pair, SettledVerdict
from webapp.common.errors import Invalid
from webapp.common.events import events_publish
from webapp.common.models import Corpus, User
from webapp.common.statements import columns, fetch, row_of

# One statement takes the row's lock, looks at what stands and writes: two who settle a pair at once take turns.
SETTLE_SQL = f"""
INSERT INTO catalog_settledverdict AS standing (pair_id, item_version_id, grade, dimension, source, method,
    picture_decided, blind, at)
SELECT pair, item_version, grade, dimension, source, method, picture_decided, blind, %(at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(pair bigint, item_version bigint, grade smallint, dimension text,
    source text, method text, picture_decided boolean, blind boolean)
ORDER BY pair
ON CONFLICT (pair_id) DO UPDATE SET item_version_id = EXCLUDED.item_version_id, grade = EXCLUDED.grade,
    dimension = EXCLUDED.dimension, source = EXCLUDED.source, method = EXCLUDED.method,
    picture_decided = EXCLUDED.picture_decided, blind = EXCLUDED.blind, at = EXCLUDED.at
WHERE CASE EXCLUDED.source
    WHEN 'import' THEN standing.source = 'import'
    WHEN 'consensus' THEN standing.source <> 'adjudication' OR standing.item_version_id <> EXCLUDED.item_version_id
    ELSE true END
RETURNING {columns(SettledVerdict, "standing")}
"""  # noqa: S608  (made of the model's own names)


class NewVerdict(TypedDict):
    """What is to stand for a pair (ids of the pair and the item version, grade 1..4)."""

    pair: int
    item_version: int
    grade: int
    dimension: str
    source: str
    method: str
    picture_decided: bool
    blind: bool


UNSETTLE_SQL = """
DELETE FROM catalog_settledverdict WHERE pair_id = ANY(%(pairs)s) AND source = 'consensus'
RETURNING pair_id, item_version_id, grade, dimension, source
"""


@transaction.atomic(savepoint=False)  # inside another transaction it stands or falls with that
def verdict_settle(
    *,
    pair: Pair,
    item_version: ItemVersion,
    grade: int,
    dimension: str = "",
    source: str,
    method: str = "",
    actor: User | None = None,
    picture_decided: bool = False,
    blind: bool = True,
) -> SettledVerdict:
    """Settle a pair and tell the rooms above; returns the verdict that stands.

    An import never replaces what people settled here, nor a consensus what was adjudicated over the same item version.
    """
    if not 1 <= int(grade) <= 4:
        raise Invalid("A grade is L1, L2, L3 or L4.")
    row: NewVerdict = {
        "pair": pair.pk, "item_version": item_version.pk, "grade": int(grade), "dimension": dimension,
        "source": str(source), "method": method, "picture_decided": picture_decided, "blind": blind,
    }  # fmt: skip
    settled = verdicts_settle(corpus=pair.corpus, rows=[row], actor=actor)
    return settled[0] if settled else SettledVerdict.objects.get(pair=pair)  # what stands outranks it


@transaction.atomic(savepoint=False)
def verdicts_settle(
    *, corpus: Corpus, rows: Sequence[NewVerdict], actor: User | None = None
) -> list[SettledVerdict]:
    """Settle many pairs of a corpus (each once) in two statements; returns those verdicts that stand now."""
    if not rows:
        return []
    values = {"rows": json.dumps(rows), "at": timezone.now()}
    settled = [row_of(SettledVerdict, row) for row in fetch(SETTLE_SQL, values)]
    _tell(corpus, "verdict.settled", settled, actor)
    return settled


@transaction.atomic(savepoint=False)
def verdicts_unsettle(
    *, corpus: Corpus, pairs: Sequence[int], instead: Sequence[NewVerdict] = (), actor: User | None = None
) -> None:
    """Take back the consensus that stands for these pairs, and let what stood beneath it stand again where it is given.

    `instead` outranks nothing: of a pair that an import or an adjudication settles nothing is changed. The caller holds
    the pairs' tasks. Pairs on which nothing stands now are told as `verdict.unsettled`.
    """
    gone = [row_of(SettledVerdict, row) for row in fetch(UNSETTLE_SQL, {"pairs": list(pairs)})]
    free = {row.pair_id for row in gone}
    settled = verdicts_settle(
        corpus=corpus, rows=[row for row in instead if row["pair"] in free], actor=actor
    )
    bare = free - {row.pair_id for row in settled}
    _tell(corpus, "verdict.unsettled", [row for row in gone if row.pair_id in bare], actor)


def _tell(corpus: Corpus, kind: str, rows: Sequence[SettledVerdict], actor: User | None) -> None:
    payloads = [
        {"pair": row.pair_id, "item_version": row.item_version_id, "grade": row.grade, "dimension": row.dimension,
         "source": row.source, "actor": actor.pk if actor else None}
        for row in rows
    ]  # fmt: skip
    events_publish(corpus=corpus, kind=kind, payloads=payloads)
