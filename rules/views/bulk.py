"""One change to many rules: what it would do, then doing it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from rules import services
from rules.services.bulk import CHANGES
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)


@require_POST
@corpus_view(*WRITERS)
def rules_change(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Asked without `confirmed`: the page that lists what will change. With it: done, all or none."""
    post = request.POST
    change = post.get("change", "")
    value = post.get(f"value_{change}", post.get("value", ""))
    confirmed = post.get("confirmed") == "1"
    plan = services.rules_change(
        corpus=corpus,
        codes=post.getlist("rule"),
        change=change,
        value=value,
        actor=request.user,
        note=post.get("note", ""),
        dry_run=not confirmed,
    )
    count = sum(not row.is_none for row in plan)
    if not confirmed:
        context = {"change": change, "value": value, "plan": plan, "count": count, "words": CHANGES[change]}
        return render(request, "rules/rules_change.html", context)
    messages.success(request, f"{count} rule{'' if count == 1 else 's'} changed.")
    return redirect("rules:rule_list", corpus.slug)
