"""What lint finds: beside the editor as she types, and over the whole rulebook."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from rules.conflicts import static_running
from rules.engine import RulebookError
from rules.lint import KINDS, Kind
from rules.lint_selectors import lint_corpus, lint_typed, solver_said, summary_of
from rules.views.live import form_typed
from rules.views.rules import WRITERS
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import Invalid
from webapp.common.models import Corpus


@require_GET
@corpus_view()
def lint_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Findings of all rules as they stand; `kind` and `rule` narrow the list."""
    kind, code = request.GET.get("kind", ""), request.GET.get("rule", "")[:20]
    context: dict[str, Any] = {
        "kinds": [(k.value, said) for k, said in KINDS.items()],
        "kind": kind,
        "rule": code,
        "writes": bool(request.roles & set(WRITERS)),
        "job": static_running(corpus),
    }
    try:
        found = lint_corpus(corpus)
        context |= {"summary": summary_of(found), "studied": solver_said(corpus)}
        context["codes"] = list(dict.fromkeys(f.code for f in found))
        kept = (f for f in found if kind in ("", f.kind.value) and code in ("", f.code, f.other))
        context["findings"] = list(kept)
    except RulebookError as problem:
        context["problem"] = problem
    return render(request, "rules/lint_list.html" + ("#results" if request.htmx else ""), context)


@require_POST
@corpus_view()
def lint_live(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Findings of the rule that stands in the form, saved or not."""
    context: dict[str, Any] = {"kinds": {k.value: said for k, said in KINDS.items()}, "nine": len(Kind)}
    try:
        context["findings"] = lint_typed(corpus, form_typed(request.POST))
        context["writes"] = bool(request.roles & set(WRITERS))
    except (Invalid, RulebookError) as problem:
        context["problem"] = str(problem)
    return render(request, "rules/_lint.html", context)
