"""What comes back from judging to the rules: flags and disagreements."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.models import Triage
from annotation.selectors.triage import (
    LIKELY,
    disagreements,
    faults_of,
    flag_get_for,
    flags_open,
    rule_feedback,
)
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset

READERS = (Role.EDITOR, Role.REVIEWER, Role.ADMIN)
SIZE = 50


@require_GET
@corpus_view(*READERS)
def triage_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rule, fault = request.GET.get("rule", "")[:20], request.GET.get("fault", "")
    rows = disagreements(corpus, rule=rule, fault=fault if fault in (*Triage.Fault.values, "all") else "")
    page = keyset(rows, ("-at", "-id"), request.GET.get("after", ""), SIZE)
    context: dict[str, Any] = {
        "rules": rule_feedback(corpus),
        "flags": flags_open(corpus).order_by("-pk")[:100],
        "page": page,
        "lines": [(row, LIKELY.get(row.disagreement, "")) for row in page.rows],
        "rule": rule,
        "fault": fault,
        "faults": faults_of(corpus),
    }
    return render(request, "annotation/triage_list.html", context)


@require_POST
@corpus_view(*READERS)
def triage_decide(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Where the fault lay, for the answers that are ticked."""
    count = services.triage_decide(
        corpus=corpus,
        judgments=[pk for pk in request.POST.getlist("judgment") if _is_uuid(pk)],
        fault=request.POST.get("fault", ""),
        actor=request.user,
    )
    if count:
        messages.success(request, f"Decided for {count} answer{'' if count == 1 else 's'}.")
    else:
        messages.warning(request, "Nothing was ticked, so nothing was decided.")
    kept = {name: request.POST[name] for name in ("rule", "shown") if request.POST.get(name)}
    back = urlencode({"rule": kept.get("rule", ""), "fault": kept.get("shown", "")})
    return redirect(f"{reverse('annotation:triage_list', args=[corpus.slug])}?{back}")


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@require_POST
@corpus_view(*READERS)
def flags_resolve(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The ticked flags are dealt with."""
    ids = [int(pk) for pk in request.POST.getlist("flag") if pk.isdecimal() and len(pk) < 19]
    count = services.flags_resolve(corpus=corpus, flags=ids, actor=request.user)
    if count:
        messages.success(request, f"Resolved {count} flag{'' if count == 1 else 's'}.")
    else:
        messages.warning(request, "Nothing was ticked, so nothing was resolved.")
    return redirect("annotation:triage_list", corpus.slug)


@require_POST
@corpus_view(*READERS)
def flag_resolve(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    services.flag_resolve(flag=flag_get_for(corpus, pk), actor=request.user)
    messages.success(request, "Resolved.")
    return redirect("annotation:triage_list", corpus.slug)
