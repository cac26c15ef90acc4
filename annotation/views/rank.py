"""The ranking page: several reasonings of one pair, read side by side, put in tiers."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.forms import LONGEST, ranking_values
from annotation.models import Campaign
from annotation.roles import JUDGES
from annotation.selectors import campaign_get_for, release_get_for, release_in_force, slot_get_for
from annotation.selectors.lists import contradiction_of
from annotation.services.reasonings import reasoning_read
from annotation.views.answers import answered, page_context, refused, work_url
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus


@never_cache
@require_GET
@corpus_view(*JUDGES)
def campaign_rank(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    if campaign.kind != Campaign.Kind.RANKING:
        return redirect(work_url(campaign))
    return render(request, "annotation/campaign_rank.html", page_context(request, campaign))


@require_POST
@corpus_view(*JUDGES)
def ranking_submit(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    try:
        values = ranking_values(request.POST.dict())
        slot = slot_get_for(campaign, values.pop("slot"))
        release = release_get_for(corpus, values.pop("release"))
        row = services.ranking_submit(slot=slot, release=release, person=request.user, **values)
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    return answered(request, campaign, contradiction_of(row))


@require_POST
@corpus_view(*JUDGES)
def reasoning_check(request: CorpusRequest, corpus: Corpus) -> JsonResponse:
    """Whether a text reads as a reasoning, and if not, why: asked while it is written. Writes nothing."""
    try:
        reasoning_read(request.POST.get("text", "")[:LONGEST], release_in_force(corpus))
    except DomainError as error:
        return JsonResponse({"fault": error.message})
    return JsonResponse({"fault": ""})
