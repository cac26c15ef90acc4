"""Agreement, the adjudication queue, one person's own history."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from annotation import services
from annotation.charts import Bar, bars
from annotation.forms import AdjudicationForm
from annotation.models import Judgment
from annotation.selectors import (
    campaign_get_for,
    dimensions_keyed,
    history_of,
    levels_of,
    release_in_force,
    stale_judgments,
)
from annotation.selectors.disputes import Dispute, dispute_after, dispute_get_for, disputes
from annotation.selectors.quality import AgreementReport, agreement_for
from rules.models import Release
from webapp.common.access import ANYONE, CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset


@require_GET
@corpus_view(Role.REVIEWER, Role.ADMIN, Role.EDITOR)
def agreement_detail(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """How far people agree: of one campaign, of imported raters, or of everything."""
    chosen = request.GET.get("campaign", "")
    campaign = campaign_get_for(corpus, int(chosen)) if chosen.isdigit() else None
    origin = request.GET.get("origin", "") if request.GET.get("origin") in Judgment.Origin.values else ""
    report = agreement_for(corpus, campaign=campaign, origin=origin)
    context = {
        "report": report, "campaign": campaign, "origin": origin, "origins": Judgment.Origin.choices,
        "campaigns": corpus.campaigns.filter(kind="pair").order_by("-pk")[:50], "chart": _kappa_chart(report),
    }  # fmt: skip
    return render(request, "annotation/agreement_detail.html", context)


def _kappa_chart(report: AgreementReport) -> str:
    names = report.names
    rows = [
        Bar(f"{names.get(int(str(k.first)))} – {names.get(int(str(k.second)))}", k.value or 0.0,
            f"{k.value:.3f} (n {k.n})" if k.value is not None else f"– (n {k.n})")
        for k in report.agreement.kappas[:40]
    ]  # fmt: skip
    return bars(rows, "Quadratic-weighted kappa by pair of people", report.agreement.alpha)


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
        "dimensions": dimensions_keyed(release), "release": release,
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


@require_GET
@corpus_view(*ANYONE)
def history_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """My own answers, with what became of each."""
    rows = history_of(corpus, request.user)
    page = keyset(rows, ("-at", "-id"), request.GET.get("after", ""), 50)
    stale: set[Any] = set()
    if page.rows:
        release = release_in_force(corpus)
        ids = [row.pk for row in page.rows]
        stale = set(stale_judgments(corpus, release).filter(pk__in=ids).values_list("pk", flat=True))
    return render(request, "annotation/history_list.html", {"page": page, "stale": stale})
