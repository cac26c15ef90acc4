"""Levels and dimensions over the API: what the page does, as JSON."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rules import definition_selectors as selectors
from rules.api import JSON, WRITERS, ReasonInput, RulesAPIView
from rules.services import definitions as services


class DefinitionsInput(serializers.Serializer[Any]):
    level_definitions = serializers.DictField(
        child=serializers.CharField(max_length=2000), required=False, help_text='{"L2": "..."}: others stay'
    )
    dimensions = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, help_text="the whole list, in order"
    )
    base = serializers.IntegerField(required=False, allow_null=True, default=None)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class DefinitionsAPI(RulesAPIView):
    """What the next release takes up; a new version of it (`base`: the version number it was written from)."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"PUT": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        now, users = selectors.definitions_current(self.corpus), selectors.dimension_users(self.corpus)
        body = {"version": now.number, "level_definitions": now.levels, "dimensions": now.dimensions}
        used = {name: [version.rule.code for version in found] for name, found in users.items()}
        return Response({**body, "used_by": used})

    @extend_schema(request=DefinitionsInput, responses=JSON)
    def put(self, request: Request, corpus: str) -> Response:
        given = DefinitionsInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        services.definitions_save(
            corpus=self.corpus,
            levels=data.get("level_definitions"),
            dimensions=data.get("dimensions"),
            actor=self.actor,
            note=data["note"],
            base=data["base"],
        )
        return self.get(request, corpus)


class RenameInput(serializers.Serializer[Any]):
    dimension = serializers.CharField(max_length=40)
    to = serializers.CharField(max_length=40)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class DimensionRenameAPI(RulesAPIView):
    """Another name for a dimension, in the rules that use it as well: their codes come back."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=RenameInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = RenameInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        changed = services.dimension_rename(
            corpus=self.corpus, name=data["dimension"], to=data["to"], actor=self.actor, note=data["note"]
        )
        return Response({"rules": [version.rule.code for version in changed]})


class DefinitionsVersionListAPI(RulesAPIView):
    """The newest fifty versions: who changed levels and dimensions, when and why."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        rows = selectors.definitions_versions(self.corpus)
        return Response({"versions": [
            {"number": row.number, "level_definitions": row.level_definitions, "dimensions": row.dimensions,
             "author": row.author.display_name if row.author else None, "note": row.note, "at": row.created_at}
            for row in rows
        ]})  # fmt: skip


class DefinitionsRestoreAPI(RulesAPIView):
    """An earlier version as a new one; 0 is what the release in force says."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=ReasonInput, responses=JSON)
    def post(self, request: Request, corpus: str, number: int) -> Response:
        given = ReasonInput(data=request.data)
        given.is_valid(raise_exception=True)
        note = given.validated_data["reason"]
        services.definitions_restore(corpus=self.corpus, number=number, actor=self.actor, note=note)
        now = selectors.definitions_current(self.corpus)
        body = {"version": now.number, "level_definitions": now.levels, "dimensions": now.dimensions}
        return Response(body)
