"""Files of rules and the tables they ask, over the API: what the pages do, as JSON."""

from dataclasses import asdict
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rules import table_selectors as selectors
from rules.api import JSON, WRITERS, RulesAPIView
from rules.formats import KINDS, rulebook_file, rulebook_read
from rules.selectors import release_get
from rules.services.imports import import_apply, import_plan
from rules.services.rulebooks import rulebook_export
from rules.services.tables import table_remove, table_restore, table_save
from rules.tables import examples_run

MEDIA = {"yaml": "application/yaml", "json": "application/json", "csv": "text/csv"}


class TableListAPI(RulesAPIView):
    """The tables that the next release takes up: families and their words, by name."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        return Response({"tables": selectors.tables_current(self.corpus)})


class TableInput(serializers.Serializer[Any]):
    content = serializers.JSONField()
    examples = serializers.ListField(child=serializers.DictField(), required=False)
    base = serializers.IntegerField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class TableDetailAPI(RulesAPIView):
    """One table; a new version of it (`base`: the version number it was written from, 0 for none)."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"PUT": WRITERS, "DELETE": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, name: str) -> Response:
        content, latest = (
            selectors.table_content(self.corpus, name),
            selectors.table_newest(self.corpus, name),
        )
        examples = examples_run(name, content, latest.examples if latest else [])
        body = {"name": name, "version": latest.number if latest else 0, "content": content}
        return Response({**body, "examples": [asdict(example) for example in examples]})

    @extend_schema(request=TableInput, responses=JSON)
    def put(self, request: Request, corpus: str, name: str) -> Response:
        given = TableInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        table_save(
            corpus=self.corpus,
            name=name,
            content=data["content"],
            examples=data.get("examples"),
            actor=self.actor,
            note=data["note"],
            base=data["base"],
        )
        return self.get(request, corpus, name)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, corpus: str, name: str) -> Response:
        """Left out of the releases to come; those that hold it keep it."""
        table_remove(corpus=self.corpus, name=name, actor=self.actor)
        return Response(status=204)


class TableVersionListAPI(RulesAPIView):
    """The newest fifty versions of a table, removed or not: who changed it, when and why."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, name: str) -> Response:
        versions = [
            {"number": row.number, "content": row.content, "examples": row.examples, "note": row.note,
             "author": row.author.display_name if row.author else None, "at": row.created_at}
            for row in selectors.table_versions(self.corpus, name)
        ]  # fmt: skip
        return Response({"versions": versions})


class TableRestoreAPI(RulesAPIView):
    """An earlier version as a new one; 0 is what the release in force holds."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=None, responses=JSON)
    def post(self, request: Request, corpus: str, name: str, number: int) -> Response:
        table_restore(corpus=self.corpus, name=name, number=number, actor=self.actor)
        latest = selectors.table_newest(self.corpus, name)
        content = selectors.tables_current(self.corpus).get(name, {})
        return Response({"name": name, "version": latest.number if latest else 0, "content": content})


class ExportInput(serializers.Serializer[Any]):
    form = serializers.ChoiceField(choices=["yaml", "json", "csv"], required=False, default="yaml")
    release = serializers.IntegerField(required=False, allow_null=True, default=None)


class FileInput(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=tuple(KINDS), required=False, default="auto")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    retire_missing = serializers.BooleanField(required=False, default=False)
    dry_run = serializers.BooleanField(required=False, default=True)


class RulebookFileAPI(RulesAPIView):
    """GET: the rulebook as one file, of the newest versions or of a release. POST: a file of rules of any kind; what it
    would do, or, with dry_run false, what it did.
    """

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(parameters=[ExportInput], responses={(200, "text/plain"): str})
    def get(self, request: Request, corpus: str) -> HttpResponse:
        given = ExportInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        number, form = given.validated_data["release"], given.validated_data["form"]
        release = None if number is None else release_get(self.corpus, number)
        document = rulebook_export(corpus=self.corpus, release=release)
        return HttpResponse(rulebook_file(document, form), content_type=f"{MEDIA[form]}; charset=utf-8")

    @extend_schema(request=FileInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = FileInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        tables = selectors.tables_current(self.corpus)
        carried = rulebook_read(data["text"], name=data["name"], kind=data["kind"], tables=tables)
        shared = {"corpus": self.corpus, "carried": carried, "retire_missing": data["retire_missing"]}
        left_out = [asdict(left) for left in carried.left_out]
        if data["dry_run"]:
            plan = import_plan(**shared)
            return Response(asdict(plan))
        outcome = import_apply(**shared, actor=self.actor, note=data["note"])
        return Response({"outcome": asdict(outcome), "left_out": left_out})
