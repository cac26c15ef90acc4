"""The page grid and the side-by-side page: many items of one query, judged at once."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.forms import checked
from annotation.models import Campaign
from annotation.page_forms import PageFlagForm, page_verdict_values, preference_values
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, release_get_for, slot_get_for
from annotation.selectors.page_outcomes import page_outcome as page_outcome_of
from annotation.selectors.pages import pair_on_page
from annotation.services.pages import page_verdict_submit
from annotation.services.sides import preference_submit as submit_preference
from annotation.views.answers import answered, page_context, refused, work_url
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role


def _working_page(request: CorpusRequest, campaign: Campaign, kind: str, template: str) -> HttpResponse:
    if campaign.kind != kind:
        return redirect(work_url(campaign))
    return render(request, template, page_context(request, campaign))


@never_cache
@require_GET
@corpus_view(*JUDGES)
def campaign_page(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    return _working_page(request, campaign, Campaign.Kind.PAGE, "annotation/campaign_page.html")


@never_cache
@require_GET
@corpus_view(*JUDGES)
def campaign_sides(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    return _working_page(request, campaign, Campaign.Kind.PAGE_PAIR, "annotation/campaign_sides.html")


@require_POST
@corpus_view(*JUDGES)
def page_submit(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    try:
        values = page_verdict_values(request.POST)
        release = release_get_for(corpus, values.pop("release"))
        page_verdict_submit(campaign=campaign, release=release, person=request.user, **values)
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    return answered(request, campaign, "")


@require_POST
@corpus_view(*JUDGES)
def preference_submit(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    try:
        values = preference_values(request.POST)
        release = release_get_for(corpus, values.pop("release"))
        submit_preference(campaign=campaign, release=release, person=request.user, **values)
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    return answered(request, campaign, "")


@require_POST
@corpus_view(*JUDGES)
def page_flag(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """A word to the rule editors about one item of a page."""
    campaign = campaign_get_for(corpus, pk)
    try:
        sent = checked(PageFlagForm(request.POST))
        pair = pair_on_page(slot_get_for(campaign, sent["slot"]), sent["pair"])
        services.flag_raise(pair=pair, person=request.user, comment=sent["comment"], rule_code=sent["rule"])
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    return answered(request, campaign, "Flagged for the rule editors.")


@require_GET
@corpus_view(*RUNNERS)
def page_outcome(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """What a campaign over pages came to; of two sides nobody learns more than she may."""
    campaign = campaign_get_for(corpus, pk)
    context: dict[str, Any] = {"campaign": campaign}
    try:
        context["outcome"] = page_outcome_of(campaign, is_admin=Role.ADMIN in request.roles)
    except DomainError as error:
        context["refusal"] = error.message
    return render(request, "annotation/page_outcome.html", context)
