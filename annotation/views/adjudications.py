"""The adjudication queue and one dispute after the other, by keyboard."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from annotation import services
from annotation.forms import AdjudicationForm
from annotation.keymap import DECIDING
from annotation.models import Campaign
from annotation.selectors import campaign_get_for, dimensions_keyed, levels_of, release_in_force
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
    campaign = _campaign(request)
    page = keyset(disputes(corpus, campaign.pk if campaign else 0), ("pk",), request.GET.get("after", ""), 50)
    context = {"page": page, "campaign": campaign, "only": _only(campaign)}
    return render(request, "annotation/adjudication_list.html", context)


def _campaign(request: CorpusRequest) -> Campaign | None:
    """The campaign whose disputes alone are worked on, where one is named."""
    named = request.GET.get("campaign", "")
    return campaign_get_for(request.corpus, int(named)) if named.isdecimal() else None


def _only(campaign: Campaign | None) -> str:
    """What keeps a link to that campaign's disputes."""
    return f"?campaign={campaign.pk}" if campaign else ""


@require_http_methods(["GET", "POST"])
@corpus_view(Role.REVIEWER)
def adjudication_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    release, campaign = release_in_force(corpus), _campaign(request)
    dispute = dispute_get_for(corpus, pk, release)
    form = AdjudicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _adjudicate(request, dispute, release, form.cleaned_data, pk)
        except DomainError as error:
            form.add_error(None, error.message)
    context = {
        "dispute": dispute, "subject": dispute.subject, "form": form, "levels": levels_of(release),
        "dimensions": dimensions_keyed(release), "release": release, "may_edit_rules": Role.EDITOR in request.roles,
        "next": dispute_after(corpus, pk, campaign.pk if campaign else 0), "only": _only(campaign),
        **keys_context(request, DECIDING),
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return render(request, "annotation/adjudication_detail.html", context, status=status)


def _adjudicate(
    request: CorpusRequest, dispute: Dispute, release: Release, values: dict[str, Any], pk: int
) -> HttpResponse:
    services.adjudication_record(pair=dispute.subject.pair, actor=request.user, release=release, **values)
    messages.success(request, "Settled. The people concerned see your reason in their history.")
    campaign, slug = _campaign(request), request.corpus.slug
    following = dispute_after(request.corpus, pk, campaign.pk if campaign else 0)
    if following is None:
        return redirect(reverse("annotation:adjudication_list", args=[slug]) + _only(campaign))
    return redirect(reverse("annotation:adjudication_detail", args=[slug, following]) + _only(campaign))
