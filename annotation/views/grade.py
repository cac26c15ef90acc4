"""The page that is seen four hundred times a day: one pair, one verdict, the next pair."""

from types import SimpleNamespace

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.forms import FlagForm, SkipForm, checked, judgment_values
from annotation.models import Campaign
from annotation.roles import JUDGES
from annotation.selectors import campaign_get_for, release_get_for, slot_get_for
from annotation.views.answers import (
    answered,
    full,
    hold,
    next_json,
    page_context,
    refused,
    reviewing,
    wants_json,
    work_url,
)
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError, Invalid
from webapp.common.models import Corpus


@never_cache
@require_GET
@corpus_view(*JUDGES)
def campaign_grade(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    if campaign.kind != Campaign.Kind.PAIR:
        return redirect(work_url(campaign))
    return render(request, "annotation/campaign_grade.html", page_context(request, campaign))


@never_cache
@require_GET
@corpus_view(*JUDGES)
def campaign_review(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """Suggestions in rows, to accept or correct; a campaign that shows none is judged one by one."""
    campaign = campaign_get_for(corpus, pk)
    if campaign.kind != Campaign.Kind.PAIR or not campaign.shows_suggestions:
        return redirect(work_url(campaign))
    return render(request, "annotation/campaign_review.html", page_context(request, campaign))


@require_POST
@corpus_view(*JUDGES)
def judgment_submit(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    try:
        values = judgment_values(request.POST)
        release = release_get_for(corpus, values.pop("release"))
        saved = services.judgment_submit(campaign=campaign, release=release, person=request.user, **values)
    except DomainError as error:
        return refused(request, error, lambda: _page_again(request, campaign))
    return answered(request, campaign, saved.word)


def _page_again(request: CorpusRequest, campaign: Campaign) -> HttpResponse:
    """The same subject with what she had typed (no script: the refusal must not cost her words)."""
    post = request.POST
    typed = SimpleNamespace(
        grade=0, dimension=post.get("dimension", ""), disagreement=post.get("disagreement", ""),
        picture_decided=bool(post.get("picture_decided")), rules_cited=post.getlist("rules_cited"),
        note=SimpleNamespace(comment=post.get("comment", "")),
    )  # fmt: skip
    return render(request, "annotation/campaign_grade.html", page_context(request, campaign, typed))


@require_POST
@corpus_view(*JUDGES)
def answer_undo(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """The last answer or skip of hers in a campaign of any kind; from the list of her answers an answer alone."""
    campaign, skips = campaign_get_for(corpus, pk), not request.POST.get("answers_only")
    try:
        undone = services.answer_undo(campaign=campaign, person=request.user, skips=skips)
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    given = [slot_get_for(campaign, undone.slot)] if undone.slot else []
    known = {"withdrawn": undone.answer is not None, "back": bool(given)}
    return answered(request, campaign, undone.word, given, **known)


@require_POST
@corpus_view(*JUDGES)
def subject_next(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """Further subjects for a page: for its script, or for its button where there is none."""
    campaign = campaign_get_for(corpus, pk)
    if wants_json(request):
        return next_json(request, campaign)
    if not hold(request, campaign, full(request)):
        messages.info(request, f"{campaign.name} has nothing for you at this moment.")
        return redirect("annotation:annotation_home", corpus.slug)
    return (
        redirect("annotation:campaign_review", corpus.slug, pk)
        if reviewing(request)
        else redirect(work_url(campaign))
    )


@require_POST
@corpus_view(*JUDGES)
def slot_skip(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    try:
        sent = checked(SkipForm(request.POST))
        slot = slot_get_for(campaign, sent["slot"])
        services.slot_skip(slot=slot, person=request.user, reason=sent["reason"], comment=sent["comment"])
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    return answered(request, campaign, "Skipped: it goes to somebody else.")


@require_POST
@corpus_view(*JUDGES)
def flag_raise(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    try:
        sent = checked(FlagForm(request.POST))
        pair = slot_get_for(campaign, sent["slot"]).annotation_task.pair
        if pair is None:
            raise Invalid("A flag is about one item: raise it from the page it stands on.", code="pair")
        services.flag_raise(pair=pair, person=request.user, comment=sent["comment"], rule_code=sent["rule"])
    except DomainError as error:
        return refused(request, error, lambda: redirect(work_url(campaign)))
    return answered(request, campaign, "Flagged for the rule editors.")


@require_POST
@corpus_view(*JUDGES)
def lease_renew(request: CorpusRequest, corpus: Corpus, pk: int) -> JsonResponse:
    slots = [
        int(part)
        for part in request.POST.get("slots", "").split(",")[:64]
        if part.isdecimal() and len(part) < 19
    ]
    return JsonResponse({"lost": services.leases_renew(person=request.user, slots=slots)})
