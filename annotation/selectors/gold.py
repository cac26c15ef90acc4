"""Gold of a corpus as a list, and how people answered on it."""

from collections.abc import Iterable

from django.db.models import Count, F, Q, QuerySet

from annotation.models import Gold
from annotation.selectors.judgments import effective_judgments
from webapp.common.errors import NotFound
from webapp.common.models import Corpus


def gold_rows(corpus: Corpus) -> QuerySet[Gold]:
    """Gold with what a list shows of it; the newest verdict first is ("-at", "-pair_id")."""
    rows = Gold.objects.filter(pair__corpus=corpus)
    return rows.select_related("pair__query", "pair__item__current", "created_by")


def gold_get_for(corpus: Corpus, pair: int) -> Gold:
    found = gold_rows(corpus).filter(pair_id=pair).first()
    if found is None:
        raise NotFound("This pair is not gold.", code="gold")
    return found


def gold_answers(corpus: Corpus, pairs: Iterable[int]) -> dict[int, tuple[int, int]]:
    """pair id -> standing answers on it, and those that give gold's grade. Pairs nobody answered are absent."""
    asked = effective_judgments(corpus).filter(pair_id__in=list(pairs)).values("pair_id")
    right = Count("pk", filter=Q(grade=F("pair__gold__grade")))
    return {row["pair_id"]: (row["n"], row["right"]) for row in asked.annotate(n=Count("pk"), right=right)}
