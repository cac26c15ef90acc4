"""The quiz before a campaign: one gold pair after the other, then what was right and why."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from annotation import services
from annotation.campaign_forms import QuizForm
from annotation.forms import checked
from annotation.keymap import DECIDING
from annotation.models import Campaign
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, dimensions_keyed, levels_of, release_in_force
from annotation.selectors.campaigns import judge_get_for
from annotation.selectors.quizzes import quiz_next, quiz_result, quiz_state
from annotation.selectors.subjects import subject_of_pair
from annotation.views.answers import keys_context, work_url
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import NotFound
from webapp.common.models import Corpus


@never_cache
@require_http_methods(["GET", "POST"])
@corpus_view(*JUDGES)
def quiz_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """Where she stands: the next question, the result, or the start. A POST starts, or answers one question."""
    campaign = campaign_get_for(corpus, pk)
    if not campaign.quiz_size:
        return redirect(work_url(campaign))
    if request.method == "POST":
        _step(request, campaign)
        return redirect("annotation:quiz_detail", corpus.slug, pk)
    state = quiz_state(campaign, request.user)
    asked = quiz_next(state.current) if state.current else None
    if asked is not None:
        return _question(request, campaign, asked)
    context = {"campaign": campaign, "state": state, "work_url": work_url(campaign)}
    context["result"] = quiz_result(state.last) if state.last else []
    return render(request, "annotation/quiz_detail.html", context)


def _step(request: CorpusRequest, campaign: Campaign) -> None:
    attempt = services.quiz_start(campaign=campaign, person=request.user)
    if "grade" in request.POST:
        sent = checked(QuizForm(request.POST))
        services.quiz_answer(attempt=attempt, **sent)


def _question(request: CorpusRequest, campaign: Campaign, asked: int) -> HttpResponse:
    attempt = quiz_state(campaign, request.user).current
    if attempt is None:
        raise NotFound("This quiz has ended.")
    release = release_in_force(campaign.corpus)
    context = {
        "campaign": campaign, "subject": subject_of_pair(asked, release), "asked": asked, "attempt": attempt,
        "number": len(attempt.answers) + 1, "levels": levels_of(release), "dimensions": dimensions_keyed(release),
        **keys_context(request, DECIDING),
    }  # fmt: skip
    return render(request, "annotation/quiz_question.html", context)


@require_POST
@corpus_view(*RUNNERS)
def quiz_waive(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """Let somebody in without the quiz."""
    campaign, sent = campaign_get_for(corpus, pk), request.POST.get("person", "")
    person = judge_get_for(corpus, int(sent) if sent.isdecimal() else 0)
    services.quiz_waive(campaign=campaign, person=person, actor=request.user)
    return redirect("annotation:campaign_detail", corpus.slug, pk)
