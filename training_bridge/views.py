"""Pages of this room: turns, models, snapshots. Everyone in the corpus reads; an admin starts and promotes."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from relevance.splits import SPLITS
from training_bridge import services
from training_bridge.charts import curves_of, dots_of
from training_bridge.models import RefreshPolicy
from training_bridge.recipe import recipe_default, recipe_load, recipe_names
from training_bridge.selectors import (
    champion,
    evaluations_of,
    gate_latest,
    model_find,
    models_of,
    promotions_of,
    snapshot_get,
    snapshots_of,
    stages_of,
    turn_active,
    turn_get,
    turns_of,
)
from training_bridge.snapshots.archive import snapshot_samples
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset

ENDED = 286  # tells htmx to stop polling


@require_GET
@corpus_view()
def training_home(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "recipes": [recipe_load(name) for name in recipe_names()],
        "recipe": recipe_default(corpus),
        "champion": champion(corpus),
        "active": turn_active(corpus),
        "turns": list(turns_of(corpus).order_by("-id")[:12]),
        "policy": RefreshPolicy.objects.filter(corpus=corpus).first(),
        "promotions": list(promotions_of(corpus).order_by("-id")[:6]),
        "is_admin": Role.ADMIN in request.roles,
    }
    return render(request, "training/training_home.html", context)


@require_POST
@corpus_view(Role.ADMIN)
def turn_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    try:
        turn = services.turn_start(corpus=corpus, actor=request.user, recipe=request.POST.get("recipe", ""))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        running = refusal.extra.get("turn")
        return redirect("training:turn_detail", corpus.slug, running) if running else _home(corpus)
    return redirect("training:turn_detail", corpus.slug, turn.pk)


@require_POST
@corpus_view(Role.ADMIN)
def suggestions_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Ask the champion about the pairs of campaigns that show suggestions, and about unjudged ones."""
    given = request.POST.get("unjudged", "")
    try:
        unjudged = int(given) if given.isdecimal() and len(given) < 9 else 0
        services.suggestions_ask(corpus=corpus, actor=request.user, unjudged=unjudged)
        messages.success(request, "The champion is being asked: see Jobs for how far it is.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return _home(corpus)


@require_GET
@corpus_view()
def turn_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    turn = turn_get(corpus, pk)
    context = {**_progress(corpus, pk), "rows": turn.report.get("rows", []), "metrics": dots_of(turn.report)}
    context["capabilities"] = ("knowledge", "visual", "rules")
    return render(request, "training/turn_detail.html", context)


@require_GET
@corpus_view()
def turn_progress(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """The live part of a turn; when the turn has ended, the page is asked to load again with its report."""
    context = _progress(corpus, pk)
    response = render(request, "training/_turn_progress.html", context)
    if context["turn"].job.is_finished:
        response["HX-Refresh"] = "true"
        response.status_code = ENDED
    return response


def _progress(corpus: Corpus, pk: int) -> dict[str, Any]:
    turn = turn_get(corpus, pk)
    stages = stages_of(turn)
    return {
        "turn": turn,
        "job": turn.job,
        "stages": stages,
        "curves": [(stage, curves_of(stage.metrics)) for stage in stages if stage.metrics],
    }


@require_POST
@corpus_view(Role.ADMIN)
def refresh_policy_edit(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    sent = request.POST
    try:
        services.refresh_policy_set(
            corpus=corpus,
            actor=request.user,
            enabled="enabled" in sent,
            recipe=sent.get("recipe", ""),
            after_verdicts=_count(sent.get("after_verdicts", "")),
            after_rankings=_count(sent.get("after_rankings", "")),
            every_hours=_count(sent.get("every_hours", "")),
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "The refresh policy is set.")
    return _home(corpus)


def _count(text: str) -> int | None:
    """None for an empty field; 0, which the service refuses, for anything that is no number."""
    if not text.strip():
        return None
    return int(text) if text.isdecimal() and len(text) < 10 else 0


@require_GET
@corpus_view()
def model_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rows = keyset(models_of(corpus), ("-number",), request.GET.get("after", ""), 30)
    context = {
        "rows": rows,
        "champion": champion(corpus),
        "promotions": list(promotions_of(corpus).order_by("-id")[:20]),
    }
    return render(request, "training/model_list.html", context)


@require_GET
@corpus_view()
def model_detail(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    model = model_find(corpus, str(number))
    context = {
        "model": model,
        "champion": champion(corpus),
        "gate": (gate := gate_latest(model)),
        "gate_shown": {"passed": gate.passed, **gate.outcome} if gate else None,
        "evaluations": evaluations_of(model),
        "promotions": list(promotions_of(corpus).filter(model_version=model).order_by("-id")),
        "is_admin": Role.ADMIN in request.roles,
    }
    return render(request, "training/model_detail.html", context)


@require_POST
@corpus_view(Role.ADMIN)
def model_promote(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    try:
        services.model_promote(
            model=model_find(corpus, str(number)),
            actor=request.user,
            reason=request.POST.get("reason", ""),
            override_reason=request.POST.get("override_reason", ""),
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"Model {number} is the champion now.")
    return redirect("training:model_detail", corpus.slug, number)


@require_POST
@corpus_view(Role.ADMIN)
def model_rollback(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    try:
        promotion = services.model_rollback(
            corpus=corpus, actor=request.user, reason=request.POST.get("reason", "")
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("training:model_list", corpus.slug)
    messages.success(request, f"{promotion.model_version} is the champion again.".capitalize())
    return redirect("training:model_detail", corpus.slug, promotion.model_version.number)


@require_POST
@corpus_view(Role.ADMIN)
def gate_create(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    """Measure a model anew against today's champion, on the newest snapshot it was evaluated on."""
    model = model_find(corpus, str(number))
    try:
        evaluations = evaluations_of(model)
        if not evaluations:
            raise DomainError("This model was never evaluated: run a turn that measures it.")
        gate = services.gate_evaluate(challenger=model, snapshot=evaluations[0].snapshot, actor=request.user)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "The gate passed." if gate.passed else "The gate did not pass.")
    return redirect("training:model_detail", corpus.slug, number)


@require_GET
@corpus_view()
def snapshot_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rows = keyset(snapshots_of(corpus), ("-number",), request.GET.get("after", ""), 30)
    return render(request, "training/snapshot_list.html", {"rows": rows})


@require_GET
@corpus_view()
def snapshot_detail(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    snapshot = snapshot_get(corpus, number)
    samples = [(name, snapshot_samples(snapshot, name)) for name in ("sft", "dpo", "grpo")]
    context = {
        "snapshot": snapshot,
        "samples": samples,
        "turns": snapshot.turns.order_by("-id")[:10],
        "splits": SPLITS,
    }
    return render(request, "training/snapshot_detail.html", context)


def _home(corpus: Corpus) -> HttpResponse:
    return redirect("training:training_home", corpus.slug)
