"""Which pages a campaign can be about: the newest of each query from one source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Count

from catalog.keys import query_key
from catalog.models import Page, PageEntry, Stratum
from webapp.common.models import Corpus


@dataclass(frozen=True)
class PageChoice:
    """Pages of one `source`; of all queries, or of those named, or of one stratum; `limit` 0 takes all."""

    source: str
    queries: Sequence[str] = ()
    stratum: str = ""
    limit: int = 0

    def of(self, source: str) -> "PageChoice":
        """The same choice of another source, whole: what both have is cut afterwards."""
        return replace(self, source=source, limit=0)


def page_sources(corpus: Corpus) -> list[tuple[str, int]]:
    """(source, how many queries have a page of it), by name."""
    rows = Page.objects.filter(corpus=corpus).values("name").annotate(n=Count("query", distinct=True))
    return [(row["name"], row["n"]) for row in rows.order_by("name")]


def pages_chosen(corpus: Corpus, choice: PageChoice) -> dict[int, int]:
    """query id -> the id of its newest page of that source, most asked queries first."""
    rows = Page.objects.filter(corpus=corpus, name=choice.source)
    if choice.queries:
        rows = rows.filter(query__key__in=[query_key(text) for text in choice.queries])
    if choice.stratum in Stratum.values:
        rows = rows.filter(query__traffic__stratum=choice.stratum)
    newest = dict(rows.order_by("pk").values_list("query_id", "pk"))
    traffic = dict(rows.values_list("query_id", "query__traffic__count"))
    ordered = sorted(newest, key=lambda query: (-(traffic[query] or 0), query))
    return {query: newest[query] for query in (ordered[: choice.limit] if choice.limit else ordered)}


def same_lists(both: Sequence[tuple[int, int]]) -> set[int]:
    """Of pairs of pages, the first ones that list exactly what the second ones do, in the same order."""
    wanted = [pk for pair in both for pk in pair]
    items: dict[int, list[int]] = {}
    entries = PageEntry.objects.filter(page__in=wanted).order_by("page_id", "position")
    for page, pair in entries.values_list("page_id", "pair_id"):
        items.setdefault(page, []).append(pair)
    return {one for one, other in both if items.get(one) == items.get(other)}
