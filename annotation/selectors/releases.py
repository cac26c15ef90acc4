"""What a release means to the person who judges: its levels, its dimensions, and which release that is."""

from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Q

from annotation.errors import NoRelease
from annotation.keys import dimension_keys
from relevance.grades import DIMENSIONS
from rules.models import Release
from rules.selectors import level_definitions
from webapp.common.errors import Invalid
from webapp.common.models import Corpus
from webapp.common.statements import fetch

IN_FORCE_SQL = (
    "SELECT release_id FROM rules_publication WHERE corpus_id = %(corpus)s ORDER BY id DESC LIMIT 1"
)


@dataclass(frozen=True)
class Level:
    """A grade with its name and definition under one release."""

    number: int
    name: str
    text: str


def release_in_force(corpus: Corpus) -> Release:
    """The release judgments are made under: the published one, else the external guideline. Raises NoRelease."""
    published = fetch(IN_FORCE_SQL, {"corpus": corpus.pk})
    if published:
        return _frozen(published[0]["release_id"])
    release = Release.objects.filter(corpus=corpus, external=True).order_by("number").first()
    if release is None:
        raise NoRelease(
            "No rulebook release is in force here: a rule editor publishes the first one under Rules."
        )
    return release


@lru_cache(maxsize=64)
def _frozen(pk: int) -> Release:
    """A published release never changes, and its row is long: each web process reads it once."""
    return Release.objects.get(pk=pk)


def release_get_for(corpus: Corpus, pk: int) -> Release:
    """A release of this corpus that people may have seen: published, or the external guideline."""
    try:
        release = _seen(pk)
    except Release.DoesNotExist:
        release = None
    if release is None or release.corpus_id != corpus.pk:
        raise Invalid("That rulebook release is not one of this corpus: reload the page.", code="release")
    return release


@lru_cache(maxsize=64)
def _seen(pk: int) -> Release:
    """As `_frozen`, of a release that people may have seen; a draft is not kept, for an error is never cached."""
    return Release.objects.get(Q(external=True) | Q(state=Release.State.PUBLISHED), pk=pk)


def levels_of(release: Release) -> list[Level]:
    """L1 to L4 with the release's own definitions."""
    texts = level_definitions(release)
    return [Level(number, f"L{number}", texts[f"L{number}"]) for number in (1, 2, 3, 4)]


def dimensions_of(release: Release) -> list[str]:
    """The dimensions a person may name under a release; `unstated` is for imports alone."""
    names = [str(name) for name in release.dimensions] or [str(name) for name in DIMENSIONS]
    return [name for name in names if name != "unstated"]


def dimensions_keyed(release: Release) -> list[tuple[str, str]]:
    """(letter, dimension) as the grade page offers them."""
    return dimension_keys(dimensions_of(release))
