"""An order of reasonings from a file as a ranking: the reasonings come with it."""

import uuid
from typing import Any

from annotation.formats import Incoming
from annotation.models import Judgment, Ranking
from annotation.services.imports import reasoning_content
from annotation.services.reasonings import reasonings_ensure
from catalog.models import Item, Pair, Query
from catalog.services import query_ensure
from rules.models import Release
from webapp.common.errors import DomainError
from webapp.common.models import Corpus

NAMESPACE = uuid.UUID("0f9a6f1e-5b34-5d0e-9c64-0a4f5f6f7b1d")


def ranking_take(*, corpus: Corpus, row: Incoming, person: int, release: int) -> bool:
    """Write the ranking; False where it is there already. Raises ValueError with what is wrong with it."""
    given = row.ranking or {}
    pair = _pair(corpus, row)
    key = _key(corpus, row, person, given)
    if Ranking.objects.filter(pk=key).exists():
        return False
    contents = [reasoning_content(raw) for raw in given.get("reasonings") or []]
    if not contents and not row.withdrawn:
        raise ValueError("no reasonings")
    try:
        made = (
            reasonings_ensure(pair=pair, contents=contents, release=Release.objects.get(pk=release))
            if contents
            else []
        )
    except DomainError as error:
        raise ValueError(error.message) from error
    ids = [reasoning.pk for reasoning in made]
    Ranking.objects.create(
        id=key, corpus=corpus, pair=pair, person_id=person, release_id=release,
        tiers=[[ids[at] for at in tier] for tier in given.get("tiers") or []],
        shown_order=[ids[at] for at in given.get("shown") or range(len(ids))], all_bad=bool(given.get("all_bad")),
        faults={str(ids[int(at)]): steps for at, steps in (given.get("faults") or {}).items()},
        withdrawn=row.withdrawn, seconds=given.get("seconds"), origin=Judgment.Origin.IMPORT,
        supersedes_id=_superseded(corpus, row),
    )  # fmt: skip
    return True


def _pair(corpus: Corpus, row: Incoming) -> Pair:
    item = Item.objects.filter(corpus=corpus, external_id=row.docid, current__isnull=False).first()
    if item is None:
        raise ValueError("unknown item")
    query = (
        query_ensure(corpus, row.query)
        if row.query
        else Query.objects.filter(corpus=corpus, external_id=row.topic).first()
    )
    if query is None:
        raise ValueError("unknown query")
    pair, _ = Pair.objects.get_or_create(query=query, item=item, defaults={"corpus": corpus})
    return pair


def _key(corpus: Corpus, row: Incoming, person: int, given: dict[str, Any]) -> uuid.UUID:
    """The id it had, unless that is another corpus's; else one made of what it says."""
    try:
        own = uuid.UUID(row.id)
    except ValueError:
        texts = [
            str(raw.get("raw") if isinstance(raw, dict) else raw) for raw in given.get("reasonings") or []
        ]
        said = [row.query or row.topic, row.docid, person, texts, given.get("tiers")]
        return uuid.uuid5(NAMESPACE, f"{corpus.pk}:{said}")
    foreign = Ranking.objects.filter(pk=own).exclude(corpus=corpus).exists()
    return uuid.uuid5(NAMESPACE, f"{corpus.pk}:{own}") if foreign else own


def _superseded(corpus: Corpus, row: Incoming) -> uuid.UUID | None:
    if not row.supersedes:
        return None
    names = [uuid.UUID(row.supersedes), uuid.uuid5(NAMESPACE, f"{corpus.pk}:{row.supersedes}")]
    free = Ranking.objects.filter(corpus=corpus, pk__in=names, superseded_by=None)
    return free.values_list("pk", flat=True).first()
