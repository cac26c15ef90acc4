"""Pages of this room: what is served, a query to try, GoodRate."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from serving.selectors import (
    answer_cards,
    items_for_query,
    request_cards,
    request_get,
    requests_of,
    samples_of,
    strata,
)
from serving.services import goodrate_sample, relevance_answer
from training_bridge.selectors import champion
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError, Invalid
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset


@require_GET
@corpus_view()
def serving_home(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "strata": strata(corpus),
        "champion": champion(corpus),
        "samples": samples_of(corpus),
        "may_sample": bool({Role.ADMIN, Role.REVIEWER} & request.roles),
    }
    return render(request, "serving/serving_home.html", context)


@require_POST
@corpus_view()
def query_try(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Grades for a query and either named products or those whose titles hold its words."""
    text = request.POST.get("query", "")
    named = request.POST.get("items", "").replace(",", " ").split()
    products = named or items_for_query(corpus, text)
    if not products:
        raise Invalid("No item's title holds these words: name product ids as well.", code="items")
    answer = relevance_answer(
        corpus=corpus, text=text, products=products, reasoning="reasoning" in request.POST
    )
    context = {"answer": answer, "cards": answer_cards(corpus, answer)}
    return render(request, "serving/_query_try.html", context)


@require_POST
@corpus_view(Role.ADMIN, Role.REVIEWER)
def goodrate_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Draw served requests into a blind campaign."""
    count = request.POST.get("requests", "")
    try:
        sample = goodrate_sample(
            corpus=corpus,
            actor=request.user,
            name=request.POST.get("name", ""),
            requests=int(count) if count.isdecimal() and len(count) < 5 else 0,
            stratum=request.POST.get("stratum", ""),
            as_pages=bool(request.POST.get("as_pages")),
        )
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{len(sample.requests)} requests were drawn into {sample.campaign}.")
    return redirect("serving:serving_home", corpus.slug)


@require_GET
@corpus_view()
def request_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    rows = keyset(requests_of(corpus), ("-at", "-id"), request.GET.get("after", ""))
    return render(request, "serving/request_list.html", {"rows": rows})


@require_GET
@corpus_view()
def request_detail(request: CorpusRequest, corpus: Corpus, pk: uuid.UUID) -> HttpResponse:
    """What one request got."""
    served = request_get(corpus, pk)
    return render(request, "serving/request_detail.html", {"served": served, "cards": request_cards(served)})
