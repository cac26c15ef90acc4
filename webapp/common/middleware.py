"""Headers for every response, and the translation of refusals into pages."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve

from webapp.common.errors import DomainError, Invalid, NotFound, Refused, error_body, refusal_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
    "frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)

NOT_READ = Invalid(
    "This address takes what a form sends, and has no page of its own.", code="method_not_allowed"
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
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET" and not response.content:
            # where a form was sent to: signed in again after it, or gone to by its address
            back = _page_above(request.path)
            answer = render(request, "common/refusal.html", {"error": NOT_READ, "back": back}, status=405)
            answer["Allow"] = response["Allow"]
            return answer
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refusal = refusal_of(exception)
        if request.headers.get("Accept", "").startswith("application/json"):
            refusal = refusal or _djangos(exception)
            return JsonResponse(error_body(refusal), status=refusal.status) if refusal else None
        if refusal is None:
            return None
        template = "common/_refusal.html" if request.headers.get("HX-Request") else "common/refusal.html"
        return render(request, template, {"error": refusal}, status=refusal.status)


def _page_above(path: str) -> str:
    """The nearest address above one that is there; '' where none is."""
    while path := path.rstrip("/").rpartition("/")[0]:
        try:
            resolve(f"{path}/")
        except Resolver404:
            continue
        return f"{path}/"
    return ""


def _djangos(exception: Exception) -> DomainError | None:
    if isinstance(exception, Http404):
        return NotFound(str(exception) or "There is no such page.")
    if isinstance(exception, PermissionDenied):
        return Refused(str(exception) or "You may not do that here.")
    return None
