"""Queries that appear outside an import: asked of the API, or named in a file to score."""

from django.db import transaction
from django.db.models import F

from catalog.keys import query_key
from catalog.models import CorpusCounter, Query, Traffic
from catalog.selectors import lexicon_current, matcher_for
from webapp.common.errors import Invalid
from webapp.common.models import Corpus


@transaction.atomic
def query_ensure(corpus: Corpus, text: str) -> Query:
    """The corpus's query with this text's key; made, with its facets and a place in the tail, where it is new."""
    text = " ".join(text.replace("\x00", "").split())[:500]
    key = query_key(text)
    if not key:
        raise Invalid("A query needs at least one character.")
    known = Query.objects.filter(corpus=corpus, key=key).first()
    if known is not None:
        return known
    lexicon = lexicon_current(corpus)
    facets = matcher_for(lexicon).facets(text)
    query, created = Query.objects.get_or_create(
        corpus=corpus, key=key, defaults={"text": text, "facets": facets, "lexicon": lexicon}
    )
    if created:
        Traffic.objects.get_or_create(query=query)
        CorpusCounter.objects.filter(corpus=corpus).update(queries=F("queries") + 1)
    return query
