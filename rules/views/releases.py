"""Releases: the list, one release with its differences and its impact, and each step of its way."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from catalog.models import Pair
from rules import selectors, services
from rules.diff import rulebook_diff
from rules.impact import release_impact as impact_of
from rules.models import Publication, Release
from rules.pair_selectors import pairs_shown
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, Role

WRITERS = (Role.EDITOR, Role.ADMIN)
SIGNERS = (Role.REVIEWER, Role.EDITOR, Role.ADMIN)
LARGE = 100_000  # pairs past which a comparison is a job, not something a page waits for


@require_GET
@corpus_view()
def release_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "releases": Release.objects.filter(corpus=corpus)
        .select_related("author", "signed_off_by")
        .order_by("-number"),
        "publications": Publication.objects.filter(corpus=corpus)
        .select_related("release", "actor")
        .order_by("-id")[:20],
        "current": selectors.release_current(corpus),
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
    release = selectors.release_get(corpus, number)
    current = selectors.release_current(corpus)
    base = current if release.state != Release.State.PUBLISHED else selectors.release_before(release)
    forms = selectors.release_forms(release)
    context = {
        "release": release,
        "current": current,
        "base": base,
        "forms": forms,
        "diff": rulebook_diff(selectors.release_forms(base) if base else [], forms),
        "definitions": [] if base is None else selectors.definitions_changed(base, release),
        "checks": release.checks.order_by("name"),
        "behind": selectors.release_behind(release),
        "jobs": _jobs(corpus, release),
        "signed": release.signed_off_at is not None and release.base_id == (current.pk if current else None),
        "writes": bool(request.roles & set(WRITERS)),
        "signs": bool(request.roles & set(SIGNERS)) and request.user.pk != release.author_id,
        "changes": release.verdict_changes.count() if release.state == Release.State.PUBLISHED else None,
    }
    return render(request, "rules/release_detail.html", context)


def _jobs(corpus: Corpus, release: Release) -> list[Job]:
    """Comparisons and publications of this release that are under way or went wrong."""
    kinds = ("rules.release_impact", "rules.release_publish")
    rows = Job.objects.filter(corpus=corpus, kind__in=kinds, arguments__release=release.pk).exclude(
        state="done"
    )
    return list(rows.order_by("-created_at")[:2])


@require_POST
@corpus_view()
def release_impact(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    """The release held against the corpus: at once where that is quick, else as a job whose progress is shown."""
    release = selectors.release_get(corpus, number)
    if _is_large(corpus):
        job = _impact_job(request, corpus, release)
        return render(request, "common/_job.html", {"job": job})
    found = impact_of(release)
    conflicts = [(conflict, pairs_shown(corpus, conflict.pair_ids)) for conflict in found.conflicts[:10]]
    shown = found.to_look_at
    notes = {pair: f"{before or 'no verdict'} → {after or 'no verdict'}" for pair, before, after in shown}
    rows = pairs_shown(corpus, [pair for pair, _, _ in shown], notes)
    return render(request, "rules/_impact.html", {"impact": found, "conflicts": conflicts, "rows": rows})


def _is_large(corpus: Corpus) -> bool:
    """Whether there are more pairs than a page should wait for; counts no further than that."""
    return Pair.objects.filter(corpus=corpus)[LARGE : LARGE + 1].exists()


def _impact_job(request: CorpusRequest, corpus: Corpus, release: Release) -> Job:
    running = Job.objects.filter(
        corpus=corpus,
        kind="rules.release_impact",
        state__in=["queued", "running"],
        arguments__release=release.pk,
    ).first()
    return running or job_enqueue(
        kind="rules.release_impact", corpus=corpus, actor=request.user, arguments={"release": release.pk}
    )


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
release_rollback = require_POST(
    corpus_view(*WRITERS)(
        _step(
            "This release is in force again.",
            lambda request, release: services.release_rollback(
                release=release, actor=request.user, reason=request.POST.get("reason", "")
            ),
        )
    )
)


@require_POST
@corpus_view(*WRITERS)
def release_publish(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    release = selectors.release_get(corpus, number)
    reason = request.POST.get("reason", "")
    if _is_large(corpus):
        arguments = {"release": release.pk, "reason": reason}
        job_enqueue(kind="rules.release_publish", corpus=corpus, actor=request.user, arguments=arguments)
        messages.info(request, "Publishing: the comparison with the corpus runs now.")
    else:
        services.release_publish(release=release, actor=request.user, reason=reason)
        messages.success(request, f"Release {number} is in force.")
    return redirect("rules:release_detail", corpus.slug, number)


@require_POST
@corpus_view(*WRITERS)
def release_discard(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    services.release_discard(release=selectors.release_get(corpus, number), actor=request.user)
    messages.success(request, f"Draft release {number} is gone; its rules stay.")
    return redirect("rules:release_list", corpus.slug)
