"""Campaigns: what is mine to do, and running them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import services
from annotation.campaign_forms import AssignForm, CampaignEditForm, CampaignForm, ChoiceForm, OverlapForm
from annotation.forms import checked
from annotation.models import Campaign
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, campaigns_for, next_campaign, progress_of
from annotation.selectors.campaigns import held_by, judge_get_for, judges_of, people_of, skips_of
from annotation.selectors.dashboard import campaign_charts
from annotation.selectors.disputes import disputes
from annotation.selectors.notices import unread_count
from annotation.selectors.overlap import overlap_job, overlap_of, overlap_preview
from annotation.selectors.quizzes import quiz_results
from annotation.selectors.sources import PairChoice, campaign_preview, choice_said
from annotation.views.answers import work_url
from webapp.common.access import ANYONE, CorpusRequest, corpus_view
from webapp.common.errors import DomainError, Invalid
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset
from webapp.common.wording import counted


@require_GET
@corpus_view(*ANYONE)
def annotation_home(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The campaigns given out, how far they are, and the one to go on with."""
    campaigns = list(campaigns_for(corpus)[:30])
    lines = [(c, progress_of(c, request.user), work_url(_with(corpus, c))) for c in campaigns]
    chosen = next_campaign(corpus)
    context = {
        "lines": lines,
        "next_url": work_url(_with(corpus, chosen)) if chosen else "",
        "next": chosen,
        "may_judge": bool(request.roles & set(JUDGES)),
        "may_run": bool(request.roles & set(RUNNERS)),
        "unread": unread_count(corpus, request.user),
        "disputed": disputes(corpus).order_by().values("pk").count() if Role.REVIEWER in request.roles else 0,
    }
    return render(request, "annotation/annotation_home.html", context)


def _with(corpus: Corpus, campaign: Campaign) -> Campaign:
    campaign.corpus = corpus
    return campaign


@require_GET
@corpus_view(*RUNNERS)
def campaign_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    archived = request.GET.get("archived") == "1"
    rows = corpus.campaigns.filter(state="archived") if archived else campaigns_for(corpus, everything=True)
    page = keyset(rows, ("-created_at", "-pk"), request.GET.get("after", ""), 50)
    return render(request, "annotation/campaign_list.html", {"page": page, "archived": archived})


@require_http_methods(["GET", "POST"])
@corpus_view(*RUNNERS)
def campaign_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    asked = {name: request.GET[name] for name in ("which", "rule", "department") if name in request.GET}
    form = CampaignForm(corpus, request.POST or None, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("annotation:campaign_detail", corpus.slug, _create(request, corpus, form).pk)
        except DomainError as error:
            form.add_error(None, error.message)
    status = 422 if request.method == "POST" else 200
    return render(request, "annotation/campaign_create.html", {"form": form}, status=status)


def _create(request: CorpusRequest, corpus: Corpus, form: CampaignForm) -> Campaign:
    campaign = services.campaign_create(
        corpus=corpus, name=form.cleaned_data["name"], actor=request.user,
        pairs=services.campaign_pairs(corpus, form.choice()), **form.settings(),
    )  # fmt: skip
    if form.cleaned_data["open_now"]:
        services.campaign_open(campaign=campaign, actor=request.user)
    return campaign


@require_GET
@corpus_view(*RUNNERS)
def campaign_preview_fragment(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """What the choice in the form comes to, before anything is made."""
    form, context = ChoiceForm(corpus, request.GET), dict[str, Any]()
    try:
        values = checked(form)
        people = {name: values[name] or 0 for name in ("redundancy", "redundancy_most", "gold_share")}
        context["preview"] = campaign_preview(corpus, form.choice(), **people)
    except DomainError as error:
        context["word"] = error.message
    return render(request, "annotation/_campaign_preview.html", context)


@require_GET
@corpus_view(*RUNNERS)
def campaign_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    context = {
        "campaign": campaign,
        "progress": progress_of(campaign, request.user),
        "people": people_of(campaign),
        "skips": skips_of(campaign),
        "disputed": campaign.annotation_tasks.filter(outcome="disputed").count(),
        "charts": campaign_charts(campaign),
        "job": overlap_job(campaign),
        "judges": judges_of(corpus) if campaign.state == Campaign.State.OPEN else [],
        "attempts": quiz_results(campaign) if campaign.quiz_size else [],
        "held": held_by(campaign) if campaign.state == Campaign.State.OPEN else [],
        "chosen": choice_said(PairChoice.from_json(campaign.choice)) if "which" in campaign.choice else "",
        "work_url": work_url(campaign) if request.roles & set(JUDGES) else "",
    }
    return render(request, "annotation/campaign_detail.html", context)


@require_http_methods(["GET", "POST"])
@corpus_view(*RUNNERS)
def campaign_edit(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    form = CampaignEditForm(request.POST or None, instance=campaign_get_for(corpus, pk))
    if request.method == "POST" and form.is_valid():
        try:
            services.campaign_edit(campaign=campaign, actor=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved.")
            return redirect("annotation:campaign_detail", corpus.slug, pk)
    status = 422 if request.method == "POST" else 200
    return render(
        request, "annotation/campaign_edit.html", {"form": form, "campaign": campaign}, status=status
    )


@require_GET
@corpus_view(*RUNNERS)
def campaign_overlap_fragment(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """What another overlap would come to, before it is saved."""
    campaign, form, context = campaign_get_for(corpus, pk), OverlapForm(request.GET), dict[str, Any]()
    try:
        checked(form)
        wanted = form.overlap(campaign)
        services.overlap_check(campaign=campaign, overlap=wanted)
        context = {"preview": overlap_preview(campaign, wanted), "same": wanted == overlap_of(campaign)}
    except DomainError as error:
        context["word"] = error.message
    return render(request, "annotation/_overlap_preview.html", context)


@require_POST
@corpus_view(*RUNNERS)
def campaign_clone(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """A draft beside it: the same pairs, or those the same choice comes to now."""
    campaign, again = campaign_get_for(corpus, pk), request.POST.get("again") == "1"
    name = request.POST.get("name", "").strip() or f"{campaign.name[:100]} (copy)"
    try:
        made = services.campaign_clone(campaign=campaign, actor=request.user, name=name, again=again)
    except DomainError as error:
        messages.error(request, error.message)
        return redirect("annotation:campaign_detail", corpus.slug, pk)
    return redirect("annotation:campaign_detail", corpus.slug, made.pk)


@require_POST
@corpus_view(*RUNNERS)
def campaign_state(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    action = request.POST.get("action", "")
    campaign = services.campaign_act(campaign=campaign_get_for(corpus, pk), actor=request.user, action=action)
    messages.success(request, f"{campaign.name} is {campaign.get_state_display()} now.")
    return redirect("annotation:campaign_detail", corpus.slug, pk)


@require_POST
@corpus_view(*RUNNERS)
def slots_assign(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """Keep subjects for a person, hand hers on, or put them back for anybody."""
    campaign = campaign_get_for(corpus, pk)
    try:
        said = assigned(campaign, request.user, checked(AssignForm(request.POST)))
        messages.success(request, said)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("annotation:campaign_detail", corpus.slug, pk)


def assigned(campaign: Campaign, actor: Any, sent: dict[str, Any]) -> str:
    """Do what was asked and say what came of it; pages and programs alike."""
    person = judge_get_for(campaign.corpus, sent["person"])
    if sent["action"] == "assign":
        count = services.slots_assign(
            campaign=campaign, person=person, count=sent["count"] or 20, actor=actor
        )
        return f"Kept for {person.display_name}: {counted(count, 'subject')}."
    if sent["action"] == "reassign":
        if not sent["to"]:
            raise Invalid("Choose who it goes to.", code="to")
        to = judge_get_for(campaign.corpus, sent["to"] or 0)
        count = services.slots_reassign(campaign=campaign, person=person, to=to, actor=actor)
        return f"From {person.display_name} to {to.display_name}: {counted(count, 'subject')}."
    count = services.slots_return(campaign=campaign, person=person, actor=actor)
    return f"Open to everybody again: {counted(count, 'subject')} of {person.display_name}."
