"""Rules in conflict, resolved from here; and what the rules leave out."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from rules import gaps
from rules.conflicts import JOB, conflict_rows, rules_now, static_last, static_running
from rules.engine import RulebookError
from rules.services.conflicts import conflict_resolve as resolve
from rules.views.rules import WRITERS
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus


@require_GET
@corpus_view()
def conflict_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Two rules at a time: what each says, real items where both fire, and the ways out."""
    context: dict[str, Any] = {"writes": bool(request.roles & set(WRITERS)), "job": static_running(corpus)}
    try:
        now = rules_now(corpus)
        static = static_last(corpus, now)
        context |= {"static": static, "conflicts": conflict_rows(corpus, now, static), "large": now.large}
    except RulebookError as problem:
        context["problem"] = problem
    return render(request, "rules/conflict_list.html", context)


@require_POST
@corpus_view(*WRITERS)
def conflict_resolve(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """A new version of one rule that puts it above the other, or lets it yield."""
    code, other, how = (request.POST.get(name, "")[:20] for name in ("rule", "other", "how"))
    version = resolve(corpus=corpus, code=code, other=other, how=how, actor=request.user)
    messages.success(request, f"{version.rule.code} has a new version: {version.note}")
    return redirect("rules:conflict_list", corpus.slug)


@require_POST
@corpus_view(*WRITERS)
def conflict_check(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Static analysis of the rules as they stand, as a job."""
    with transaction.atomic():
        job = static_running(corpus) or job_enqueue(kind=JOB, corpus=corpus, actor=request.user)
    return render(request, "common/_job.html", {"job": job})


@require_GET
@corpus_view()
def gap_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Gaps inside ladders, and settled pairs without any rule."""
    context: dict[str, Any] = {"writes": bool(request.roles & set(WRITERS)), "job": static_running(corpus)}
    try:
        now = rules_now(corpus)
        static = static_last(corpus, now)
        context |= {"findings": gaps.ladder_gaps(corpus), "large": now.large, "static": static}
        context["uncovered"] = gaps.uncovered(corpus, now, static)
    except RulebookError as problem:
        context["problem"] = problem
    return render(request, "rules/gap_list.html", context)
