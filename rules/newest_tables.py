"""The newest wording of every table, and of levels and dimensions: what the next release takes up."""

from collections.abc import Iterable
from typing import Any

from rules.models import DefinitionsVersion, Release, TableVersion
from webapp.common.models import Corpus


def versions_newest(corpus: Corpus) -> list[TableVersion]:
    """The newest version of each table that was ever edited, by name."""
    rows = TableVersion.objects.filter(corpus=corpus).order_by("name", "-number").distinct("name")
    return list(rows.select_related("author"))


def definitions_newest(corpus: Corpus) -> DefinitionsVersion | None:
    """The newest level definitions and dimensions; None where they were never edited."""
    rows = DefinitionsVersion.objects.filter(corpus=corpus).select_related("author")
    return rows.order_by("-number").first()


def tables_newest(corpus: Corpus, base: Release | None) -> dict[str, Any]:
    """The tables of a release, each in its newest wording since; those that were removed since are left out."""
    return tables_over(base, versions_newest(corpus))


def tables_over(base: Release | None, versions: Iterable[TableVersion]) -> dict[str, Any]:
    """As `tables_newest`, of versions in hand."""
    found = dict(base.tables) if base else {}
    for version in versions:
        if version.content:
            found[version.name] = version.content
        else:
            found.pop(version.name, None)
    return found
