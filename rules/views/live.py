"""The editor's live answers, and the fragment that shows which rules fire on a pair. All are reads."""

from typing import Any

from django.http import HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from rules.corpus_table import corpus_table_near
from rules.coverage import coverage_of
from rules.editor import example_offered, form_posted
from rules.engine import RulebookError, run_examples
from rules.fields_text import fields_parse
from rules.firing import firing_cards, trial_of
from rules.form import form_clean
from rules.language import RuleSyntaxError, registry, signature
from rules.lint import spelt
from rules.lint_selectors import lint_condition
from rules.pair_selectors import fields_by_name, fields_of_pair, pair_get
from rules.selectors import release_current, rulebook_of, tables_release
from rules.vocabulary import tables_offered, values_like, vocabulary_of, words_like
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import Invalid
from webapp.common.models import Corpus


@require_GET
@corpus_view()
def field_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """Fields a condition may name, with the values that the corpus carries: also what the editor completes from."""
    functions = [(function, signature(function)) for _, function in sorted(registry().items())]
    tables = tables_offered(tables_release(corpus))
    context = {"fields": vocabulary_of(corpus_table_near(corpus)), "functions": functions, "tables": tables}
    return render(request, "rules/_fields.html", context)


@require_GET
@corpus_view()
def value_list(request: CorpusRequest, corpus: Corpus) -> JsonResponse:
    """Values of one field that fit what is typed, for fields with more of them than the panel holds; or families or words
    (`of`) of a table.
    """
    field, text, table, of = (request.GET.get(name, "")[:80] for name in ("field", "text", "table", "of"))
    if table:
        found = words_like(tables_release(corpus), table, text, families=of != "words")
    else:
        found = values_like(corpus_table_near(corpus), field, text)
    return JsonResponse({"values": found})


@require_POST
@corpus_view()
def condition_check(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """What a condition means in plain words and what it names; or where it is wrong and how to mend it."""
    source = request.POST.get("condition", "").replace("\r\n", "\n")
    context: dict[str, Any] = {"source": source}
    if source.strip():
        try:
            condition, doubts = lint_condition(corpus, source)
            context |= {
                "condition": condition,
                "doubts": [(doubt, _place(source, doubt.line, doubt.column)) for doubt in doubts],
                "fields": sorted(condition.facts.fields),
            }
        except RuleSyntaxError as problem:
            context |= {"problem": problem, "place": _place(source, problem.line, problem.column)}
    return render(request, "rules/_condition.html", context)


def _place(source: str, line: int, column: int) -> dict[str, str]:
    """A line around the word, number or text that begins at a column."""
    lines = source.split("\n")
    text = lines[min(line, len(lines)) - 1]
    at = max(0, min(column - 1, len(text)))
    word = spelt(text, 1, at + 1)
    after = text[at + len(word) :]
    return {"before": text[max(0, at - 40) : at], "at": word or " ", "after": after[:40]}


@require_POST
@corpus_view()
def principle_preview(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    return render(request, "rules/_principle.html", {"text": request.POST.get("principle", "")[:20_000]})


def form_typed(post: QueryDict) -> dict[str, Any]:
    """The typed rule, canonical. Raises Invalid."""
    form = form_posted(post)
    form["code"] = form["code"] or "new"
    try:
        return form_clean(form)
    except RulebookError as error:
        raise Invalid(str(error), code="rule_invalid") from error


@require_POST
@corpus_view()
def examples_run(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context: dict[str, Any] = {}
    try:
        rulebook = rulebook_of(tables_release(corpus), [form_typed(request.POST)])
        context["results"] = run_examples(rulebook)
    except (Invalid, RulebookError) as problem:
        context["problem"] = str(problem)
    return render(request, "rules/_examples.html", context)


@require_POST
@corpus_view()
def rule_coverage(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    step, page = (request.POST.get(name, "") for name in ("only_step", "page"))
    only_step = int(step) if step.isdecimal() and len(step) < 4 else 0
    context: dict[str, Any] = {"only_step": only_step, "only_wrong": request.POST.get("wrong") == "1"}
    context["outside"] = request.POST.get("side") == "outside"
    try:
        context["coverage"] = coverage_of(
            corpus,
            form_typed(request.POST),
            step=only_step,
            wrong=context["only_wrong"],
            outside=context["outside"],
            page=min(int(page), 10_000) if page.isdecimal() and len(page) < 6 else 0,
        )
    except (Invalid, RulebookError) as problem:
        context["problem"] = str(problem)
    return render(request, "rules/_coverage.html", context)


@require_POST
@corpus_view()
def rule_try(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The typed rule on one pair: scope, steps, and what the other rules as they stand would say with it."""
    context: dict[str, Any] = {}
    try:
        query, item = _pair_fields(corpus, request.POST)
        trial = trial_of(corpus, form_typed(request.POST), query, item)
        example = example_offered(trial.alone, query, item, request.POST.get("try_pair", "").strip())
        context = {"trial": trial, "query": query, "item": item, "example": example}
    except (Invalid, RulebookError, ValueError) as problem:
        context["problem"] = str(problem)
    return render(request, "rules/_trial.html", context)


def _pair_fields(corpus: Corpus, post: QueryDict) -> tuple[dict[str, Any], dict[str, Any]]:
    if pair := post.get("try_pair", "").strip():
        return fields_of_pair(pair_get(corpus, pair))
    if product := post.get("try_product", "").strip():
        return fields_by_name(corpus, post.get("try_query", ""), product)
    pasted = post.get("try_query_fields", ""), post.get("try_item_fields", "")
    if not any(text.strip() for text in pasted):
        raise Invalid("Name a query and a product id, or write fields, one a line: brand: Apple.")
    return fields_parse(pasted[0]), fields_parse(pasted[1])


@require_GET
@corpus_view()
def firing_fragment(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    """The rules in force that fire on a pair, the deciding ones first."""
    pair = pair_get(corpus, request.GET.get("pair", ""))
    release = release_current(corpus)
    return render(request, "rules/_firing.html", {"firing": firing_cards(release, pair), "release": release})
