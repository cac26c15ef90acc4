"""An order of reasonings from a file as a ranking: the reasonings come with it."""

import uuid
from datetime import datetime
from typing import Any

from django.utils import timezone

from annotation.formats import Incoming
from annotation.importing.keys import NAMESPACE, key_of, superseded
from annotation.models import Judgment, Ranking, Reasoning
from annotation.services.imports import reasoning_content
from annotation.services.reasonings import reasonings_ensure
from catalog.models import Item, Pair, Query
from catalog.services import query_ensure
from rules.models import Release
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User


def ranking_take(
    *, corpus: Corpus, row: Incoming, person: int, release: int, at: datetime | None = None
) -> bool:
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
        supersedes_id=superseded(Ranking, corpus, row), correction=_correction(pair, row, release, person),
        at=at or timezone.now(),
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


def _correction(pair: Pair, row: Incoming, release: int, person: int) -> Reasoning | None:
    """The better text she wrote beside her order."""
    text = str((row.ranking or {}).get("correction") or "")
    if not text.strip():
        return None
    content = {**reasoning_content(text), "author_kind": Reasoning.Author.PERSON, "author_name": row.person}
    made = reasonings_ensure(
        pair=pair,
        contents=[content],
        release=Release.objects.get(pk=release),
        person=User.objects.get(pk=person),
    )
    return made[0]


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
    return key_of(Ranking, corpus, own)
