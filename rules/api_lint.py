"""Endpoints of lint: the rules as they stand, or rules that are handed in."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from rules import selectors
from rules.api import JSON, RulesAPIView
from rules.engine import RulebookError
from rules.form import form_clean
from rules.lint_selectors import LintSummary, book_of, corpus_vocabulary, lint_corpus, summary_of
from webapp.common.errors import Invalid


class LintInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.DictField(), max_length=200)


def summary_body(summary: LintSummary) -> dict[str, Any]:
    return {
        "findings": [finding.as_dict() for finding in summary.findings],
        "errors": summary.errors, "per_kind": summary.per_kind, "message": summary.message,
    }  # fmt: skip


class LintAPI(RulesAPIView):
    """GET: findings of the newest versions. POST: findings of given rules among themselves, nothing is kept."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        return Response(summary_body(summary_of(lint_corpus(self.corpus))))

    @extend_schema(request=LintInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = LintInput(data=request.data)
        given.is_valid(raise_exception=True)
        base = selectors.tables_release(self.corpus)
        tables = base.tables if base else {}
        _, vocabulary = corpus_vocabulary(self.corpus, tables)
        try:
            forms = [form_clean(form) for form in given.validated_data["rules"]]
            book = book_of(forms, tables, vocabulary, selectors.dimensions_of(self.corpus))
        except RulebookError as error:
            raise Invalid(
                str(error), code="rule_invalid", extra={"rule": error.code, "place": error.place}
            ) from error
        return Response(summary_body(summary_of(book.findings)))
