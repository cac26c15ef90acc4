"""What the two working pages share: one answer in, the next subjects out, as JSON for scripts or a redirect without."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from annotation.keymap import ACTIONS, keymap_for, shown
from annotation.models import Campaign, Judgment, Slot
from annotation.selectors import levels_of, progress_of, release_in_force
from annotation.selectors.held import slots_held
from annotation.selectors.keys import dimensions_keyed_for, keys_for
from annotation.selectors.quizzes import may_be_given
from annotation.services import slots_hold
from annotation.services.rankings import FAULTS
from annotation.services.slots import SKIP_REASONS
from annotation.views.kinds import kind_of
from webapp.common.access import CorpusRequest
from webapp.common.errors import DomainError, error_body
from webapp.common.statements import fetch

# subjects a page holds: the one in view and those that show at once after a key, also with no network
AHEAD = 6
COUNTS_SQL = (
    "SELECT slots_done AS done, slots_total AS total FROM annotation_campaign WHERE id = %(campaign)s"
)
ROWS = 12  # of the page where suggestions are reviewed
BEGIN = "annotation/_begin.html"
REASONS = [(value, words) for value, words in Judgment.Disagreement.choices if value]


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def work_url(campaign: Campaign) -> str:
    return reverse(f"annotation:{kind_of(campaign).work}", args=[campaign.corpus.slug, campaign.pk])


def have(request: HttpRequest) -> list[int]:
    """The slots a page holds or has answers waiting for; it is not given those again."""
    raw = request.POST.get("have") or request.GET.get("have") or ""
    return [int(pk) for pk in raw.split(",")[:64] if pk.isdecimal() and len(pk) < 19]  # what an id can be


def holding(request: HttpRequest, default: int) -> int:
    """How many subjects a page has to be judged; answers on their way are held but not among them."""
    raw = request.POST.get("holding") or request.GET.get("holding") or ""
    return int(raw[:3]) if raw.isdecimal() else default


def reviewing(request: HttpRequest) -> bool:
    """Is the page the one where suggestions are accepted or corrected in rows?"""
    here = request.resolver_match
    return request.GET.get("review") == "1" or bool(here and here.url_name == "campaign_review")


def full(request: HttpRequest) -> int:
    """How many subjects a page holds at most."""
    return ROWS if reviewing(request) else AHEAD


def hold(request: CorpusRequest, campaign: Campaign, want: int, have: Sequence[int] = ()) -> list[Slot]:
    """Further slots for the page that asks."""
    under = release_in_force(campaign.corpus) if reviewing(request) else None
    return slots_hold(campaign=campaign, person=request.user, want=want, have=have, suggested_under=under)


def subjects_html(
    request: CorpusRequest, campaign: Campaign, slots: Sequence[Slot], typed: Any = None
) -> list[dict[str, Any]]:
    """Rendered subjects: [{slot, html}]; `typed` fills the first one's form again after a refusal."""
    if not slots:
        return []
    release, kind = release_in_force(campaign.corpus), kind_of(campaign)
    shared = {
        "campaign": campaign, "corpus": campaign.corpus, "release": release, "levels": levels_of(release),
        "dimensions": dimensions_keyed_for(request.user, release), "faults": FAULTS, **keys_context(request, kind.place),
    }  # fmt: skip
    shared["chips"] = unsaid_chips(tuple(shared["dimensions"]), tuple(shared["reasons"]))
    template = "annotation/_review_row.html" if reviewing(request) else kind.template
    found = []
    for row in kind.rows(slots, release):
        context = {
            **shared,
            "subject": getattr(row, "subject", row),
            "list": row,
            "said": typed or row.previous,
        }
        found.append({"slot": row.slot.pk, "html": render_to_string(template, context, request)})
        typed = None
    return found


@lru_cache(maxsize=256)
def unsaid_chips(dimensions: tuple[Any, ...], reasons: tuple[Any, ...]) -> dict[str, SafeString]:
    """What a verdict may name, while nothing is said: the same at each subject, and a seventh of the work to render it."""
    context = {"dimensions": dimensions, "reasons": reasons}
    return {
        name: render_to_string("annotation/_verdict_chips.html", {**context, "allowed": name == "against"})
        for name in ("against", "free")
    }


def page_context(request: CorpusRequest, campaign: Campaign, typed: Any = None) -> dict[str, Any]:
    """The working page with the subjects that are hers already. Looking gives nothing out: further ones are asked for
    by POST, by the page's script or by its button.
    """
    release = release_in_force(campaign.corpus)
    under = release if reviewing(request) else None
    slots = slots_held(campaign=campaign, person=request.user, want=full(request), suggested_under=under)
    subjects = subjects_html(request, campaign, slots, typed)
    progress = progress_of(campaign, request.user)
    return {
        "campaign": campaign, "progress": progress, "release": release,
        "first": subjects[0] if subjects else None, "ahead": subjects[1:], "subjects": subjects,
        "panel": BEGIN if progress.left and may_be_given(campaign, request.user) else nothing_left(request),
        "reviewing": reviewing(request),
        "skip_reasons": SKIP_REASONS,
        "undo_url": reverse("annotation:answer_undo", args=[campaign.corpus.slug, campaign.pk]),
        "holding": full(request), "levels": levels_of(release), "faults": FAULTS,
        **keys_context(request, kind_of(campaign).place),
    }  # fmt: skip


def nothing_left(request: HttpRequest) -> str:
    return "annotation/_review_empty.html" if reviewing(request) else "annotation/_empty.html"


def keys_context(request: CorpusRequest, place: str) -> dict[str, Any]:
    """Her keys on the pages of one place: `keys` as printed, `keymap` for the scripts, `key_lines` for the overlay."""
    keys = keys_for(request.user)
    printed = shown(keys)
    return {
        "keys": printed, "keymap": keymap_for(keys, place), "grade_keys": {n: printed[f"grade_{n}"] for n in (1, 2, 3, 4)},
        "reasons": [(keys[f"why_{value}"], value, words) for value, words in REASONS],
        "key_lines": [(printed[action.name], action.title) for action in ACTIONS if place in action.where],
    }  # fmt: skip


def next_json(
    request: CorpusRequest, campaign: Campaign, word: str = "", extra: list[Slot] | None = None, **more: bool
) -> JsonResponse:
    """The answer to a script: subjects to hold, progress, a word, and the panel for when nothing is left."""
    held = have(request)
    given = extra or []
    want = max(0, full(request) - holding(request, len(held)) - len(given))
    slots = [
        *given,
        *hold(request, campaign, want, [*held, *(slot.pk for slot in given)]),
    ]
    counts = fetch(COUNTS_SQL, {"campaign": campaign.pk})[0]
    body: dict[str, Any] = {
        "word": word,
        "subjects": subjects_html(request, campaign, slots),
        **counts,
        **more,
    }
    if not slots and not held:
        campaign.refresh_from_db(fields=["slots_done", "slots_total", "state"])
        context = {
            "campaign": campaign,
            "progress": progress_of(campaign, request.user),
            "corpus": campaign.corpus,
        }
        body["empty"] = render_to_string(nothing_left(request), context, request)
    return JsonResponse(body)


def answered(
    request: CorpusRequest, campaign: Campaign, word: str, extra: list[Slot] | None = None, **more: bool
) -> HttpResponse:
    """After a write: the next subjects for a script, or back to the page without one."""
    if wants_json(request):
        return next_json(request, campaign, word, extra, **more)
    if word:
        messages.info(request, word)
    hold(request, campaign, full(request))  # the page that follows shows what is hers
    return redirect(work_url(campaign))


def refused(request: CorpusRequest, error: DomainError, page: Callable[[], HttpResponse]) -> HttpResponse:
    """A refusal: JSON for a script; without one the page again, with what was typed in its form or beside the word."""
    if wants_json(request):
        return JsonResponse(error_body(error), status=error.status)
    messages.error(request, error.message)
    response = page()
    if isinstance(response, HttpResponseRedirect):  # followed: a page that refuses has to be seen
        if typed := request.POST.get("fix_text") or request.POST.get("comment"):
            messages.warning(request, f"You had typed: {typed[:4000]}")
        return response
    response.status_code = error.status
    return response
