"""Reads of level definitions and mismatch dimensions: the newest of them, their versions, the rules that use one."""

from dataclasses import dataclass

from rules.models import DefinitionsVersion, Release, RuleVersion
from rules.newest_tables import definitions_newest
from rules.selectors import dimensions_in, latest_versions, level_definitions, release_current
from webapp.common.errors import NotFound
from webapp.common.models import Corpus


@dataclass(frozen=True)
class Definitions:
    """What the next release takes up: `latest` is None for what came with a release and was never edited."""

    levels: dict[str, str]
    dimensions: list[str]
    latest: DefinitionsVersion | None = None

    @property
    def number(self) -> int:
        return self.latest.number if self.latest else 0

    @property
    def by(self) -> str:
        return self.latest.author.display_name if self.latest and self.latest.author else "Somebody else"


def definitions_current(corpus: Corpus) -> Definitions:
    return definitions_over(corpus, release_current(corpus))


def definitions_over(corpus: Corpus, release: Release | None) -> Definitions:
    """As `definitions_current`, with the release in force in hand."""
    newest = definitions_newest(corpus)
    if newest is None:
        return Definitions(level_definitions(release), dimensions_in(release))
    return Definitions(newest.level_definitions, newest.dimensions, newest)


def definitions_at(corpus: Corpus, number: int) -> Definitions:
    """Those of a version; number 0: of the release in force. Raises NotFound."""
    if number == 0:
        release = release_current(corpus)
        return Definitions(level_definitions(release), dimensions_in(release))
    row = DefinitionsVersion.objects.filter(corpus=corpus, number=number).first()
    if row is None:
        raise NotFound(f"Levels and dimensions have no version {number}.")
    return Definitions(row.level_definitions, row.dimensions, row)


def definitions_versions(corpus: Corpus) -> list[DefinitionsVersion]:
    """The newest fifty, newest first."""
    rows = DefinitionsVersion.objects.filter(corpus=corpus).select_related("author")
    return list(rows.order_by("-number")[:50])


def dimension_users(corpus: Corpus) -> dict[str, list[RuleVersion]]:
    """Per dimension, the newest rules that are filed under it or that name it in a step or an example."""
    found: dict[str, list[RuleVersion]] = {}
    for version in latest_versions(corpus):
        named = {version.dimension, *(str(step.get("dimension") or "") for step in version.ladder)}
        named |= {example.dimension for example in version.examples.all()}
        for name in named - {""}:
            found.setdefault(name, []).append(version)
    return found
