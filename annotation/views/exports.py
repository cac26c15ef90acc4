"""Exports: ordered here, written by a worker, fetched by a link."""

import uuid

from django import forms
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from annotation import services
from annotation.forms import ExportForm, checked
from annotation.models import Campaign
from webapp.common.access import CorpusRequest, corpus_view
from webapp.common.blobs import blob_path
from webapp.common.errors import NotFound
from webapp.common.models import Blob, Corpus, Job, Role

EXPORTERS = (Role.REVIEWER, Role.ADMIN)


def form_for(corpus: Corpus, *args: object) -> ExportForm:
    form = ExportForm(*args)  # type: ignore[arg-type]  # a QueryDict, or nothing
    field = form.fields["campaign"]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = Campaign.objects.filter(corpus=corpus).order_by("-pk")
    return form


@require_GET
@corpus_view(*EXPORTERS)
def export_list(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    jobs = Job.objects.filter(corpus=corpus, kind="annotation.export").order_by("-created_at")[:20]
    return render(request, "annotation/export_list.html", {"jobs": jobs, "form": form_for(corpus)})


@require_POST
@corpus_view(*EXPORTERS)
def export_create(request: CorpusRequest, corpus: Corpus) -> HttpResponse:
    values = checked(form_for(corpus, request.POST))
    services.export_start(
        corpus=corpus, actor=request.user, format=values["format"], campaign=values["campaign"]
    )
    return redirect("annotation:export_list", corpus.slug)


def export_file(corpus: Corpus, pk: uuid.UUID, part: str) -> FileResponse:
    """The file of a finished export of this corpus."""
    job = Job.objects.filter(corpus=corpus, pk=pk, kind="annotation.export", state=Job.State.DONE).first()
    sha = (job.result or {}).get("topics" if part == "topics" else "blob") if job else None
    blob = Blob.objects.filter(pk=sha).first() if sha else None
    if job is None or blob is None:
        raise NotFound("There is no such file: the export has not ended well, or it is another corpus's.")
    name = "topics.tsv" if part == "topics" else str(job.result["name"])
    return FileResponse(
        blob_path(blob.sha256).open("rb"), as_attachment=True, filename=name, content_type=blob.media_type
    )


@require_GET
@corpus_view(*EXPORTERS)
def export_download(request: CorpusRequest, corpus: Corpus, pk: uuid.UUID) -> FileResponse:
    return export_file(corpus, pk, request.GET.get("part", ""))
