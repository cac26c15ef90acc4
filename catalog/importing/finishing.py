"""What an import does to the corpus as a whole, once its rows are in: lexicon, facets, strata, counters."""

import json
from collections.abc import Iterator

from django.db import connection
from django.db.models import F

from catalog.importing import statements as sql
from catalog.importing.loading import Fence, Tick
from catalog.lexicon import Content, Seen, colours_of, lexicon_build, lexicon_merge
from catalog.models import ItemVersion, Lexicon, Query
from catalog.selectors import lexicon_current, matcher_for
from webapp.common.models import Corpus

FACET_CHUNK = 2_000


def planner_tell() -> None:
    """The server's statistics of what was filled now, not when its own round comes: plans made for an empty table
    made the statements after an import many times slower."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE catalog_query, catalog_item, catalog_itemversion, catalog_pair, catalog_settledverdict,"
            " catalog_importedrating"
        )


def lexicon_refresh(corpus: Corpus, fence: Fence, given: Content | None = None) -> Lexicon:
    """The lexicon of the items as they are now; a new one only where its content differs from the last.

    `given` is what this import's lexicon.json says; where it brings none, the words given before stay.
    """
    computed = lexicon_build(_seen(corpus))
    with fence():
        Corpus.objects.select_for_update().get(pk=corpus.pk)
        last = lexicon_current(corpus)
        words = given if given is not None else (last.given if last else {})
        content = lexicon_merge(computed, words)
        if last is not None and last.content == content and last.given == words:
            return last
        number = last.number + 1 if last else 1
        return Lexicon.objects.create(corpus=corpus, number=number, content=content, given=words)


def _seen(corpus: Corpus) -> Iterator[Seen]:
    rows = ItemVersion.objects.filter(item__corpus=corpus, item__current_id=F("id"))
    names = ("title", "brand", "category", "payload__attributes")
    for title, brand, category, attributes in rows.values_list(*names).iterator(chunk_size=2_000):
        yield Seen(title, brand, category, colours_of(attributes or {}))


def facets_refresh(corpus: Corpus, lexicon: Lexicon, fence: Fence, tick: Tick) -> None:
    """Find facets anew for queries that another lexicon was used for, in chunks."""
    matcher, done, last = matcher_for(lexicon), 0, 0
    stale = Query.objects.filter(corpus=corpus).exclude(lexicon=lexicon).order_by("pk")
    while rows := list(stale.filter(pk__gt=last).values_list("pk", "text")[:FACET_CHUNK]):
        content = json.dumps([{"id": pk, "content": matcher.facets(text)} for pk, text in rows])
        with fence(), connection.cursor() as cursor:
            cursor.execute(sql.FACETS, {"lexicon": lexicon.pk, "rows": content})
        last, done = rows[-1][0], done + len(rows)
        tick("facets", done)


def totals_refresh(corpus: Corpus, fence: Fence, *, majority: bool) -> None:
    """Strata from traffic and the kept counters; with `majority`, verdicts where most raters agree on a grade."""
    wanted = [sql.MAJORITY] if majority else []
    with fence(), connection.cursor() as cursor:
        for statement in (*wanted, sql.STRATA, sql.COUNTERS):
            cursor.execute(statement, {"corpus": corpus.pk})
