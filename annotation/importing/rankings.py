"""Orders of reasonings from a file as rankings: the reasonings come with them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL
from django.utils import timezone

from annotation.formats import Incoming
from annotation.importing.keys import NAMESPACE, key_of, superseded
from annotation.importing.texts import plain, uuid_or_none
from annotation.models import Judgment, Ranking, Reasoning
from annotation.services.imports import reasoning_content
from annotation.services.reasonings import reasonings_draft, reasonings_ensure, reasonings_write
from catalog.keys import query_key
from catalog.models import Item, Pair, Query
from catalog.services import query_ensure
from rules.models import Release
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User

AT_ONCE = 1000  # orders written together
NAMED_SQL = (
    """(catalog_pair.query_id, catalog_pair.item_id) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))"""
)


@dataclass(frozen=True)
class Waiting:
    """A ranking that is not written yet, with the drafts of its reasonings."""

    key: uuid.UUID
    pair: Pair
    row: Incoming
    drafts: list[Reasoning]
    person: int
    release: Release
    at: datetime | None


class Rankings:
    """The orders of one chunk: what its rows speak of is looked up at once, and what they say is written at the end."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.releases: dict[int, Release] = {}
        self.begin(())

    def begin(self, rows: Sequence[Incoming]) -> None:
        """Items, queries, pairs and known rankings of these rows, in four statements."""
        self.waiting: list[Waiting] = []
        docids = {plain(row.docid) for row in rows}
        items = Item.objects.filter(corpus=self.corpus, external_id__in=docids, current__isnull=False)
        self.items = {item.external_id: item for item in items.select_related("current")}
        queries = Query.objects.filter(corpus=self.corpus, key__in={_key_of(row) for row in rows})
        self.queries = {query.key: query for query in queries}
        asked = [
            (self.queries[_key_of(row)].pk, self.items[row.docid].pk)
            for row in rows
            if row.docid in self.items and _key_of(row) in self.queries
        ]
        named = RawSQL(NAMED_SQL, [[q for q, _ in asked], [i for _, i in asked]], output_field=BooleanField())
        pairs = Pair.objects.filter(named) if asked else ()
        self.pairs = {(pair.query_id, pair.item_id): pair for pair in pairs}
        self.asked = {own for row in rows if (own := uuid_or_none(row.id))}
        known = Ranking.objects.filter(pk__in=self.asked).values_list("pk", "corpus_id")
        self.known: dict[uuid.UUID, int] = dict(known)

    def take(self, row: Incoming, *, person: int, release: int, at: datetime | None = None) -> bool:
        """Note the ranking; False where it is there already. Raises ValueError with what is wrong with it."""
        row = replace(row, ranking=_plain(row.ranking or {}))
        given = row.ranking or {}
        pair = self._pair(row)
        key = self._key(row, person, given)
        if key in self.known or (key not in self.asked and Ranking.objects.filter(pk=key).exists()):
            return False
        contents = [reasoning_content(raw) for raw in given.get("reasonings") or []]
        if not contents and not row.withdrawn:
            raise ValueError("no reasonings")
        held = self._release(release)
        try:
            drafts = reasonings_draft(pair=pair, contents=contents, release=held)
        except DomainError as error:
            raise ValueError(error.message) from error
        if row.supersedes or len(self.waiting) == AT_ONCE:
            self.write()  # the order it replaces may be one of this chunk
        self.waiting.append(Waiting(key, pair, row, drafts, person, held, at))
        self.known[key] = self.corpus.pk
        return True

    def write(self) -> None:
        """Put what was noted into the ledger."""
        made = iter(reasonings_write([draft for one in self.waiting for draft in one.drafts]))
        rows = [self._row(one, [next(made).pk for _ in one.drafts]) for one in self.waiting]
        Ranking.objects.bulk_create(rows)
        self.waiting = []

    def _row(self, one: Waiting, ids: list[int]) -> Ranking:
        given = one.row.ranking or {}
        return Ranking(
            id=one.key, corpus=self.corpus, pair=one.pair, person_id=one.person, release=one.release,
            tiers=[[ids[at] for at in tier] for tier in given.get("tiers") or []],
            shown_order=[ids[at] for at in given.get("shown") or range(len(ids))], all_bad=bool(given.get("all_bad")),
            faults={str(ids[int(at)]): steps for at, steps in (given.get("faults") or {}).items()},
            withdrawn=one.row.withdrawn, seconds=given.get("seconds"), origin=Judgment.Origin.IMPORT,
            supersedes_id=superseded(Ranking, self.corpus, one.row),
            correction=_correction(one.pair, one.row, one.release, one.person), at=one.at or timezone.now(),
        )  # fmt: skip

    def _release(self, pk: int) -> Release:
        if pk not in self.releases:
            self.releases[pk] = Release.objects.get(pk=pk)
        return self.releases[pk]

    def _pair(self, row: Incoming) -> Pair:
        item = self.items.get(row.docid)
        if item is None:
            raise ValueError("unknown item")
        query = self._query(row)
        pair = self.pairs.get((query.pk, item.pk))
        if pair is None:
            pair, _ = Pair.objects.get_or_create(query=query, item=item, defaults={"corpus": self.corpus})
            self.pairs[query.pk, item.pk] = pair
        pair.item = item
        return pair

    def _query(self, row: Incoming) -> Query:
        if row.query:
            key = _key_of(row)
            if not key:
                raise ValueError("unknown query")
            if key not in self.queries:
                self.queries[key] = query_ensure(self.corpus, row.query)
            return self.queries[key]
        query = Query.objects.filter(corpus=self.corpus, external_id=row.topic).first()
        if query is None:
            raise ValueError("unknown query")
        return query

    def _key(self, row: Incoming, person: int, given: dict[str, Any]) -> uuid.UUID:
        """The id it had, unless that is another corpus's; else one made of what it says."""
        own = uuid_or_none(row.id)
        if own is not None:
            here = self.known.get(own, self.corpus.pk) == self.corpus.pk
            return own if here else key_of(Ranking, self.corpus, own)
        texts = [
            str(raw.get("raw") if isinstance(raw, dict) else raw) for raw in given.get("reasonings") or []
        ]
        said = [row.query or row.topic, row.docid, person, texts, given.get("tiers")]
        return uuid.uuid5(NAMESPACE, f"{self.corpus.pk}:{said}")


def _plain(value: Any) -> Any:
    """Its texts as `plain` makes them."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        return {_plain(name): _plain(held) for name, held in value.items()}
    return [_plain(held) for held in value] if isinstance(value, list) else value


def _key_of(row: Incoming) -> str:
    return query_key(plain(row.query))


def _correction(pair: Pair, row: Incoming, release: Release, person: int) -> Reasoning | None:
    """The better text she wrote beside her order."""
    text = str((row.ranking or {}).get("correction") or "")
    if not text.strip():
        return None
    content = {**reasoning_content(text), "author_kind": Reasoning.Author.PERSON, "author_name": row.person}
    made = reasonings_ensure(
        pair=pair,
        contents=[content],
        release=release,
        person=User.objects.get(pk=person),
    )
    return made[0]
