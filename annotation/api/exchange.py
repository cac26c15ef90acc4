"""Judgments out of the house and into it, by program."""

import uuid
from typing import Any, ClassVar

from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.requests import person_of, sent
from annotation.downloads import export_body, file_response, import_body
from annotation.exchange_forms import judgments_import_form
from annotation.formats import CHOICES, FORMATS
from annotation.forms import checked, export_form
from annotation.roles import IMPORTERS, RUNNERS
from annotation.selectors.exports import (
    IMPORT,
    exchange_get,
    exchanges_of,
    export_blob,
    import_rejected_blob,
)
from annotation.selectors.exports import KIND as EXPORT
from annotation.uploads import upload_keep
from webapp.common.access import CorpusAPIView
from webapp.common.parsers import DocumentParser

FILE = {(200, "application/octet-stream"): OpenApiTypes.BINARY}


class FormatSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    keeps = serializers.CharField(help_text="What it carries.")
    loses = serializers.CharField(help_text="What it cannot carry.")


class ExportOrderSerializer(serializers.Serializer[Any]):
    format = serializers.ChoiceField(choices=CHOICES)
    campaign = serializers.IntegerField(
        required=False, allow_null=True, help_text="What was said in it alone."
    )
    release = serializers.IntegerField(
        required=False, allow_null=True, help_text="Number: said under it alone."
    )


class ExportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField(help_text="queued, running, done, failed or cancelled")
    format = serializers.CharField()
    campaign = serializers.IntegerField(allow_null=True)
    release = serializers.IntegerField(allow_null=True)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    rows = serializers.IntegerField(allow_null=True)
    sha256 = serializers.CharField(allow_null=True)
    bytes = serializers.IntegerField(allow_null=True)
    file = serializers.CharField(allow_null=True, help_text="Where to fetch it, until `expires_at`.")
    expires_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()


class ImportOrderSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()
    topics = serializers.FileField(required=False, help_text="The sidecar of qrels: topic, tab, query.")
    format = serializers.ChoiceField(choices=CHOICES)
    source = serializers.CharField(  # type: ignore[assignment]  # a field of that name, not the field's own option
        required=False, max_length=80, help_text="Who judged, where the file names nobody."
    )
    dry_run = serializers.BooleanField(required=False, default=False)


class ImportSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    format = serializers.CharField()
    dry_run = serializers.BooleanField()
    counts = serializers.DictField(child=serializers.IntegerField())
    rejected = serializers.IntegerField(allow_null=True)
    reasons = serializers.DictField(child=serializers.IntegerField())
    rejected_file = serializers.CharField(
        allow_null=True, help_text="CSV: line, file, field, reason, mend, row."
    )
    error = serializers.CharField()


class FormatsView(CorpusAPIView):
    """The formats judgments leave and enter by."""

    @extend_schema(responses=FormatSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        return Response(FormatSerializer(list(FORMATS.values()), many=True).data)


class ExportsView(CorpusAPIView):
    """The newest exports, and ordering one; a worker writes it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS, "POST": RUNNERS}

    @extend_schema(responses=ExportSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        return Response([export_body(job) for job in exchanges_of(self.corpus, EXPORT)])

    @extend_schema(request=ExportOrderSerializer, responses={202: ExportSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        asked = {name: value for name, value in sent(request).items() if value is not None}
        values = checked(export_form(self.corpus, asked))
        job = services.export_start(corpus=self.corpus, actor=person_of(request), **values)
        return Response(export_body(job), status=202)


class ExportView(CorpusAPIView):
    """How an export stands; `file` is where it can be fetched once it is done."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(responses=ExportSerializer)
    def get(self, request: Request, corpus: str, pk: uuid.UUID) -> Response:
        return Response(export_body(exchange_get(self.corpus, pk, EXPORT)))


class ExportFileView(CorpusAPIView):
    """The file itself; `part=topics` is the sidecar of qrels."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(parameters=[OpenApiParameter("part", str, enum=["topics"])], responses=FILE)
    def get(self, request: Request, corpus: str, pk: uuid.UUID) -> FileResponse:
        return file_response(export_blob(self.corpus, pk, request.query_params.get("part", "")))


class ImportsView(CorpusAPIView):
    """Send a file of judgments (multipart); a worker reads it. With `dry_run` nothing is kept but the report."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": IMPORTERS, "POST": IMPORTERS}
    parser_classes = (MultiPartParser, FormParser, DocumentParser)

    @extend_schema(responses=ImportSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        return Response([import_body(job) for job in exchanges_of(self.corpus, IMPORT)])

    @extend_schema(request={"multipart/form-data": ImportOrderSerializer}, responses={202: ImportSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        values = checked(judgments_import_form(sent(request), request.FILES))
        file, topics = upload_keep(values.pop("file")), values.pop("topics")
        job = services.judgments_import_start(
            corpus=self.corpus, actor=person_of(request), blob=file.blob, name=file.name,
            topics=upload_keep(topics).blob if topics else None, **values,
        )  # fmt: skip
        return Response(import_body(job), status=202)


class ImportView(CorpusAPIView):
    """What became of an import's rows."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": IMPORTERS}

    @extend_schema(responses=ImportSerializer)
    def get(self, request: Request, corpus: str, pk: uuid.UUID) -> Response:
        return Response(import_body(exchange_get(self.corpus, pk, IMPORT)))


class ImportRejectedView(CorpusAPIView):
    """The rows that were not taken, each with field, reason and mend."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": IMPORTERS}

    @extend_schema(responses=FILE)
    def get(self, request: Request, corpus: str, pk: uuid.UUID) -> FileResponse:
        return file_response(import_rejected_blob(self.corpus, pk))
