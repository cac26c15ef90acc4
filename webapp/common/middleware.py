"""Headers for every response, and the translation of refusals into pages."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from webapp.common.errors import DomainError, NotFound, Refused, error_body, refusal_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


def security_headers(get_response: GetResponse) -> GetResponse:
    """Everything comes from this origin; no inline script runs (style attributes carry chart geometry)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if "HX-Request" in request.headers or response.get("Content-Type", "").startswith("text/html"):
            response["Vary"] = ", ".join(filter(None, [response.get("Vary", ""), "HX-Request"]))
        return response

    return middleware


class DomainErrors:
    """A refusal raised below a page becomes a page, a fragment where htmx asked, or JSON where a script did.

    A script that queues answers has to tell a refusal, which stands, from a site that is away: so it is given Django's own
    two as well, such as that of a membership that has ended.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refusal = refusal_of(exception)
        if request.headers.get("Accept", "").startswith("application/json"):
            refusal = refusal or _djangos(exception)
            return JsonResponse(error_body(refusal), status=refusal.status) if refusal else None
        if refusal is None:
            return None
        template = "common/_refusal.html" if request.headers.get("HX-Request") else "common/refusal.html"
        return render(request, template, {"error": refusal}, status=refusal.status)


def _djangos(exception: Exception) -> DomainError | None:
    if isinstance(exception, Http404):
        return NotFound(str(exception) or "There is no such page.")
    if isinstance(exception, PermissionDenied):
        return Refused(str(exception) or "You may not do that here.")
    return None
