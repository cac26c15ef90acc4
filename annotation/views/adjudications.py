"""The adjudication queue and one dispute after the other, by keyboard."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotation import services
from annotation.forms import AdjudicationForm
from annotation.keymap import DECIDING
from annotation.selectors import dimensions_keyed, levels_of, release_in_force
from annotation.selectors.disputes import Dispute, dispute_after, dispute_get_for, disputes
from annotation.views.answers import keys_context
from rules.models import Release
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset


@require_GET
@corpus_view(Role.REVIEWER)
def adjudication_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    page = keyset(disputes(corpus), ("pk",), request.GET.get("after", ""), 50)
    return render(request, "annotation/adjudication_list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@corpus_view(Role.REVIEWER)
def adjudication_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    release = release_in_force(corpus)
    dispute = dispute_get_for(corpus, pk, release)
    form = AdjudicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _adjudicate(request, dispute, release, form.cleaned_data, pk)
        except DomainError as error:
            form.add_error(None, error.message)
    context = {
        "dispute": dispute, "subject": dispute.subject, "form": form, "levels": levels_of(release),
        "dimensions": dimensions_keyed(release), "release": release, "next": dispute_after(corpus, pk),
        "may_edit_rules": Role.EDITOR in request.roles, **keys_context(request, DECIDING),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "annotation/adjudication_detail.html", context, status=status)


def _adjudicate(
    request: CorpusRequest, dispute: Dispute, release: Release, values: dict[str, Any], pk: int
) -> HttpResponse:
    services.adjudication_record(pair=dispute.subject.pair, actor=request.user, release=release, **values)
    messages.success(request, "Settled. The people concerned see your reason in their history.")
    following = dispute_after(request.corpus, pk)
    if following is None:
        return redirect("annotation:adjudication_list", request.corpus.slug)
    return redirect("annotation:adjudication_detail", request.corpus.slug, following)
