"""The verdict that stands for a pair."""

from django.db import transaction
from django.utils import timezone

from catalog.models import ItemVersion, Pair, SettledVerdict
from webapp.common.errors import Invalid
from webapp.common.events import event_publish
from webapp.common.models import User

Source = SettledVerdict.Source


@transaction.atomic
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
    Pair.objects.select_for_update().only("pk").get(pk=pair.pk)
    standing = SettledVerdict.objects.filter(pair=pair).first()
    if standing is not None and _outranked(standing, source, item_version):
        return standing
    settled, _ = SettledVerdict.objects.update_or_create(
        pair=pair,
        defaults={
            "item_version": item_version, "grade": int(grade), "dimension": dimension, "source": source,
            "method": method, "picture_decided": picture_decided, "blind": blind, "at": timezone.now(),
        },
    )  # fmt: skip
    event_publish(
        corpus=pair.corpus,
        kind="verdict.settled",
        payload={
            "pair": pair.pk, "item_version": item_version.pk, "grade": int(grade), "dimension": dimension,
            "source": str(source), "actor": actor.pk if actor else None,
        },
    )  # fmt: skip
    return settled


def _outranked(standing: SettledVerdict, source: str, version: ItemVersion) -> bool:
    if source == Source.IMPORT:
        return standing.source != Source.IMPORT
    adjudicated = standing.source == Source.ADJUDICATION and standing.item_version_id == version.pk
    return source == Source.CONSENSUS and adjudicated
