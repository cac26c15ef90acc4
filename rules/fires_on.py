"""Which rules, in their newest wording, fire on one pair: asked by the list's search and by the one-key dialog."""

from typing import Any

from catalog.models import Pair
from rules.engine import Rulebook
from rules.models import Rule
from rules.pair_selectors import fields_of_pair
from rules.selectors import latest_versions, rulebook_of, tables_release, version_form
from webapp.common.models import Corpus

KEPT = 4
_books: dict[tuple[Any, ...], Rulebook] = {}


def fires_on(corpus: Corpus, pair: Pair) -> list[str]:
    """Codes of the rules that fire on a pair, those that decide first. Raises RulebookError."""
    resolution = newest_book(corpus).evaluate(*fields_of_pair(pair))
    codes = [firing.code for firing in resolution.firings]
    return sorted(codes, key=lambda code: code not in resolution.decisive)


def newest_book(corpus: Corpus) -> Rulebook:
    """The newest wording of every rule in use, compiled once per state of the rules and tables."""
    base = tables_release(corpus)
    rows = (
        Rule.objects.filter(corpus=corpus, retired_at=None).order_by("id").values_list("latest_id", flat=True)
    )
    key = (corpus.pk, corpus.created_at, *(base.reading if base else ()), tuple(rows))
    if key not in _books:
        if len(_books) >= KEPT:
            _books.clear()
        _books[key] = rulebook_of(base, [version_form(version) for version in latest_versions(corpus)])
    return _books[key]
