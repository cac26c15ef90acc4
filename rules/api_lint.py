"""Endpoints of lint, over the rules as they stand or rules that are handed in, and of conflicts."""

from typing import Any, ClassVar

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from rules import selectors
from rules.api import JSON, WRITERS, RulesAPIView, version_body
from rules.conflicts import JOB, conflict_rows, rules_now, static_last, static_running
from rules.engine import RulebookError
from rules.form import form_clean
from rules.lint_selectors import LintSummary, book_of, corpus_vocabulary, lint_corpus, summary_of
from rules.services.conflicts import conflict_resolve
from webapp.common.errors import Invalid
from webapp.common.jobs import job_enqueue


class LintInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.DictField(), max_length=200)


class ResolveInput(serializers.Serializer[Any]):
    rule = serializers.CharField(max_length=20)
    other = serializers.CharField(max_length=20)
    how = serializers.ChoiceField(choices=["priority", "yield"])


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


class ConflictListAPI(RulesAPIView):
    """GET: two rules at a time, with real pairs or a witness. POST: ask the solver, as a job."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        now = rules_now(self.corpus)
        static = static_last(self.corpus, now)
        found = [
            {
                "rules": [conflict.left.code, conflict.right.code], "pairs": conflict.pairs,
                "shown": [row.pair_id for row in conflict.rows], "witness": conflict.witness,
            }
            for conflict in conflict_rows(self.corpus, now, static)
        ]  # fmt: skip
        beyond = (
            {"counts": static.counts, "not_decided": static.undecided, "stale": static.stale}
            if static
            else None
        )
        return Response({"conflicts": found, "beyond_the_corpus": beyond})

    @extend_schema(request=None, responses={202: JSON})
    def post(self, request: Request, corpus: str) -> Response:
        with transaction.atomic():
            job = static_running(self.corpus) or job_enqueue(kind=JOB, corpus=self.corpus, actor=self.actor)
        return Response({"job": str(job.pk)}, status=status.HTTP_202_ACCEPTED)


class ConflictResolveAPI(RulesAPIView):
    """Put one rule above another, or let it yield."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=ResolveInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = ResolveInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        version = conflict_resolve(
            corpus=self.corpus, code=data["rule"], other=data["other"], how=data["how"], actor=self.actor
        )
        return Response(version_body(version))
