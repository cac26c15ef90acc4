"""The ids answers had where they came from, and which earlier answer they replace."""

import uuid
from typing import Any

from annotation.formats import Incoming
from webapp.common.models import Corpus

NAMESPACE = uuid.UUID("0f9a6f1e-5b34-5d0e-9c64-0a4f5f6f7b1d")


def key_of(model: Any, corpus: Corpus, own: uuid.UUID) -> uuid.UUID:
    """The id a row had, unless that is another corpus's; then one made of it, the same each time."""
    foreign = model.objects.filter(pk=own).exclude(corpus=corpus).exists()
    return uuid.uuid5(NAMESPACE, f"{corpus.pk}:{own}") if foreign else own


def superseded(model: Any, corpus: Corpus, row: Incoming) -> uuid.UUID | None:
    """The earlier row that this one replaces, where it is here and nothing has replaced it yet."""
    try:
        own = uuid.UUID(row.supersedes)
    except ValueError:
        return None
    names = [own, uuid.uuid5(NAMESPACE, f"{corpus.pk}:{own}")]
    free = model.objects.filter(corpus=corpus, pk__in=names, superseded_by=None)
    found: uuid.UUID | None = free.values_list("pk", flat=True).first()
    return found
