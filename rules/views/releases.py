"""Releases: the list, one release with its differences and its impact, and each step of its way."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from rules import review_selectors, selectors, services
from rules.diff import RuleDiff, rulebook_diff
from rules.models import Publication, Release
from rules.tables import tables_diff
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)
SIGNERS = (Role.REVIEWER, Role.EDITOR, Role.ADMIN)


@require_GET
@corpus_view()
def release_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rows = Release.objects.filter(corpus=corpus).select_related("author", "signed_off_by")
    publications = Publication.objects.filter(corpus=corpus).select_related("release", "actor")
    context = {
        "releases": rows.order_by("-number"),
        "publications": publications.order_by("-id")[:20],
        "current": selectors.release_current(corpus),
        "replay": review_selectors.replay_sets(corpus).first(),
        "writes": bool(request.roles & set(WRITERS)),
    }
    return render(request, "rules/release_list.html", context)


@require_POST
@corpus_view(*WRITERS)
def release_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    release = services.release_create(
        corpus=corpus,
        actor=request.user,
        title=request.POST.get("title", ""),
        note=request.POST.get("note", ""),
    )
    return redirect("rules:release_detail", corpus.slug, release.number)


@require_GET
@corpus_view()
def release_detail(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    return release_page(request, corpus, selectors.release_get(corpus, number))


def release_page(
    request: CorpusRequest, corpus: Corpus, release: Release, status: int = 200, **more: Any
) -> HttpResponse:
    current = selectors.release_current(corpus)
    context = {
        "release": release,
        "current": current,
        "side": request.GET.get("diff") == "side",
        "jobs": review_selectors.jobs_of(release),
        "signed": release.signed_off_at is not None and release.base_id == (current.pk if current else None),
        "writes": bool(request.roles & set(WRITERS)),
        "signs": bool(request.roles & set(SIGNERS)) and request.user.pk != release.author_id,
        "reviews": bool(request.roles & set(SIGNERS)),
        **_content(release, current),
        **_review(corpus, release),
        **more,
    }
    return render(request, "rules/release_detail.html", context, status=status)


def _content(release: Release, current: Release | None) -> dict[str, Any]:
    """What a release holds and how it differs from what was, or is, in force before it."""
    published = release.state == Release.State.PUBLISHED
    base = selectors.release_before(release) if published else current
    forms = selectors.release_forms(release)
    comments = review_selectors.comments_by_rule(release)
    diff = rulebook_diff(selectors.release_forms(base) if base else [], forms)
    omissions, shown = review_selectors.omissions_of(release), {rule.code for rule in diff}
    return {
        "base": base,
        "forms": forms,
        "diff": [(rule, comments.get(rule.code, []), omissions.get(rule.code)) for rule in diff],
        "held_back": [row for code, row in omissions.items() if code not in shown],
        "unchanged": [form for form in forms if form["code"] not in {*shown, *omissions}],
        "comments": comments.get("", []),
        "said": _said_elsewhere(diff, comments),
        "tables": tables_diff(base.tables if base else {}, release.tables),
        "definitions": [] if base is None else selectors.definitions_changed(base, release),
        "behind": selectors.release_behind(release, current),
        "publications": release.publications.select_related("actor").order_by("-id")[:10],
    }


def _said_elsewhere(diff: list[RuleDiff], comments: dict[str, Any]) -> list[tuple[str, Any]]:
    """Comments on rules that no longer differ: a discussion does not vanish with what it was about."""
    shown = {rule.code for rule in diff}
    return [(code, said) for code, said in comments.items() if code and code not in shown]


def _review(corpus: Corpus, release: Release) -> dict[str, Any]:
    return {
        **_checks(release),
        "plan": review_selectors.plan_of(release),
        "overrides": review_selectors.overrides_of(release),
        "members": review_selectors.members_of(corpus),
    }


def _checks(release: Release) -> dict[str, Any]:
    """Publish checks; names of those that are not in yet, and whether rules can meet beyond the corpus."""
    checks = review_selectors.checks_shown(release)
    return {
        "checks": checks,
        "waiting": [check.name for check, _ in checks if check.content.get("pending")],
        "meets": any(
            check.content.get("witnesses") or (check.content.get("kinds") or {}).get("opposite")
            for check, _ in checks
        ),
    }


@require_GET
@corpus_view()
def release_checks(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    """The publish checks as they stand now: rooms write theirs when their workers get to it."""
    release = selectors.release_get(corpus, number)
    return render(request, "rules/_checks.html", {"release": release, **_checks(release)})


def _step(done: str, run: Callable[[CorpusRequest, Release], Any]) -> Callable[..., HttpResponse]:
    """One step of a release's way as a view: fetch, do, say so, and back to the release."""

    def view(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
        release = selectors.release_get(corpus, number)
        run(request, release)
        messages.success(request, done)
        return redirect("rules:release_detail", corpus.slug, number)

    return view


release_refresh = require_POST(
    corpus_view(*WRITERS)(
        _step(
            "The newest version of every rule is in.",
            lambda request, release: services.release_refresh(release=release, actor=request.user),
        )
    )
)
release_submit = require_POST(
    corpus_view(*WRITERS)(
        _step(
            "Handed to review: somebody else signs it off.",
            lambda request, release: services.release_submit(release=release, actor=request.user),
        )
    )
)
release_return = require_POST(
    corpus_view(*SIGNERS)(
        _step(
            "Back to draft.",
            lambda request, release: services.release_return(
                release=release, actor=request.user, reason=request.POST.get("reason", "")
            ),
        )
    )
)
release_sign_off = require_POST(
    corpus_view(*SIGNERS)(
        _step(
            "Signed off. It can be published now.",
            lambda request, release: services.release_sign_off(
                release=release, actor=request.user, comment=request.POST.get("comment", "")
            ),
        )
    )
)


@require_POST
@corpus_view(*WRITERS)
def release_discard(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    services.release_discard(release=selectors.release_get(corpus, number), actor=request.user)
    messages.success(request, f"Draft release {number} is gone; its rules stay.")
    return redirect("rules:release_list", corpus.slug)
