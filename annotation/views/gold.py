"""Gold: what is vouched for, how people do on it, and taking it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.forms import GoldForm
from annotation.roles import RUNNERS
from annotation.selectors import dimensions_keyed, levels_of, release_in_force
from annotation.selectors.gold import gold_answers, gold_get_for, gold_rows
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus
from webapp.common.pages import keyset

SIZE = 50


@require_GET
@corpus_view(*RUNNERS)
def gold_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    page = keyset(gold_rows(corpus), ("-at", "-pair_id"), request.GET.get("after", ""), SIZE)
    answers = gold_answers(corpus, (row.pk for row in page.rows))
    release = release_in_force(corpus)
    context = {
        "page": page,
        "lines": [(row, *answers.get(row.pk, (0, 0))) for row in page.rows],
        "levels": levels_of(release),
        "dimensions": dimensions_keyed(release),
    }
    return render(request, "annotation/gold_list.html", context)


@require_POST
@corpus_view(*RUNNERS)
def gold_set(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """Correct the verdict of a gold pair."""
    gold, form = gold_get_for(corpus, pk), GoldForm(request.POST)
    if form.is_valid():
        services.gold_set(pair=gold.pair, actor=request.user, **form.cleaned_data)
        messages.success(request, f"“{gold.pair.query.text}”: gold says L{form.cleaned_data['grade']} now.")
    else:
        wrong = " ".join(f"{name}: {error}" for name, errors in form.errors.items() for error in errors)
        messages.error(request, f"Nothing is changed. {wrong}")
    return redirect("annotation:gold_list", corpus.slug)


@require_POST
@corpus_view(*RUNNERS)
def gold_remove(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """The pair is gold no longer."""
    gold = gold_get_for(corpus, pk)
    services.gold_remove(pair=gold.pair, actor=request.user)
    messages.success(
        request, f"“{gold.pair.query.text}” is gold no longer. What people answered on it stays."
    )
    return redirect("annotation:gold_list", corpus.slug)
