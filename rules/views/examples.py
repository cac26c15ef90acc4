"""A pair becomes an example of a rule, with one key from any page that shows pairs."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from rules import selectors, services
from rules.example_choice import example_choice
from rules.pair_selectors import pair_get
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)


@require_GET
@corpus_view(*WRITERS)
def example_new(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The dialog: which rule, the fired ones first, and what it must say."""
    pair = pair_get(corpus, request.GET.get("pair", ""))
    return render(request, "rules/_example_new.html", {"choice": example_choice(corpus, pair)})


@require_POST
@corpus_view(*WRITERS)
def example_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    version = services.rule_example_add(
        rule=selectors.rule_get(corpus, request.POST.get("rule", "")),
        pair=pair_get(corpus, request.POST.get("pair", "")),
        grade=request.POST.get("grade", ""),
        dimension=request.POST.get("dimension", ""),
        note=request.POST.get("note", ""),
        actor=request.user,
    )
    if request.htmx:
        return render(request, "rules/_example_made.html", {"version": version})
    return redirect("rules:rule_detail", corpus.slug, version.rule.code)
