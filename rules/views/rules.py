"""The list of rules, the editor, a rule's history, the language page."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from rules import review_selectors, selectors, services
from rules.diff import form_diff
from rules.editor import editor_page, empty_form, form_posted, pairs_posted
from rules.fires_on import fires_on
from rules.form import form_clean
from rules.formats import rulebook_file
from rules.merge import merge_of
from rules.models import Rule, RuleVersion
from rules.pair_selectors import example_of_pair, pair_get, pairs_shown
from rules.search import condition_found
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import Invalid, NotFound
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset

WRITERS = (Role.EDITOR, Role.ADMIN)
ASKED = ("text", "dimension", "state", "author", "pair")
HELP = Path("docs") / "rule-language.md"


@require_GET
@corpus_view()
def rule_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    asked = {name: request.GET.get(name, "").strip()[:100] for name in ASKED}
    pair = pair_get(corpus, asked["pair"]) if asked["pair"] else None
    codes = fires_on(corpus, pair) if pair else None
    rows = selectors.rule_list_rows(corpus, **{name: asked[name] for name in ASKED[:-1]}, codes=codes)
    page, release = (
        keyset(rows, ("code",), request.GET.get("after", ""), 100),
        selectors.release_current(corpus),
    )
    context = {
        "page": page,
        "rows": [(rule, condition_found(rule.latest, asked["text"])) for rule in page.rows],
        "asked": asked,
        "fires_on": pairs_shown(corpus, [pair.pk])[0] if pair else None,
        "dimensions": selectors.dimensions_used(corpus),
        "dimensions_known": selectors.dimensions_over(corpus, release),
        "authors": selectors.authors_of_rules(corpus),
        "drafts": selectors.drafts_of(corpus),
        "states": [*RuleVersion.State.choices, ("retired", "retired")],
        "release": release,
        "writes": bool(request.roles & set(WRITERS)),
    }
    return render(request, "rules/rule_list.html" + ("#results" if request.htmx else ""), context)


@require_http_methods(["GET", "POST"])
@corpus_view(*WRITERS)
def rule_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    if request.method == "GET":
        form = {**empty_form(selectors.code_next(corpus)), **_started(request, corpus)}
        return _editor(request, corpus, None, form, {})
    try:
        form = form_posted(request.POST)
        note = request.POST.get("note", "")
        version = services.rule_create(corpus=corpus, form=form, actor=request.user, note=note)
    except Invalid as error:
        return _editor_again(request, corpus, None, error)
    messages.success(request, f"{version.rule.code} is written. It counts from the next release on.")
    return redirect("rules:rule_detail", corpus.slug, version.rule.code)


def _started(request: CorpusRequest, corpus: Corpus) -> dict[str, Any]:
    """A new rule begun from a pair: that pair is its first example."""
    if not (pair := request.GET.get("pair", "")):
        return {}
    return {"examples": [example_of_pair(corpus, pair)]}


@require_GET
@corpus_view()
def rule_detail(request: CorpusRequest, corpus: Corpus, code: str) -> HttpResponse:
    rule = selectors.rule_get(corpus, code)
    version = selectors.latest_of(rule)
    return _editor(request, corpus, rule, selectors.version_form(version), selectors.example_pairs(version))


@require_POST
@corpus_view(*WRITERS)
def rule_edit(request: CorpusRequest, corpus: Corpus, code: str) -> HttpResponse:
    rule = selectors.rule_get(corpus, code)
    base = request.POST.get("base", "")
    try:
        version = services.rule_edit(
            rule=rule,
            form=form_posted(request.POST, code),
            actor=request.user,
            note=request.POST.get("note", ""),
            base=int(base) if base.isdecimal() else None,
            pairs=pairs_posted(request.POST),
        )
    except Invalid as error:
        return _editor_again(request, corpus, rule, error)
    except services.EditClash as clash:
        return _clash(request, corpus, rule, clash)
    messages.success(request, f"Saved as version {version.number}. It counts from the next release on.")
    return redirect("rules:rule_detail", corpus.slug, code)


def _clash(request: CorpusRequest, corpus: Corpus, rule: Rule, clash: services.EditClash) -> HttpResponse:
    """Both texts, joined in an editor that now starts from the newer version."""
    typed = form_clean(form_posted(request.POST, rule.code))
    theirs = clash.theirs
    merge = merge_of(
        selectors.form_of_version(rule, request.POST.get("base", "")),
        typed,
        selectors.version_form(theirs),
        pairs_posted(request.POST),
        selectors.example_pairs(theirs),
    )
    # saving from here is measured against the version that is shown, not against one that came while it was laid out
    more = {"clash": clash, "merge": merge, "base": theirs.number, "note": request.POST.get("note", "")}
    return _editor(request, corpus, rule, merge.form, dict(merge.pairs), status=409, **more)


def _editor_again(request: CorpusRequest, corpus: Corpus, rule: Rule | None, error: Invalid) -> HttpResponse:
    """What was typed, with what is wrong: nothing is lost."""
    try:
        form = form_posted(request.POST, rule.code if rule else "")
    except Invalid:
        form = {**form_posted(_without_examples(request), rule.code if rule else "")}
    form["ladder"] = form["ladder"] or empty_form("")["ladder"]
    more = {"error": error, "note": request.POST.get("note", ""), "base": request.POST.get("base", "")}
    return _editor(request, corpus, rule, form, {}, status=422, **more)


def _without_examples(request: CorpusRequest) -> Any:
    post = request.POST.copy()
    for name in ("example_query", "example_item"):
        post.setlist(name, [])
    return post


def _editor(
    request: CorpusRequest,
    corpus: Corpus,
    rule: Rule | None,
    form: dict[str, Any],
    pairs: dict[int, int],
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    version = selectors.latest_of(rule) if rule else None
    context = {
        "rule": rule,
        "version": version,
        "editor": editor_page(form, selectors.dimensions_of(corpus), pairs),
        "writes": bool(request.roles & set(WRITERS)),
        "base": version.number if version else "",
        "statistic": getattr(version, "statistic", None) if version else None,
        **more,
    }
    return render(request, "rules/rule_detail.html", context, status=status)


@require_GET
@corpus_view()
def rule_history(request: CorpusRequest, corpus: Corpus, code: str) -> HttpResponse:
    rule = selectors.rule_get(corpus, code)
    versions = selectors.versions_of(rule)
    forms = [selectors.version_form(version) for version in versions]
    events = [{"at": event.at, "event": event} for event in review_selectors.rule_events(rule, versions)]
    context = {
        "rule": rule,
        "newest": versions[0],
        "versions": versions,
        "rows": sorted([*_wordings(versions, forms), *events], key=lambda row: row["at"], reverse=True),
        "compare": _compared(
            request, {version.number: form for version, form in zip(versions, forms, strict=True)}
        ),
        "said": review_selectors.comments_on_rule(rule),
        "members": review_selectors.members_of(corpus),
        "writes": bool(request.roles & set(WRITERS)),
        "reviews": bool(request.roles & {*WRITERS, Role.REVIEWER}),
    }
    return render(request, "rules/rule_history.html", context)


def _wordings(versions: list[RuleVersion], forms: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each version with the releases that hold it and what it changed of the one before."""
    held = selectors.releases_holding(versions)
    return [
        {
            "at": version.created_at,
            "version": version,
            "releases": held.get(version.pk, []),
            "diff": form_diff(forms[at + 1], forms[at]) if at + 1 < len(forms) else (),
        }
        for at, version in enumerate(versions)
    ]


def _compared(request: CorpusRequest, forms: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Any two versions side by side, as the address asks; the newest two are offered."""
    newest = sorted(forms, reverse=True)
    asked = [request.GET.get(name, "") for name in ("from", "to")]
    numbers = [int(text) if text.isdecimal() and len(text) < 9 else 0 for text in asked]
    if not all(number in forms for number in numbers):
        return {"from": newest[min(1, len(newest) - 1)], "to": newest[0], "shown": False}
    diff = form_diff(forms[numbers[0]], forms[numbers[1]])
    return {"from": numbers[0], "to": numbers[1], "shown": True, "diff": diff}


@require_POST
@corpus_view(*WRITERS)
def rule_restore(request: CorpusRequest, corpus: Corpus, code: str, number: int) -> HttpResponse:
    rule, reason = selectors.rule_get(corpus, code), request.POST.get("reason", "")
    version = services.rule_restore(rule=rule, number=number, actor=request.user, reason=reason)
    messages.success(request, f"Version {number} stands again, as version {version.number}.")
    return redirect("rules:rule_detail", corpus.slug, code)


@require_POST
@corpus_view(*WRITERS)
def rule_retire(request: CorpusRequest, corpus: Corpus, code: str) -> HttpResponse:
    rule = selectors.rule_get(corpus, code)
    retired = request.POST.get("retired") != "0"
    reason = request.POST.get("reason", "")
    services.rule_retire(rule=rule, actor=request.user, retired=retired, reason=reason)
    messages.success(request, f"{code} is {'left out of' if retired else 'back in'} the releases to come.")
    return redirect("rules:rule_detail", corpus.slug, code)


@require_GET
@corpus_view()
def rulebook_export(request: CorpusRequest, corpus: Corpus, form: str) -> HttpResponse:
    if form not in ("json", "yaml", "csv"):
        raise NotFound("A rulebook comes as .json, .yaml or .csv.")
    number = request.GET.get("release", "")
    release = selectors.release_get(corpus, int(number)) if number.isdecimal() else None
    document = services.rulebook_export(corpus=corpus, release=release)
    text = rulebook_file(document, form)
    media = "text/csv" if form == "csv" else f"application/{form}"
    response = HttpResponse(text, content_type=f"{media}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{corpus.slug}-rulebook.{form}"'
    return response


@require_GET
@corpus_view()
def language_help(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    path = Path(settings.BASE_DIR) / HELP
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return render(request, "rules/language_help.html", {"text": text})
