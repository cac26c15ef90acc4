"""What comes back from judging to the rules: flags and disagreements."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.selectors.triage import disagreements, flag_get_for, flags_open, rule_feedback
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset

READERS = (Role.EDITOR, Role.REVIEWER, Role.ADMIN)


@require_GET
@corpus_view(*READERS)
def triage_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "rules": rule_feedback(corpus),
        "flags": flags_open(corpus).order_by("-pk")[:100],
        "page": keyset(disagreements(corpus), ("-at", "-id"), request.GET.get("after", ""), 50),
    }
    return render(request, "annotation/triage_list.html", context)


@require_POST
@corpus_view(*READERS)
def flag_resolve(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    services.flag_resolve(flag=flag_get_for(corpus, pk), actor=request.user)
    messages.success(request, "Resolved.")
    return redirect("annotation:triage_list", corpus.slug)
