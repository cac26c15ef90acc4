"""Campaigns: what is mine to do, and running them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import services
from annotation.charts import Bar, bars
from annotation.forms import CampaignForm
from annotation.models import Campaign
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, campaigns_for, next_campaign, pairs_chosen, progress_of
from annotation.selectors.campaigns import grades_of, people_of, skips_of
from annotation.selectors.disputes import disputes
from annotation.selectors.quality import agreement_for
from annotation.views.answers import work_url
from webapp.common.access import ANYONE, CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset


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
        "disputed": disputes(corpus).order_by().values("pk").count() if Role.REVIEWER in request.roles else 0,
    }
    return render(request, "annotation/annotation_home.html", context)


def _with(corpus: Corpus, campaign: Campaign) -> Campaign:
    campaign.corpus = corpus
    return campaign


@require_GET
@corpus_view(*RUNNERS)
def campaign_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rows = campaigns_for(corpus, everything=True)
    page = keyset(rows, ("-created_at", "-pk"), request.GET.get("after", ""), 50)
    return render(request, "annotation/campaign_list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@corpus_view(*RUNNERS)
def campaign_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    form = CampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("annotation:campaign_detail", corpus.slug, _create(request, corpus, form).pk)
        except DomainError as error:
            form.add_error(None, error.message)
    status = 422 if request.method == "POST" else 200
    return render(request, "annotation/campaign_create.html", {"form": form}, status=status)


def _create(request: CorpusRequest, corpus: Corpus, form: CampaignForm) -> Campaign:
    values = form.cleaned_data
    campaign = services.campaign_create(
        corpus=corpus, name=values["name"], actor=request.user, pairs=pairs_chosen(corpus, form.choice()),
        redundancy=values["redundancy"], blind_share=values["blind_share"], gold_share=values["gold_share"],
        guideline=values["guideline"],
    )  # fmt: skip
    if values["open_now"]:
        services.campaign_open(campaign=campaign, actor=request.user)
    return campaign


@require_GET
@corpus_view(*RUNNERS)
def campaign_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    campaign = campaign_get_for(corpus, pk)
    grades = grades_of(campaign)
    total = sum(grades.values()) or 1
    context = {
        "campaign": campaign,
        "progress": progress_of(campaign, request.user),
        "people": people_of(campaign),
        "skips": skips_of(campaign),
        "disputed": campaign.annotation_tasks.filter(outcome="disputed").count(),
        "report": agreement_for(corpus, campaign=campaign) if campaign.kind == Campaign.Kind.PAIR else None,
        "grades": bars(
            [Bar(f"L{n}", grades.get(n, 0) / total, str(grades.get(n, 0))) for n in (4, 3, 2, 1)],
            "Answers by grade",
        ),
        "work_url": work_url(campaign),
    }
    return render(request, "annotation/campaign_detail.html", context)


@require_POST
@corpus_view(*RUNNERS)
def campaign_state(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    action = request.POST.get("action", "")
    campaign = services.campaign_act(campaign=campaign_get_for(corpus, pk), actor=request.user, action=action)
    messages.success(request, f"{campaign.name} is {campaign.get_state_display()} now.")
    return redirect("annotation:campaign_detail", corpus.slug, pk)
