"""Recipes as this room uses them: what is wrong in one is a refusal that says so."""

from collections.abc import Mapping
from typing import Any

from training_bridge import recipes
from training_bridge.recipes import Recipe
from training_bridge.trainer.options import OptionError
from webapp.common.errors import Invalid, NotFound
from webapp.common.models import Corpus

DEFAULT = "tiny"


def recipe_names() -> list[str]:
    """The recipes that ship, the default first."""
    return sorted(recipes.recipe_names(), key=lambda name: (name != DEFAULT, name))


def recipe_default(corpus: Corpus) -> str:
    """The recipe named after the corpus where one ships, else the default."""
    return corpus.slug if corpus.slug in recipe_names() else DEFAULT


def recipe_load(name: str) -> Recipe:
    """A recipe that ships, by name (never a path: the name may come from a form). Raises NotFound or Invalid."""
    if name not in recipe_names():
        raise NotFound(f"There is no recipe {name!r}; there are: {', '.join(recipe_names())}.", code="recipe")
    return _read(lambda: recipes.load_recipe(name))


def recipe_read(content: Mapping[str, Any]) -> Recipe:
    """A recipe as a turn keeps it. Raises Invalid."""
    return _read(lambda: recipes.read_recipe(content))


def _read(read: Any) -> Recipe:
    try:
        found: Recipe = read()
    except OptionError as error:
        raise Invalid(f"This recipe cannot be used: {error}", code="recipe") from error
    return found
