"""The verdict that stands for a pair."""

from django.db import transaction
from django.utils import timezone

from catalog.models import ItemVersion, Pair, SettledVerdict
from webapp.common.errors import Invalid
from webapp.common.events import event_publish
from webapp.common.models import User

# One statement takes the row's lock, looks at what stands and writes: two who settle a pair at once take turns.
SETTLE_SQL = """
INSERT INTO catalog_settledverdict AS standing (pair_id, item_version_id, grade, dimension, source, method,
    picture_decided, blind, at)
VALUES (%(pair)s, %(item_version)s, %(grade)s, %(dimension)s, %(source)s, %(method)s, %(picture_decided)s, %(blind)s,
    %(at)s)
ON CONFLICT (pair_id) DO UPDATE SET item_version_id = EXCLUDED.item_version_id, grade = EXCLUDED.grade,
    dimension = EXCLUDED.dimension, source = EXCLUDED.source, method = EXCLUDED.method,
    picture_decided = EXCLUDED.picture_decided, blind = EXCLUDED.blind, at = EXCLUDED.at
WHERE CASE EXCLUDED.source
    WHEN 'import' THEN standing.source = 'import'
    WHEN 'consensus' THEN standing.source <> 'adjudication' OR standing.item_version_id <> EXCLUDED.item_version_id
    ELSE true END
RETURNING *
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
    values = {
        "pair": pair.pk, "item_version": item_version.pk, "grade": int(grade), "dimension": dimension,
        "source": str(source), "method": method, "picture_decided": picture_decided, "blind": blind, "at": timezone.now(),
    }  # fmt: skip
    settled = next(iter(SettledVerdict.objects.raw(SETTLE_SQL, values)), None)
    if settled is None:  # what stands outranks it
        return SettledVerdict.objects.get(pair=pair)
    event_publish(
        corpus=pair.corpus,
        kind="verdict.settled",
        payload={
            "pair": pair.pk, "item_version": item_version.pk, "grade": int(grade), "dimension": dimension,
            "source": str(source), "actor": actor.pk if actor else None,
        },
    )  # fmt: skip
    return settled
