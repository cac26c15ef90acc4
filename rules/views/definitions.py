"""Levels and dimensions of a corpus: what they are by now, edited for the release to come, and their versions."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from rules import definition_selectors as selectors
from rules.definitions import GRADES, DefinitionsClash, LevelText, level_joined, level_parted
from rules.diff import Line, texts_diff
from rules.selectors import definitions_differ, release_current
from rules.services import definitions as services
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import Invalid
from webapp.common.models import Corpus, Role, User

WRITERS = (Role.EDITOR, Role.ADMIN)


@require_GET
@corpus_view()
def definitions_detail(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    return _page(request, corpus)


def _page(request: CorpusRequest, corpus: Corpus, status: int = 200, **more: Any) -> HttpResponse:
    release = release_current(corpus)
    now, users = selectors.definitions_over(corpus, release), selectors.dimension_users(corpus)
    changed = definitions_differ(release, now.levels, now.dimensions) if release else []
    context = {
        "now": now,
        "levels": _levels(now.levels),
        "dimensions": [(name, users.get(name, [])) for name in now.dimensions],
        "strangers": [(name, found) for name, found in sorted(users.items()) if name not in now.dimensions],
        "release": release,
        "changed": [(name, _lines(name, old, new)) for name, old, new in changed],
        "stale": bool(release and not release.external and any(name in GRADES for name, _, _ in changed)),
        "versions": selectors.definitions_versions(corpus),
        "writes": bool(request.roles & set(WRITERS)),
        **more,
    }
    return render(request, "rules/definitions_detail.html", context, status=status)


def _lines(name: str, old: str, new: str) -> list[Line]:
    """What differs of a level's words; of the dimensions only those that came or went."""
    if name in GRADES:
        return list(texts_diff(old, new))
    lines = texts_diff(*(text.replace(", ", "\n") for text in (old, new)))
    return [line for line in lines if line.mark != " "]


def _levels(texts: Mapping[str, str], seen: Mapping[str, str] | None = None) -> list[LevelText]:
    return [LevelText(grade, *level_parted(texts[grade]), (seen or texts)[grade]) for grade in GRADES]


@require_POST
@corpus_view(*WRITERS)
def levels_save(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    post, typed = request.POST, _typed(request)
    seen = {grade: post[f"seen_{grade}"] for grade in GRADES if f"seen_{grade}" in post}
    try:
        version = services.definitions_save(
            corpus=corpus, levels=typed, actor=request.user, note=post.get("note", ""), seen=seen or None
        )
    except DefinitionsClash as clash:
        return _page(request, corpus, status=409, error=clash, **_again(request, corpus, typed, clash.levels))
    except Invalid as error:
        return _page(request, corpus, status=422, error=error, **_again(request, corpus, typed, ()))
    said = (
        f"Saved as version {version.number}. It counts from the next release on."
        if version
        else "Nothing differs."
    )
    messages.success(request, said)
    return redirect("rules:definitions_detail", corpus.slug)


def _typed(request: CorpusRequest) -> dict[str, str]:
    post = request.POST
    return {
        grade: level_joined(
            post.get(f"name_{grade}", ""), post.get(f"text_{grade}", "").replace("\r\n", "\n")
        )
        for grade in GRADES
    }


def _again(
    request: CorpusRequest, corpus: Corpus, typed: dict[str, str], clashing: tuple[str, ...]
) -> dict[str, Any]:
    """The form as it was typed; where somebody else changed the same level, her text beside it: saving then is meant."""
    now = selectors.definitions_current(corpus).levels
    post = request.POST
    rows = []
    for grade in GRADES:
        seen = now[grade] if grade in clashing else post.get(f"seen_{grade}", now[grade])
        theirs = now[grade] if grade in clashing else ""
        rows.append(
            LevelText(grade, post.get(f"name_{grade}", ""), post.get(f"text_{grade}", ""), seen, theirs)
        )
    return {"levels": rows, "note": post.get("note", "")}


@require_POST
@corpus_view(*WRITERS)
def dimension_change(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Add, rename or retire one dimension, as the pressed button says."""
    if (run := _STEPS.get(request.POST.get("step", ""))) is None:
        raise Invalid("A dimension is added, renamed or retired.")
    post = request.POST
    said = run(corpus, request.user, post.get("name", ""), post.get("note", ""), post.get("to", ""))
    messages.success(request, said)
    return redirect("rules:definitions_detail", corpus.slug)


def _add(corpus: Corpus, actor: User, name: str, note: str, to: str) -> str:
    services.dimension_add(corpus=corpus, name=name, actor=actor, note=note)
    return f"{name} is a dimension now. It counts from the next release on."


def _rename(corpus: Corpus, actor: User, name: str, note: str, to: str) -> str:
    rules = services.dimension_rename(corpus=corpus, name=name, to=to, actor=actor, note=note)
    codes = ", ".join(version.rule.code for version in rules)
    return f"{name} is called {to} now{f', in {codes} as well' if codes else ''}."


def _retire(corpus: Corpus, actor: User, name: str, note: str, to: str) -> str:
    services.dimension_retire(corpus=corpus, name=name, actor=actor, note=note)
    return f"The next release goes without {name}; earlier ones keep it."


_STEPS = {"add": _add, "rename": _rename, "retire": _retire}


@require_POST
@corpus_view(*WRITERS)
def definitions_restore(request: CorpusRequest, corpus: Corpus, number: int) -> HttpResponse:
    note = request.POST.get("note", "")
    version = services.definitions_restore(corpus=corpus, number=number, actor=request.user, note=note)
    which = f"Version {number}" if number else "What was released"
    said = f"{which} stands again, as version {version.number}." if version else "Nothing differs."
    messages.success(request, said)
    return redirect("rules:definitions_detail", corpus.slug)
