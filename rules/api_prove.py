"""Endpoints of proving a rule that is being written: what its condition means, where it fires, what no rule covers."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rules import gaps
from rules.api import JSON, RulesAPIView
from rules.conflicts import rules_now, static_last
from rules.corpus_table import corpus_table_near
from rules.coverage import Coverage, coverage_of
from rules.engine import RulebookError, run_examples
from rules.form import form_clean
from rules.language import RuleSyntaxError, registry, signature
from rules.lint_selectors import lint_condition
from rules.selectors import rulebook_of, tables_release
from rules.vocabulary import tables_offered, values_like, vocabulary_of, words_like
from webapp.common.errors import Invalid


class ConditionInput(serializers.Serializer[Any]):
    condition = serializers.CharField(trim_whitespace=True, max_length=65_536)


class CoverageInput(serializers.Serializer[Any]):
    rule = serializers.DictField()
    step = serializers.IntegerField(required=False, min_value=0, max_value=999, default=0)
    wrong = serializers.BooleanField(required=False, default=False)
    outside = serializers.BooleanField(required=False, default=False)
    page = serializers.IntegerField(required=False, min_value=0, max_value=10_000, default=0)


class ConditionCheckAPI(RulesAPIView):
    """What a condition means in plain words and what it names. 400 names line, column and the mend."""

    @extend_schema(request=ConditionInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = ConditionInput(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            condition, warnings = lint_condition(self.corpus, given.validated_data["condition"])
        except RuleSyntaxError as error:
            place = {"line": error.line, "column": error.column, "hint": error.hint}
            raise Invalid(str(error), code="condition_invalid", extra=place) from error
        fields = sorted(condition.facts.fields)
        said = [
            {"message": one.message, "line": one.line, "column": one.column, "hint": one.mend}
            for one in warnings
        ]
        return Response({"words": condition.words, "fields": fields, "warnings": said})


class CoverageAPI(RulesAPIView):
    """Where a rule fires over the corpus and how it stands against settled verdicts; the rule is not kept.

    `pairs` are those nearest the boundary: inside, of one `step`, only `wrong` ones, or `outside`.
    """

    @extend_schema(request=CoverageInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = CoverageInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        try:
            typed = data.pop("rule")
            form = form_clean({**typed, "code": typed.get("code") or "new"})
            return Response(coverage_body(coverage_of(self.corpus, form, **data)))
        except RulebookError as error:
            raise Invalid(str(error), code="rule_invalid", extra={"place": error.place}) from error


def coverage_body(coverage: Coverage) -> dict[str, Any]:
    """Coverage for JSON: its rows of pairs are called `shown`, because `pairs` counts the corpus."""
    body = asdict(coverage)
    body["shown"] = body.pop("rows")
    body["meets"] = [{"rule": other.pop("code"), **other} for other in body["meets"]]
    return body


class ExamplesInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.DictField(), max_length=200)


class ExamplesRunAPI(RulesAPIView):
    """The examples of given rules, run over the tables as they stand; nothing is kept."""

    @extend_schema(request=ExamplesInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = ExamplesInput(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            forms = [form_clean(form) for form in given.validated_data["rules"]]
            results = run_examples(rulebook_of(tables_release(self.corpus), forms))
        except RulebookError as error:
            raise Invalid(
                str(error), code="rule_invalid", extra={"rule": error.code, "place": error.place}
            ) from error
        rows = [{**vars(row), "found": row.found.name if row.found else None} for row in results]
        return Response({"examples": rows, "failing": sum(not row.passed for row in results)})


class FieldListAPI(RulesAPIView):
    """What a condition may name: fields with their types, the share that carries them and their commonest values;
    functions; tables. `?field=item.color&text=re`: values of one field that fit; `?table=kinds&text=ca`: families of one.
    """

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in ("field", "table", "text")], responses=JSON
    )
    def get(self, request: Request, corpus: str) -> Response:
        asked = request.query_params
        field, table, text = (asked.get(name, "")[:80] for name in ("field", "table", "text"))
        base = tables_release(self.corpus)
        if table:
            return Response({"values": words_like(base, table, text, families=True)})
        corpus_table = corpus_table_near(self.corpus)
        if field:
            return Response({"values": values_like(corpus_table, field, text)})
        named = [
            {"name": one.name, "type": one.type, "share": one.share, "values": one.values}
            for one in vocabulary_of(corpus_table)
        ]
        functions = [signature(function) for _, function in sorted(registry().items())]
        tables = [{"name": name, "families": families} for name, families in tables_offered(base)]
        return Response({"fields": named, "functions": functions, "tables": tables})


class GapListAPI(RulesAPIView):
    """What ladders leave out, and settled pairs on which no rule fires, by dimension and grade."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        now = rules_now(self.corpus)
        static = static_last(self.corpus, now)
        return Response(
            {
                "ladders": [finding.as_dict() for finding in gaps.ladder_gaps(self.corpus)],
                "uncovered": [asdict(group) for group in gaps.uncovered(self.corpus, now, static)],
                "counted": not now.large or static is not None,
            }
        )
