"""What every page's frame needs: the corpus in view, the person's roles, and her other corpora."""

from typing import Any

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    corpus = getattr(request, "corpus", None)
    roles = getattr(request, "roles", frozenset())
    return {"corpus": corpus, "roles": roles}
