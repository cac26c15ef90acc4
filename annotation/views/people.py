"""One person's work: her own history with what she was told, and a reviewer's look at it."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.models import Campaign
from annotation.selectors import release_in_force, stale_among
from annotation.selectors.history import KINDS, answers_of, kinds_answered, newest_of, side_chosen
from annotation.selectors.judgments import judgment_get_for
from annotation.selectors.notices import notices_of, unread_count
from annotation.selectors.people import SHOWN, person_get_for, person_report, work_of
from annotation.views.kinds import kind_of
from webapp.common.access import ANYONE, CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset


@require_GET
@corpus_view(*ANYONE)
def history_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """My own answers, with what became of each, and words to me that I have not read."""
    kinds = kinds_answered(corpus, request.user)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else (kinds or [str(Campaign.Kind.PAIR)])[0]
    rows = answers_of(corpus, request.user, kind)
    page = keyset(rows, ("-at", "-id"), request.GET.get("after", ""), 50)
    context = {
        "page": page, "kind": kind, "tabs": [(name, KINDS[Campaign.Kind(name)]) for name in kinds],
        "lines": _history_lines(request, kind, page.rows), "stale": _stale(corpus, kind, page.rows),
        "notices": notices_of(corpus, request.user)[:20], "unread": unread_count(corpus, request.user),
    }  # fmt: skip
    return render(request, "annotation/history_list.html", context)


def _history_lines(request: CorpusRequest, kind: str, rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Each answer with its campaign, the way back to that, and what takes it back where it is the newest there."""
    campaigns = {row.slot.campaign_id: row.slot.campaign for row in rows if row.slot_id}
    newest = newest_of(request.user, kind, campaigns)
    lines = []
    for row in rows:
        campaign = campaigns.get(row.slot.campaign_id) if row.slot_id else None
        line: dict[str, Any] = {"row": row, "campaign": campaign}
        if campaign is not None:
            of, slug = kind_of(campaign), request.corpus.slug
            line["work_url"] = reverse(f"annotation:{of.work}", args=[slug, campaign.pk])
            if row.pk in newest:
                line["undo_url"] = reverse("annotation:answer_undo", args=[slug, campaign.pk])
        if kind == Campaign.Kind.PAGE_PAIR:
            line["chosen"] = side_chosen(row)
        lines.append(line)
    return lines


def _stale(corpus: Corpus, kind: str, rows: Sequence[Any]) -> set[Any]:
    if kind != Campaign.Kind.PAIR or not rows:
        return set()
    return set(stale_among(corpus, rows, release_in_force(corpus)))


@require_POST
@corpus_view(*ANYONE)
def notices_read(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    services.notices_read(corpus=corpus, person=request.user)
    return redirect("annotation:history_list", corpus.slug)


@require_GET
@corpus_view(Role.REVIEWER)
def person_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    """One person's figures and her answers: all of them, or those that call for a look."""
    person = person_get_for(corpus, pk)
    shown = request.GET.get("show", "")
    shown = shown if shown in SHOWN else "all"
    page = keyset(work_of(corpus, person, shown), ("-at", "-id"), request.GET.get("after", ""), 30)
    context = {
        "person": person, "page": page, "shown": shown, "choices": SHOWN.items(),
        "report": person_report(corpus, person), "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "annotation/person_detail.html", context)


@require_POST
@corpus_view(Role.REVIEWER)
def answer_review(request: CorpusRequest, corpus: Corpus, pk: Any) -> HttpResponse:
    """Accept an answer, or return it with a word."""
    judgment = judgment_get_for(corpus, pk)
    act = services.answer_return if request.POST.get("verdict") == "returned" else services.answer_accept
    try:
        act(judgment=judgment, actor=request.user, comment=request.POST.get("comment", ""))
        messages.success(
            request, "Noted." if act is services.answer_accept else "Returned: it is first in her queue."
        )
    except DomainError as error:
        messages.error(request, error.message)
    back = request.POST.get("back", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("annotation:person_detail", corpus.slug, judgment.person_id)
