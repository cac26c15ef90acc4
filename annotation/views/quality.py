"""Figures of quality, alarms and thresholds: stored by a job, read here."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation import services
from annotation.charts import Point, trend
from annotation.roles import RUNNERS
from annotation.selectors import campaign_get_for
from annotation.selectors.apart import SHOWN, pairs_apart
from annotation.selectors.people import person_get_for
from annotation.selectors.quality import (
    Report,
    alarm_get_for,
    alarms_open,
    alarms_past,
    people_rows,
    quality_job,
    report_for,
    thresholds_for,
)  # fmt: skip
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset
from webapp.common.wording import counted

READERS = (Role.REVIEWER, Role.ADMIN, Role.EDITOR)


@require_GET
@corpus_view(*READERS)
def agreement_detail(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """How far people agree, by rule, dimension, week and person, and the model beside them."""
    chosen = request.GET.get("campaign", "")
    campaign = campaign_get_for(corpus, int(chosen)) if chosen.isdecimal() else None
    report = report_for(corpus, campaign)
    context = {
        "report": report, "campaign": campaign, "people": people_rows(corpus, report), "trend": _trend(report),
        "campaigns": corpus.campaigns.filter(kind="pair").order_by("-pk")[:50], "job": quality_job(corpus),
        "may_refresh": bool(request.roles & set(RUNNERS)),
        "alarms": alarms_open(corpus).count() if Role.REVIEWER in request.roles else 0,
    }  # fmt: skip
    return render(request, "annotation/agreement_detail.html", context)


@require_GET
@corpus_view(*READERS)
def apart_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The answers behind a figure: pairs on which people differ, of a campaign, two people or a rule."""
    chosen, rule = request.GET.get("campaign", ""), request.GET.get("rule", "").strip()
    campaign = campaign_get_for(corpus, int(chosen)) if chosen.isdecimal() else None
    asked = [int(part) for part in request.GET.get("with", "").split(":") if part.isdecimal()]
    people = [person_get_for(corpus, pk) for pk in asked] if len(asked) == 2 else []
    context: dict[str, Any] = {
        "campaign": campaign,
        "rule": rule,
        "names": [one.display_name for one in people],
    }
    try:
        two = (people[0].pk, people[1].pk) if people else None
        context["found"] = pairs_apart(corpus, rule=rule, two=two, campaign=campaign)
    except DomainError as error:
        context["word"] = error.message
    context |= {"most": SHOWN, "may_run": bool(request.roles & set(RUNNERS))}
    return render(request, "annotation/apart_list.html", context)


def _trend(report: Report) -> str:
    rows = [row for row in report.by_week if row.value is not None]
    points = [Point(row.key, row.value or 0.0, row.low, row.high) for row in rows]
    said = "; ".join(f"{row.label}: {row.value:.2f}, {counted(row.n, 'pair')}" for row in rows[-8:])
    whole = report.overall.value if report.overall else None
    return trend(points, "Alpha by week", f"Ordinal alpha of each week's pairs. {said}.", reference=whole)


@require_POST
@corpus_view(*RUNNERS)
def quality_refresh(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Work the figures out now; they are refreshed by themselves every few minutes where something is new."""
    services.quality_refresh_start(corpus=corpus, actor=request.user, everything=True)
    messages.info(request, "The figures are being worked out.")
    return redirect("annotation:agreement_detail", corpus.slug)


@require_GET
@corpus_view(Role.REVIEWER)
def alarm_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """What crossed a threshold, with the way to its evidence."""
    page = keyset(alarms_open(corpus), ("-pk",), request.GET.get("after", ""), 50)
    context = {"page": page, "past": alarms_past(corpus)[:20]}
    return render(request, "annotation/alarm_list.html", context)


@require_POST
@corpus_view(Role.REVIEWER)
def alarm_resolve(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    alarm = alarm_get_for(corpus, pk)
    services.alarm_resolve(alarm=alarm, actor=request.user, resolution=request.POST.get("resolution", ""))
    return redirect("annotation:alarm_list", corpus.slug)


@require_http_methods(["GET", "POST"])
@corpus_view(*RUNNERS)
def quality_settings(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """This corpus's thresholds, and what a release does by itself."""
    thresholds, row = thresholds_for(corpus)
    status = 200
    if request.method == "POST":
        try:
            values = {
                limit.name: float(request.POST.get(limit.name) or limit.default) for limit in thresholds
            }
            services.quality_settings_set(
                corpus=corpus, actor=request.user, thresholds=values,
                stale_campaigns=bool(request.POST.get("stale_campaigns")),
                stale_most=int(request.POST.get("stale_most") or 500),
            )  # fmt: skip
        except (DomainError, ValueError) as error:
            messages.error(
                request, str(error) if isinstance(error, DomainError) else "A threshold is a number."
            )
            status = 422
        else:
            messages.success(request, "Saved.")
            return redirect("annotation:quality_settings", corpus.slug)
    context = {"thresholds": thresholds, "settings": row}
    return render(request, "annotation/quality_settings.html", context, status=status)
