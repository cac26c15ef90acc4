"""Gold: pairs whose verdict is known and vouched for; people are measured against it without knowing."""

from django.db import transaction
from django.utils import timezone

from annotation.models import Gold
from catalog.models import Pair
from webapp.common.audit import audit_record
from webapp.common.errors import Invalid
from webapp.common.models import User


def gold_set(*, pair: Pair, grade: int, actor: User, dimension: str = "", reason: str = "") -> Gold:
    """Make a pair gold, or correct its verdict."""
    if grade not in (1, 2, 3, 4):
        raise Invalid("A grade is L1, L2, L3 or L4.", code="grade")
    with transaction.atomic():
        said = {"grade": grade, "dimension": dimension, "reason": reason[:500]}
        values = {**said, "created_by": actor, "at": timezone.now()}
        gold, _ = Gold.objects.update_or_create(pair=pair, defaults=values)
        audit_record(actor=actor, corpus=pair.corpus, action="gold.set", subject=pair, data=said)
    return gold


def gold_remove(*, pair: Pair, actor: User) -> None:
    """A pair is gold no longer; what people answered on it stays."""
    with transaction.atomic():
        gold = Gold.objects.select_for_update().filter(pair=pair).first()
        if gold is None:
            return
        was = {"grade": gold.grade, "dimension": gold.dimension, "reason": gold.reason}
        gold.delete()
        audit_record(actor=actor, corpus=pair.corpus, action="gold.remove", subject=pair, data=was)
