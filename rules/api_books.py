"""Files of rules and the tables they ask, over the API: what the pages do, as JSON."""

from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rules import table_selectors as selectors
from rules.api import JSON, WRITERS, RulesAPIView
from rules.formats import KINDS, rulebook_read
from rules.services.imports import import_apply, import_plan
from rules.services.tables import table_remove, table_save
from rules.tables import examples_run


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


class FileInput(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    kind = serializers.ChoiceField(choices=tuple(KINDS), required=False, default="auto")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    retire_missing = serializers.BooleanField(required=False, default=False)
    dry_run = serializers.BooleanField(required=False, default=True)


class RulebookFileAPI(RulesAPIView):
    """A file of rules of any kind: what it would do, or, with dry_run false, what it did."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

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
