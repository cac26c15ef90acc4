"""Synonym and family tables: the list, one table with its families and examples, its versions."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from rules import table_selectors as selectors
from rules.formats import tables_text
from rules.selectors import release_current
from rules.services import tables as services
from rules.tables import examples_run, shared_words, tables_diff, tables_in_order
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, Role

WRITERS = (Role.EDITOR, Role.ADMIN)
SHOWN = 200  # families of a page


@require_GET
@corpus_view()
def table_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    current, release = selectors.tables_current(corpus), release_current(corpus)
    users = selectors.table_users(corpus)
    changed = {change.name: change for change in tables_diff(release.tables if release else {}, current)}
    rows = [
        {
            "name": name,
            "families": len(content),
            "words": sum(map(len, content.values() if isinstance(content, dict) else content)),
            "users": users.get(name, []),
            "change": changed.get(name),
        }
        for name, content in sorted(current.items())
    ]
    context = {
        "rows": rows,
        "release": release,
        "removed": selectors.tables_removed(corpus),
        "everywhere": users.get("", []),
        "writes": bool(request.roles & set(WRITERS)),
    }
    return render(request, "rules/table_list.html", context)


@require_POST
@corpus_view(*WRITERS)
def table_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    name = request.POST.get("name", "")
    family = request.POST.get("family", "")
    content = {family: _words(request.POST.get("words", ""))} if family.strip() else {}
    version = services.table_create(corpus=corpus, name=name, content=content, actor=request.user)
    messages.success(request, f"The table {version.name} is there. It counts from the next release on.")
    return redirect("rules:table_detail", corpus.slug, version.name)


@require_GET
@corpus_view()
def table_detail(request: CorpusRequest, corpus: Corpus, name: str) -> HttpResponse:
    return render(
        request,
        "rules/table_detail.html" + ("#families" if request.htmx else ""),
        _page(request, corpus, name),
    )


def _page(request: CorpusRequest, corpus: Corpus, name: str) -> dict[str, Any]:
    content, latest = selectors.table_content(corpus, name), selectors.table_newest(corpus, name)
    text = request.GET.get("text", "").strip()[:100]
    found = [(family, words) for family, words in sorted(content.items()) if _holds(text, family, words)]
    release = release_current(corpus)
    before = {name: release.tables[name]} if release and name in release.tables else {}
    return {
        "name": name,
        "content": content,
        "families": found[:SHOWN],
        "found": len(found),
        "text": text,
        "latest": latest,
        "base": latest.number if latest else 0,
        "examples": examples_run(name, content, latest.examples if latest else []),
        "versions": selectors.table_versions(corpus, name),
        "users": selectors.table_users(corpus).get(name, []),
        "shared": shared_words(content),
        "change": next(iter(tables_diff(before, {name: content})), None),
        "release": release,
        "writes": bool(request.roles & set(WRITERS)),
    }


def _holds(text: str, family: str, words: list[str]) -> bool:
    wanted = text.casefold()
    return not wanted or any(wanted in word.casefold() for word in (family, *words))


def _words(text: str) -> list[str]:
    """Words typed in one field, parted by commas or lines."""
    return [word.strip() for word in text.replace("\n", ",").split(",") if word.strip()]


@require_POST
@corpus_view(*WRITERS)
def family_save(request: CorpusRequest, corpus: Corpus, name: str) -> HttpResponse:
    post = request.POST
    services.family_save(
        corpus=corpus,
        name=name,
        family=post.get("family", "") if post.get("step") != "remove" else "",
        words=_words(post.get("words", "")),
        old=post.get("old", ""),
        actor=request.user,
        base=_number(post.get("base", "")),
    )
    return _answered(request, corpus, name)


@require_POST
@corpus_view(*WRITERS)
def family_merge(request: CorpusRequest, corpus: Corpus, name: str) -> HttpResponse:
    services.families_merge(
        corpus=corpus,
        name=name,
        family=request.POST.get("old", ""),
        into=request.POST.get("into", "").strip(),
        actor=request.user,
        base=_number(request.POST.get("base", "")),
    )
    return _answered(request, corpus, name)


@require_POST
@corpus_view(*WRITERS)
def table_examples(request: CorpusRequest, corpus: Corpus, name: str) -> HttpResponse:
    """The table's examples as they stand in the form; empty rows fall away."""
    columns = (request.POST.getlist(key) for key in ("a", "b", "same", "note"))
    examples = [
        {"a": a, "b": b, "same": same == "1", "note": note}
        for a, b, same, note in zip(*columns, strict=False)
        if a.strip() and b.strip()
    ]
    services.table_save(
        corpus=corpus,
        name=name,
        content=selectors.table_content(corpus, name),
        examples=examples,
        actor=request.user,
        note="Examples.",
        base=_number(request.POST.get("base", "")),
    )
    return _answered(request, corpus, name)


@require_POST
@corpus_view(*WRITERS)
def table_remove(request: CorpusRequest, corpus: Corpus, name: str) -> HttpResponse:
    services.table_remove(corpus=corpus, name=name, actor=request.user)
    messages.success(request, f"The next release goes without the table {name}; earlier ones keep it.")
    return redirect("rules:table_list", corpus.slug)


@require_POST
@corpus_view(*WRITERS)
def table_restore(request: CorpusRequest, corpus: Corpus, name: str, number: int) -> HttpResponse:
    services.table_restore(corpus=corpus, name=name, number=number, actor=request.user)
    which = f"Version {number}" if number else "The released wording"
    messages.success(request, f"{which} of {name} is the newest one again.")
    return redirect("rules:table_detail", corpus.slug, name)


@require_GET
@corpus_view()
def table_export(request: CorpusRequest, corpus: Corpus, form: str) -> HttpResponse:
    """All tables as CSV (a family a row) or JSON."""
    current = tables_in_order(selectors.tables_current(corpus))
    if form == "csv":
        answer = HttpResponse(tables_text(current), content_type="text/csv; charset=utf-8")
    elif form == "json":
        text = json.dumps({"rules": [], "tables": current}, ensure_ascii=False, indent=2)
        answer = HttpResponse(text, content_type="application/json")
    else:
        raise NotFound("Tables are written as csv or json.")
    answer["Content-Disposition"] = f'attachment; filename="{corpus.slug}-tables.{form}"'
    return answer


def _answered(request: CorpusRequest, corpus: Corpus, name: str) -> HttpResponse:
    """The table anew: its fragment where the page asked for it, else the page."""
    if request.htmx:
        return render(request, "rules/table_detail.html#table", _page(request, corpus, name))
    return redirect("rules:table_detail", corpus.slug, name)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None
