"""What a release would do, publishing it, and going back to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from rules import selectors, services
from rules.gate import gate_of
from rules.impact_kept import impact_last, impact_under_way
from rules.models import Release
from rules.review_selectors import impact_shown, jobs_of
from rules.views.releases import release_page
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)


@require_http_methods(["GET", "POST"])
@corpus_view()
def release_impact(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    """The release held against the corpus: at once where that is quick. On a large one what the last comparison found;
    POST asks for another, which whoever comes meanwhile joins.
    """
    release = selectors.release_get(corpus, number)
    if not selectors.corpus_is_large(corpus):
        found = {"release": release, **impact_shown(corpus, gate_of(release).body())}
        return render(request, "rules/_impact.html", found)
    if request.method == "POST":
        services.release_job_ask(release=release, actor=request.user)
        if not request.htmx:
            return redirect("rules:release_detail", corpus.slug, number)
    kept = impact_last(release)
    context = {"release": release, "kept": kept, "job": impact_under_way(release)}
    return render(
        request, "rules/_impact_kept.html", context | (impact_shown(corpus, kept.found) if kept else {})
    )


@require_POST
@corpus_view(*WRITERS)
def release_publish(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    """Into force, with the reasons it takes. A refusal keeps them."""
    release = selectors.release_get(corpus, number)
    given = _given(request, "override", "accepted", "unchecked")
    if selectors.corpus_is_large(corpus):
        return _later(request, release, "rules.release_publish", given)
    try:
        services.release_publish(release=release, actor=request.user, **given)
    except DomainError as refusal:
        meets = {"meets": True} if refusal.code == "meetings" else {}
        return release_page(request, corpus, release, refusal.status, refusal=refusal, given=given, **meets)
    messages.success(request, f"Release {number} is in force.")
    return redirect("rules:release_detail", corpus.slug, number)


@require_http_methods(["GET", "POST"])
@corpus_view(*WRITERS)
def release_rollback(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    """Going back to a release: what that would change, and then it, with the reasons it takes. A refusal keeps them."""
    release = selectors.release_get(corpus, number)
    given = _given(request, "override", "accepted")
    if request.method == "GET":
        return _rollback_page(request, release, given)
    if selectors.corpus_is_large(corpus) and given["reason"].strip():
        return _later(request, release, "rules.release_rollback", given)
    try:
        services.release_rollback(release=release, actor=request.user, **given)
    except DomainError as refusal:
        return _rollback_page(request, release, given, refusal)
    messages.success(request, "This release is in force again.")
    return redirect("rules:release_detail", corpus.slug, number)


def _given(request: CorpusRequest, *names: str) -> dict[str, Any]:
    return {name: request.POST.get(name, "") for name in ("reason", *names)}


def _rollback_page(
    request: CorpusRequest, release: Release, given: dict[str, Any], refusal: DomainError | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "release": release, "current": selectors.release_current(request.corpus), "given": given,
        "refusal": refusal, "jobs": jobs_of(release),
    }  # fmt: skip
    return render(request, "rules/release_rollback.html", context, status=refusal.status if refusal else 200)


def _later(request: CorpusRequest, release: Release, kind: str, given: dict[str, Any]) -> HttpResponse:
    _, begun = services.release_job_ask(release=release, kind=kind, actor=request.user, arguments=given)
    if begun:
        messages.info(request, "The comparison with the corpus runs now; the page shows how it ends.")
    else:
        messages.warning(request, "That is under way already: what was asked for first goes on.")
    return redirect("rules:release_detail", request.corpus.slug, release.number)
