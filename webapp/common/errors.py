"""One tree of refusals, translated once per door: JSON by the handler below, pages by the middleware."""

from typing import Any

from django.db import DataError
from rest_framework.response import Response
from rest_framework.views import exception_handler


class DomainError(Exception):
    """A refusal with a machine-readable code and a sentence that says what to do."""

    status = 400
    default_code = "invalid"
    final = False  # True: a job that meets it is not tried again, since the answer would be the same

    def __init__(self, message: str, *, code: str = "", extra: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.extra = extra or {}


class Invalid(DomainError):
    status, default_code = 422, "invalid"


class NotFound(DomainError):
    status, default_code = 404, "not_found"


class Refused(DomainError):
    status, default_code = 403, "refused"


class Conflict(DomainError):
    status, default_code = 409, "conflict"


class Unavailable(DomainError):
    """Something this answer needs (a worker, the model server) is down; trying again may help."""

    status, default_code = 503, "unavailable"


NUL_WORDS = ("cannot contain NUL", "\\u0000 cannot be converted")


def refusal_of(error: Exception) -> DomainError | None:
    """The refusal that an exception stands for; None where it is an error of ours."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, DataError) and any(word in str(error) for word in NUL_WORDS):
        # whichever field or address brought it: said before a text is sent, and by the database of one inside JSON
        return Invalid(
            "A text holds a NUL character, which cannot be kept or searched: delete it.", code="nul"
        )
    return None


def error_body(error: DomainError) -> dict[str, Any]:
    return {"error": {"code": error.code, "message": error.message, **error.extra}}


def api_exception_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: the same JSON shape for our refusals and for the framework's own."""
    if refusal := refusal_of(exc):
        return Response(error_body(refusal), status=refusal.status)
    response = exception_handler(exc, context)
    if response is not None:
        code = {404: "not_found", 403: "refused", 401: "unauthenticated", 405: "method_not_allowed"}.get(
            response.status_code, "invalid"
        )
        detail = response.data.get("detail") if isinstance(response.data, dict) else None
        body = {"code": code, "message": str(detail or "The request is not valid.")}
        if detail is None:
            body["fields"] = response.data
        response.data = {"error": body}
    return response
