"""A new campaign over pages, two pages side by side, or reasonings to rank."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from annotation import services
from annotation.models import Campaign
from annotation.page_forms import ListCampaignForm
from annotation.roles import RUNNERS
from annotation.selectors.page_sources import pages_chosen
from annotation.services.page_campaigns import page_campaign_create, sides_campaign_create
from annotation.services.ranking_lists import variants_campaign_create
from catalog.rankers import RANKERS
from catalog.services.pages import pages_build
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User

KINDS = dict(ListCampaignForm.KINDS)


@require_http_methods(["GET", "POST"])
@corpus_view(*RUNNERS)
def list_campaign_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    asked = request.POST.get("kind") or request.GET.get("kind", "")
    kind = asked if asked in KINDS else Campaign.Kind.PAGE
    form = ListCampaignForm(corpus, kind, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            campaign = _create(corpus, kind, form, request.user)
            return redirect("annotation:campaign_detail", corpus.slug, campaign.pk)
        except DomainError as error:
            form.add_error(None, error.message)
    context = {"form": form, "kind": kind, "kinds": ListCampaignForm.KINDS, "builds": list(RANKERS)}
    status = 422 if request.method == "POST" else 200
    return render(request, "annotation/list_campaign_create.html", context, status=status)


def _create(corpus: Corpus, kind: str, form: ListCampaignForm, actor: User) -> Campaign:
    values = form.cleaned_data
    if values.get("build"):
        for source in {values["source"], values.get("other_source", "")} & set(RANKERS):
            pages_build(corpus=corpus, source=source, actor=actor)
    campaign = _draft(corpus, kind, form, actor)
    campaign = services.campaign_edit(campaign=campaign, actor=actor, **form.edits())
    if values["open_now"] and kind != Campaign.Kind.RANKING:  # that one opens once its lists are written
        services.campaign_open(campaign=campaign, actor=actor)
    return campaign


def _draft(corpus: Corpus, kind: str, form: ListCampaignForm, actor: User) -> Campaign:
    values, choice = form.cleaned_data, form.choice()
    if kind == Campaign.Kind.RANKING:
        return variants_campaign_create(
            corpus=corpus, name=values["name"], actor=actor, choice=choice, variants=values["variants"],
            redundancy=values["redundancy"], hides_verdicts=values["hides_verdicts"],
            guideline=values["guideline"], open_now=values["open_now"],
        )  # fmt: skip
    if kind == Campaign.Kind.PAGE:
        return page_campaign_create(
            corpus=corpus, name=values["name"], actor=actor, pages=list(pages_chosen(corpus, choice).values()),
            asking=form.asking(), source=choice.source,
        )  # fmt: skip
    return sides_campaign_create(
        corpus=corpus, name=values["name"], actor=actor, choice=choice,
        other_source=values["other_source"], asking=form.asking(),
    )  # fmt: skip
