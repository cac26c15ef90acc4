"""A person's own keys: one page, her map, refused with words where a key would mean two things."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation import services
from annotation.errors import KeyClash
from annotation.keymap import ACTIONS, DECIDING, JUDGING, PAGES, RANKING, REASON
from annotation.selectors.keys import keys_for, letters_for
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus

GROUPS = (
    ("Judging", (JUDGING,)),
    ("Against the rules: why?", (REASON,)),
    ("Ranking", (RANKING,)),
    ("Pages", (PAGES,)),
    ("Adjudicating", (DECIDING,)),
)


@require_http_methods(["GET", "POST"])
@corpus_view()
def keymap_edit(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The map of keys; a POST keeps it."""
    if request.method == "GET":
        return render(request, "annotation/keymap_edit.html", _context(request, corpus))
    try:
        services.keys_set(
            actor=request.user,
            corpus=corpus,
            keys={name: key for name, key in request.POST.dict().items() if name in NAMES},
            dimensions=_letters(request.POST),
        )
    except KeyClash as clash:
        context = _context(request, corpus, request.POST, clash)
        return render(request, "annotation/keymap_edit.html", context, status=clash.status)
    messages.success(request, "Saved: these are your keys from now on, on every machine.")
    return redirect("annotation:keymap_edit", corpus.slug)


@require_POST
@corpus_view()
def keymap_reset(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    services.keys_reset(actor=request.user, corpus=corpus)
    messages.success(request, "The keys are as they came.")
    return redirect("annotation:keymap_edit", corpus.slug)


NAMES = frozenset(action.name for action in ACTIONS)
DIMENSION = "dimension_"


def _letters(post: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix(DIMENSION): key for name, key in post.items() if name.startswith(DIMENSION)}


def _context(
    request: CorpusRequest,
    corpus: Corpus,
    typed: Mapping[str, str] | None = None,
    clash: KeyClash | None = None,
) -> dict[str, Any]:
    keys = {**keys_for(request.user), **{name: key for name, key in (typed or {}).items() if name in NAMES}}
    groups = [
        (title, [(action, keys[action.name]) for action in ACTIONS if action.where[:1] == where])
        for title, where in GROUPS
    ]
    wrong = (clash.extra or {}).get("action", "") if clash else ""
    return {"groups": groups, "letters": _dimensions(request, corpus, typed), "clash": clash, "wrong": wrong}


def _dimensions(
    request: CorpusRequest, corpus: Corpus, typed: Mapping[str, str] | None
) -> list[tuple[str, str]]:
    """(letter, dimension), as they are kept or as they were just typed."""
    sent = _letters(typed or {})
    return [(sent.get(name, letter), name) for letter, name in letters_for(request.user, corpus)]
