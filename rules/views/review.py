"""Around a release and a rule: comments, plans, replay sets, what is news to a person, who else has an editor open."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from rules import review_selectors, selectors, services
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)
SIGNERS = (Role.REVIEWER, Role.EDITOR, Role.ADMIN)
FREEZERS = (Role.REVIEWER, Role.ADMIN)


@require_POST
@corpus_view(*SIGNERS)
def release_comment(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    code = request.POST.get("rule", "")
    comment = services.comment_create(
        corpus=corpus,
        actor=request.user,
        text=request.POST.get("text", ""),
        release=selectors.release_get(corpus, number),
        rule=selectors.rule_get(corpus, code) if code else None,
    )
    if request.htmx:
        return render(request, "rules/_comment.html", {"comment": comment})
    return redirect("rules:release_detail", corpus.slug, number)


@require_POST
@corpus_view(*SIGNERS)
def rule_comment(request: CorpusRequest, corpus: Corpus, code: str) -> HttpResponse:
    rule = selectors.rule_get(corpus, code)
    comment = services.comment_create(
        corpus=corpus, actor=request.user, text=request.POST.get("text", ""), rule=rule
    )
    if request.htmx:
        return render(request, "rules/_comment.html", {"comment": comment})
    return redirect("rules:rule_history", corpus.slug, code)


@require_POST
@corpus_view(*WRITERS)
def plan_create(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    zone = request.POST.get("time_zone", "UTC").strip()
    plan = services.publication_plan_create(
        release=selectors.release_get(corpus, number),
        due_at=services.due_time(request.POST.get("due_at", ""), zone),
        time_zone=zone,
        actor=request.user,
        **{name: request.POST.get(name, "") for name in ("reason", "override", "accepted", "unchecked")},
    )
    messages.success(request, f"Planned for {plan.local_time}. Everything is checked again at that time.")
    return redirect("rules:release_detail", corpus.slug, number)


@require_POST
@corpus_view(*WRITERS)
def plan_cancel(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    release = selectors.release_get(corpus, number)
    if services.publication_plan_cancel(release=release, actor=request.user):
        messages.success(request, "The plan is cancelled; the release stays signed off.")
    return redirect("rules:release_detail", corpus.slug, number)


@require_GET
@corpus_view()
def replay_set_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "sets": review_selectors.replay_sets(corpus)[:50],
        "freezes": bool(request.roles & set(FREEZERS)),
    }
    return render(request, "rules/replay_set_list.html", context)


@require_POST
@corpus_view(*FREEZERS)
def replay_set_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    named = request.POST.get("queries", "").splitlines()
    made = services.replay_set_create(
        corpus=corpus,
        actor=request.user,
        note=request.POST.get("note", ""),
        queries=named if request.POST.get("which") == "named" else None,
    )
    messages.success(
        request, f"Replay set {made.number} is frozen: {made.pairs} pairs of {made.queries} queries."
    )
    return redirect("rules:replay_set_list", corpus.slug)


@require_GET
@corpus_view()
def release_news(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """What changed since this person last took note; nothing where nothing did."""
    return render(request, "rules/_news.html", {"news": review_selectors.release_news(corpus, request.user)})


@require_POST
@corpus_view()
def release_acknowledge(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    release = selectors.release_get(corpus, number)
    services.release_acknowledge(release=release, person=request.user)
    return HttpResponse("") if request.htmx else redirect("shell:corpus_home", corpus.slug)


@require_POST
@corpus_view(*WRITERS)
def rule_presence(request: CorpusRequest, corpus: Corpus, code: str) -> HttpResponse:
    """A sign of life of an open editor; answers who else has it open, and whether somebody saved meanwhile."""
    rule = selectors.rule_get(corpus, code)
    if request.POST.get("left"):
        services.presence_end(rule=rule, person=request.user)
        return HttpResponse("")
    typing = request.POST.get("typing") == "1"
    base, latest = request.POST.get("base", ""), selectors.latest_of(rule)
    context = {
        "others": services.presence_renew(rule=rule, person=request.user, typing=typing),
        "newer": latest if base.isdecimal() and int(base) < latest.number else None,
        "rule": rule,
    }
    return render(request, "rules/_presence.html", context)
