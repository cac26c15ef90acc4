"""Verdicts on pages, and choices between two, from a file: the pages come with them, as they were shown."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from annotation.formats import Incoming
from annotation.importing.keys import NAMESPACE, key_of, superseded
from annotation.importing.moments import moment_of
from annotation.models import Judgment, PagePreference, PageVerdict
from catalog.models import Item, ItemVersion, Page, PageEntry, Pair, Query
from catalog.services import query_ensure
from webapp.common.models import Corpus

Entry = tuple[int, int]  # pair, item version


class Pages:
    """Pages of a file as pages of this corpus: (the corpus they were said in, the id there) -> the id here."""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.ids: dict[tuple[str, int], int] = {}

    def forget(self) -> None:
        """After a rolled back chunk: those made in it are gone."""
        held = set(Page.objects.filter(pk__in=self.ids.values()).values_list("pk", flat=True))
        self.ids = {key: page for key, page in self.ids.items() if page in held}

    def known(self, corpus: str, page: int | None) -> int | None:
        """The page a grade stood on, where the file has told of it."""
        return self.ids.get((corpus, page)) if page is not None else None

    def take(self, row: Incoming, *, person: int, release: int) -> bool:
        """Write the answer; False where it is there already. Raises ValueError with what is wrong with it."""
        given = row.page_answer or {}
        query = self._query(row)
        pages = [self._page(row.corpus, query, page) for page in given["pages"]]
        model: Any = PagePreference if len(pages) == 2 else PageVerdict
        key = self._key(model, row, person, given)
        if model.objects.filter(pk=key).exists():
            return False
        said = {"mark": given["said"], "blind": row.blind} if len(pages) == 1 else {
            "preference": given["said"], "other_page_id": pages[1],
            "left_page_id": pages[0] if given["left"] == "page" else pages[1],
        }  # fmt: skip
        model.objects.create(
            id=key, corpus=self.corpus, page_id=pages[0], person_id=person, release_id=release,
            comment=row.comment[:2000], origin=Judgment.Origin.IMPORT, seconds=given["seconds"],
            supersedes_id=superseded(model, self.corpus, row), at=moment_of(row.at) or timezone.now(), **said,
        )  # fmt: skip
        return True

    def _key(self, model: Any, row: Incoming, person: int, given: Mapping[str, Any]) -> uuid.UUID:
        try:
            return key_of(model, self.corpus, uuid.UUID(row.id))
        except ValueError:
            items = [[one["docid"] for one in page["items"]] for page in given["pages"]]
            return uuid.uuid5(
                NAMESPACE, f"{self.corpus.pk}:{[row.query, items, person, given['said'], row.at]}"
            )

    def _query(self, row: Incoming) -> Query:
        if row.query:
            return query_ensure(self.corpus, row.query)
        query = Query.objects.filter(corpus=self.corpus, external_id=row.topic).first()
        if query is None:
            raise ValueError("unknown query")
        return query

    def _page(self, corpus: str, query: Query, given: Mapping[str, Any]) -> int:
        """The page with these items that was put at this moment; a new one where there is none."""
        entries = self._entries(query, given["items"])
        name, at = str(given.get("name") or "")[:120], moment_of(str(given.get("at") or "")) or timezone.now()
        same = Page.objects.filter(corpus=self.corpus, query=query, created_at=at).prefetch_related("entries")
        for page in same:
            held = sorted(page.entries.all(), key=lambda entry: entry.position)
            if [(entry.pair_id, entry.item_version_id) for entry in held] == entries and name in (
                "",
                page.name,
            ):
                break
        else:
            page = Page.objects.create(corpus=self.corpus, query=query, name=name, created_at=at)
            PageEntry.objects.bulk_create(
                PageEntry(page=page, position=place, pair_id=pair, item_version_id=version)
                for place, (pair, version) in enumerate(entries, 1)
            )
        if isinstance(given.get("id"), int):
            self.ids[corpus, given["id"]] = page.pk
        return page.pk

    def _entries(self, query: Query, items: Sequence[Mapping[str, Any]]) -> list[Entry]:
        """Pairs of this query in the order shown, each with the version that stood there, or today's."""
        names = [str(one["docid"]) for one in items]
        rows = Item.objects.filter(corpus=self.corpus, external_id__in=names).exclude(current=None)
        held = {item.external_id: item for item in rows}
        if len(set(names)) != len(names) or not held.keys() >= set(names):
            raise ValueError("unknown item on the page, or one that stands there twice")
        Pair.objects.bulk_create(
            [Pair(corpus=self.corpus, query=query, item=held[name]) for name in names], ignore_conflicts=True
        )
        pairs = dict(Pair.objects.filter(query=query, item__in=held.values()).values_list("item_id", "pk"))
        versions = {
            (item, content): pk
            for item, content, pk in ItemVersion.objects.filter(item__in=held.values()).values_list(
                "item_id", "content_hash", "pk"
            )
        }
        return [
            (
                pairs[held[name].pk],
                versions.get((held[name].pk, str(one.get("item_version"))), held[name].current_id or 0),
            )
            for name, one in zip(names, items, strict=True)
        ]
