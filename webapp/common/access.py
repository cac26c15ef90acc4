"""Who may see what: the one place where a corpus is fetched and the person's roles in it are checked."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from webapp.common.models import ApiKey, Corpus, Role, User
from webapp.common.statements import columns, fetch, row_of

ANYONE = tuple(Role)
MEMBER_SQL = f"""
SELECT member.role, {columns(Corpus, "corpus")} FROM common_membership member
JOIN common_corpus corpus ON corpus.id = member.corpus_id
WHERE member.user_id = %(person)s AND corpus.slug = %(slug)s
"""  # noqa: S608  (made of the model's own names)


class CorpusRequest(HttpRequest):
    """What `corpus_view` guarantees to the view it wraps."""

    user: User
    corpus: Corpus
    roles: frozenset[str]
    htmx: HtmxDetails


def corpus_get_for(user: User, slug: str, *roles: str) -> tuple[Corpus, frozenset[str]]:
    """The corpus and the person's roles in it. An outsider gets a 404, a member without a fitting role a 403."""
    rows = fetch(MEMBER_SQL, {"person": user.pk, "slug": slug})
    if not rows:
        raise Http404("No such corpus, or you are not a member of it.")
    corpus, held = row_of(Corpus, rows[0]), frozenset(row["role"] for row in rows)
    if roles and not held & set(roles):
        wanted = " or ".join(str(Role(role).label) for role in roles)
        raise PermissionDenied(f"This needs the role {wanted} in {corpus.name}; an admin can give it.")
    return corpus, held


def corpus_view(*roles: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For pages under /c/<corpus>/: sign-in, membership and role; then `view(request: CorpusRequest, corpus, ...)`."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        @login_required
        def wrapped(request: Any, corpus: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            request.corpus, request.roles = corpus_get_for(request.user, corpus, *(roles or ANYONE))
            return view(request, request.corpus, *args, **kwargs)

        wrapped.lore_roles = frozenset(roles or ANYONE)  # type: ignore[attr-defined]  # read by the walk over URLs
        return wrapped

    return decorate


class CorpusAPIView(APIView):
    """For endpoints under /api/v1/corpora/<corpus>/: `roles` maps a method to the roles that may call it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {}
    corpus: Corpus
    held: frozenset[str]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        allowed = self.roles.get(request.method or "", ANYONE)
        self.corpus, self.held = corpus_for_api(request, kwargs["corpus"], *allowed)


def corpus_for_api(request: Request, slug: str, *roles: str) -> tuple[Corpus, frozenset[str]]:
    """As `corpus_get_for`; a key reaches its own corpus alone, with its own role alone."""
    key, user = request.auth, request.user
    if not isinstance(user, User):
        raise NotAuthenticated
    corpus, held = corpus_get_for(user, slug, *(() if isinstance(key, ApiKey) else roles))
    if isinstance(key, ApiKey):
        if key.corpus_id != corpus.pk:
            raise Http404("This key belongs to another corpus.")
        held = held & {key.role}
        if roles and not held & set(roles):
            raise PermissionDenied("This key's role does not allow that.")
    return corpus, held
