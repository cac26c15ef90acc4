"""What every page's frame needs: the corpus in view, the person's roles in it, and the rooms she may enter."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from webapp.common.models import Role

# (room, its first page, roles that see it). Names, not imports: the frame knows no upper room.
PLACES: tuple[tuple[str, str, frozenset[str]], ...] = (
    ("Annotate", "annotation:annotation_home", frozenset(Role.values)),
    ("Rules", "rules:rule_list", frozenset(Role.values)),
    ("Catalog", "catalog:catalog_home", frozenset(Role.values)),
    ("Training", "training:training_home", frozenset(Role.values)),
    ("Serving", "serving:serving_home", frozenset(Role.values)),
    ("People", "common:people_list", frozenset({Role.ADMIN})),
)


@dataclass(frozen=True)
class Place:
    name: str
    url: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, Any]:
    corpus = getattr(request, "corpus", None)
    roles: frozenset[str] = getattr(request, "roles", frozenset())
    if corpus is None:
        return {"corpus": None, "roles": roles, "places": []}
    return {"corpus": corpus, "roles": roles, "places": _places(request.path, corpus.slug, roles)}


def _places(path: str, slug: str, roles: frozenset[str]) -> list[Place]:
    found = []
    for name, url_name, allowed in PLACES:
        try:
            url = reverse(url_name, args=[slug])
        except NoReverseMatch:  # a deployment may leave a room out
            continue
        if roles & allowed:
            found.append(Place(name, url, path.startswith(url)))
    return found
