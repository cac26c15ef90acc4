"""A person's keys, as the working pages use them."""

from collections.abc import Mapping
from typing import Any

from annotation.keymap import grade_keys, keys_of
from annotation.keys import dimension_keys
from annotation.selectors.releases import dimensions_of, release_in_force
from rules.models import Release
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User

PREFERENCE = "annotation_keys"
DIMENSIONS = "annotation_dimension_keys"


def keys_for(person: User) -> dict[str, str]:
    """action -> key for this person."""
    return keys_of(_kept(person, PREFERENCE))


def dimensions_keyed_for(person: User, release: Release) -> list[tuple[str, str]]:
    """(letter, dimension) of a release as this person types them."""
    own = {str(name): str(letter) for name, letter in _kept(person, DIMENSIONS).items()}
    return dimension_keys(dimensions_of(release), own, grade_keys(keys_for(person)))


def letters_for(person: User, corpus: Corpus) -> list[tuple[str, str]]:
    """(letter, dimension) of the release in force as this person types them; empty where none is."""
    try:
        return dimensions_keyed_for(person, release_in_force(corpus))
    except DomainError:
        return []


def _kept(person: User, name: str) -> Mapping[str, Any]:
    found = person.preferences.get(name)
    return found if isinstance(found, dict) else {}
