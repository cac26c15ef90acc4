"""Exports: ordered here, written by a worker, fetched by a link."""

import uuid

from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.downloads import file_response
from annotation.forms import checked, export_form
from annotation.roles import RUNNERS
from annotation.selectors.exports import export_blob
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.models import Corpus, Job


@require_GET
@corpus_view(*RUNNERS)
def export_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    jobs = Job.objects.filter(corpus=corpus, kind="annotation.export").order_by("-created_at")[:20]
    return render(request, "annotation/export_list.html", {"jobs": jobs, "form": export_form(corpus)})


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
