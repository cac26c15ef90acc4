"""Writes of the catalog."""

from catalog.services.fetches import fetch_start
from catalog.services.imports import corpus_origin_set, import_start
from catalog.services.queries import query_ensure
from catalog.services.verdicts import NewVerdict, verdict_settle, verdicts_settle, verdicts_unsettle

__all__ = [
    "NewVerdict",
    "corpus_origin_set",
    "fetch_start",
    "import_start",
    "query_ensure",
    "verdict_settle",
    "verdicts_settle",
    "verdicts_unsettle",
]
