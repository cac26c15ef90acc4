"""Exports and imports of judgments: ordered here, done by a worker, fetched by a link."""

import uuid

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.downloads import file_response
from annotation.exchange_forms import judgments_import_form
from annotation.formats import FORMATS
from annotation.forms import checked, export_form
from annotation.roles import IMPORTERS, RUNNERS
from annotation.selectors.exports import exchanges_of, export_blob, export_expired, import_rejected_blob
from annotation.uploads import upload_keep
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.errors import DomainError
from webapp.common.models import Corpus


@require_GET
@corpus_view(*RUNNERS)
def export_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    context = {
        "jobs": [(job, export_expired(job)) for job in exchanges_of(corpus)], "form": export_form(corpus),
        "formats": FORMATS.values(), "import_form": judgments_import_form(),
        "may_import": bool(request.roles & set(IMPORTERS)),
    }  # fmt: skip
    return render(request, "annotation/export_list.html", context)


@require_POST
@corpus_view(*RUNNERS)
def export_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    values = checked(export_form(corpus, request.POST))
    services.export_start(corpus=corpus, actor=request.user, **values)
    return redirect("annotation:export_list", corpus.slug)


@require_GET
@corpus_view(*RUNNERS)
def export_download(request: CorpusRequest, corpus: Corpus, pk: uuid.UUID) -> FileResponse:
    return file_response(export_blob(corpus, pk, request.GET.get("part", "")))


@require_POST
@corpus_view(*IMPORTERS)
def judgments_import(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    try:
        values = checked(judgments_import_form(request.POST, request.FILES))
        file, topics = upload_keep(values.pop("file")), values.pop("topics")
        services.judgments_import_start(
            corpus=corpus, actor=request.user, blob=file.blob, name=file.name,
            topics=upload_keep(topics).blob if topics else None, **values,
        )  # fmt: skip
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("annotation:export_list", corpus.slug)


@require_GET
@corpus_view(*IMPORTERS)
def judgments_rejected(request: CorpusRequest, corpus: Corpus, pk: uuid.UUID) -> FileResponse:
    return file_response(import_rejected_blob(corpus, pk))
