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
from webapp.common.statements import fetch, row_of

# One statement takes the row's lock, looks at what stands and writes: two who settle a pair at once take turns.
SETTLE_SQL = """
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
RETURNING *
"""


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
    payloads = [
        {"pair": row.pair_id, "item_version": row.item_version_id, "grade": row.grade, "dimension": row.dimension,
         "source": row.source, "actor": actor.pk if actor else None}
        for row in settled
    ]  # fmt: skip
    events_publish(corpus=corpus, kind="verdict.settled", payloads=payloads)
    return settled
