"""A request as this room's endpoints read it."""

from typing import Any, cast

from rest_framework.request import Request

from webapp.common.errors import Invalid
from webapp.common.models import User


def person_of(request: Request) -> User:
    """The person signed in, or the key's owner: `CorpusAPIView` has let nobody else through."""
    return cast(User, request.user)


def sent(request: Request) -> dict[str, Any]:
    """The body as an object; anything else is refused."""
    if not isinstance(request.data, dict):
        raise Invalid("Send a JSON object.")
    return dict(request.data.items())
