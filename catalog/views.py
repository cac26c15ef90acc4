"""Pages of the catalog: what the corpus holds, its queries, items and imports."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog import selectors
from catalog.exports import lost_csv
from catalog.filters import address, choices_parse, items_found, items_narrow, queries_found, queries_narrow
from catalog.importing.formats import CHOICES
from catalog.models import Stratum
from catalog.services import fetch_start, import_start
from catalog.uploads import upload_store
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.blobs import blob_path
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset

PAIRS_SHOWN = 200


def _asked(request: HttpRequest, *names: str) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip().replace("\x00", "")[:200] for name in names}


@require_GET
@corpus_view()
def catalog_home(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "counter": selectors.counter_of(corpus),
        "imports": selectors.imports_list(corpus).order_by("-pk")[:10],
        "imports_allowed": Role.ADMIN in request.roles,
    }
    return render(request, "catalog/catalog_home.html", context)


@require_GET
@corpus_view()
def query_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    asked, choices = _asked(request, "text", "stratum"), choices_parse(request.GET.getlist("facet"))
    rows = queries_narrow(selectors.query_rows(corpus, asked["text"], asked["stratum"]), choices)
    page = keyset(rows, ("-traffic__count", "pk"), request.GET.get("after", ""), 100)
    context = {
        "page": page, "counts": selectors.pair_counts(page.rows), "asked": asked, "strata": Stratum.choices,
        "found": queries_found(rows, asked, choices), "next": address(asked, choices, after=page.next_cursor),
        "choices": choices, "counter": selectors.counter_of(corpus),
    }  # fmt: skip
    name = "catalog/query_list.html" + ("#results" if request.htmx else "")
    return render(request, name, context)


@require_GET
@corpus_view()
def query_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    query = selectors.query_get(corpus, pk)
    page = keyset(
        selectors.pair_rows(corpus, query=query), ("pk",), request.GET.get("after", ""), PAIRS_SHOWN
    )
    return render(request, "catalog/query_detail.html", {"query": query, "page": page})


@require_GET
@corpus_view()
def item_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    asked, choices = _asked(request, "text"), choices_parse(request.GET.getlist("facet"))
    rows = items_narrow(selectors.item_rows(corpus, asked["text"]), choices)
    page = keyset(rows, ("pk",), request.GET.get("after", ""), 100)
    context = {
        "page": page, "asked": asked, "choices": choices, "counter": selectors.counter_of(corpus),
        "found": items_found(rows, asked, choices), "next": address(asked, choices, after=page.next_cursor),
    }  # fmt: skip
    name = "catalog/item_list.html" + ("#results" if request.htmx else "")
    return render(request, name, context)


@require_GET
@corpus_view()
def item_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    item = selectors.item_get(corpus, pk)
    assert item.current is not None
    context = {
        "item": item, "version": item.current, "payload": getattr(item.current, "payload", None),
        "images": item.current.images.order_by("position"),
        "versions": item.versions.order_by("-pk")[:50],
        "pairs": selectors.pair_rows(corpus, item=item).order_by("pk")[:PAIRS_SHOWN],
    }  # fmt: skip
    return render(request, "catalog/item_detail.html", context)


@require_http_methods(["GET", "POST"])
@corpus_view(Role.ADMIN)
def import_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context: dict[str, object] = {"formats": CHOICES}
    if request.method == "GET":
        return render(request, "catalog/import_create.html", context)
    try:
        path = upload_store(request.FILES.getlist("files"))
        format = request.POST.get("format", "auto")
        job = import_start(corpus=corpus, path=path, format=format, actor=request.user)
    except DomainError as error:
        return render(request, "catalog/import_create.html", {**context, "error": error}, status=error.status)
    return redirect("catalog:import_detail", corpus.slug, job.import_run.pk)


@require_GET
@corpus_view()
def import_detail(request: CorpusRequest, corpus: Corpus, pk: int) -> HttpResponse:
    run = selectors.import_get(corpus, pk)
    counts = [(name.replace("_", " "), n) for name, n in sorted(run.accepted.items())]
    return render(request, "catalog/import_detail.html", {"run": run, "counts": counts})


@require_GET
@corpus_view(Role.ADMIN, Role.EDITOR)
def import_rejected(request: CorpusRequest, corpus: Corpus, pk: int) -> FileResponse:
    run = selectors.import_get(corpus, pk)
    if not run.rejected_blob_id:
        raise Http404("This import rejected nothing.")
    content = blob_path(run.rejected_blob_id).open("rb")
    name = f"rejected-{corpus.slug}-{run.pk}.csv"
    return FileResponse(content, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


@require_GET
@corpus_view()
def fetch_detail(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "counter": selectors.counter_of(corpus), "job": selectors.fetch_current(corpus),
        "reasons": selectors.lost_reasons(corpus), "fetch_allowed": Role.ADMIN in request.roles,
        "export_allowed": {Role.ADMIN, Role.EDITOR} & set(request.roles),
    }  # fmt: skip
    return render(request, "catalog/fetch_detail.html", context)


@require_POST
@corpus_view(Role.ADMIN)
def fetch_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    fetch_start(corpus=corpus, actor=request.user, failed_too=request.POST.get("failed_too") == "1")
    return redirect("catalog:fetch_detail", corpus.slug)


@require_GET
@corpus_view(Role.ADMIN, Role.EDITOR)
def fetch_lost(request: CorpusRequest, corpus: Corpus) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lost_csv(corpus), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="not-fetched-{corpus.slug}.csv"'
    return answer


@require_GET
@cache_control(private=True, max_age=31_536_000, immutable=True)
@corpus_view()
def picture(request: CorpusRequest, corpus: Corpus, sha256: str) -> FileResponse:
    """A picture's bytes never change, as its address is their hash."""
    blob = selectors.picture_get(corpus, sha256)
    path = blob_path(blob.pk)
    if not path.is_file():
        raise Http404("The picture's file is gone from the store.")
    response = FileResponse(path.open("rb"), content_type=blob.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    return response
