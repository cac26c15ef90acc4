"""A draft release on its author's desk: its title and note, rules held back and put back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from rules import selectors, services
from rules.views.releases import WRITERS, release_page
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import Conflict
from webapp.common.models import Corpus


@require_POST
@corpus_view(*WRITERS)
def release_reword(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    release = selectors.release_get(corpus, number)
    typed = {name: request.POST.get(name, "") for name in ("title", "note")}
    try:
        services.release_reword(
            release=release, actor=request.user, base=request.POST.get("base", ""), **typed
        )
    except Conflict as clash:
        if clash.code != "edit_clash":
            raise
        return release_page(request, corpus, release, status=409, clash=clash, typed=typed)
    messages.success(request, "Title and note are saved.")
    return redirect("rules:release_detail", corpus.slug, number)


@require_POST
@corpus_view(*WRITERS)
def release_leave_out(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    rule = selectors.rule_get(corpus, request.POST.get("rule", ""))
    omission = services.release_leave_out(
        release=selectors.release_get(corpus, number),
        rule=rule,
        actor=request.user,
        reason=request.POST.get("reason", ""),
        whole=request.POST.get("whole") == "1",
    )
    how = "is left out of this release" if omission.whole else "stays as it is in force"
    messages.success(request, f"{rule.code} {how}.")
    return redirect("rules:release_detail", corpus.slug, number)


@require_POST
@corpus_view(*WRITERS)
def release_put_back(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    rule = selectors.rule_get(corpus, request.POST.get("rule", ""))
    services.release_put_back(
        release=selectors.release_get(corpus, number),
        rule=rule,
        actor=request.user,
        reason=request.POST.get("reason", ""),
    )
    messages.success(request, f"{rule.code} is in this release again, in its newest version.")
    return redirect("rules:release_detail", corpus.slug, number)
