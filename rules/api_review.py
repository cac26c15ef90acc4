"""Endpoints around releases and rules: impact, diff, comments, plans, replay sets, news, bulk changes, examples."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from rules import review_selectors, selectors, services
from rules.api import JSON, SIGNERS, WRITERS, ReasonInput, RulesAPIView, version_body
from rules.diff import rulebook_diff
from rules.gate import gate_of
from rules.impact_kept import impact_last
from rules.models import PublicationPlan, ReplaySet
from rules.pair_selectors import pair_get
from rules.services.bulk import CHANGES
from rules.tables import tables_diff
from webapp.common.errors import Conflict, NotFound
from webapp.common.models import Role

FREEZERS = (Role.REVIEWER, Role.ADMIN)


class ReleaseImpactAPI(RulesAPIView):
    """A release held against the corpus now. On a large corpus what the last comparison found, with when that was and
    what has moved since; POST asks for another (202 with the job, which whoever asks meanwhile joins).
    """

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, number: int) -> Response:
        release = selectors.release_get(self.corpus, number)
        if not selectors.corpus_is_large(self.corpus):
            return Response(gate_of(release).body())
        kept = impact_last(release)
        if kept is None:
            raise Conflict(
                "This corpus is too large to compare while you wait: POST here begins it.",
                code="not_compared",
            )
        return Response({**kept.found, "as_of": kept.job.finished_at, "out_of_date": kept.moved})

    @extend_schema(request=None, responses={202: JSON})
    def post(self, request: Request, corpus: str, number: int) -> Response:
        release = selectors.release_get(self.corpus, number)
        job, _ = services.release_job_ask(release=release, actor=self.actor)
        return Response({"job": str(job.pk)}, status=status.HTTP_202_ACCEPTED)


class ReleaseDiffAPI(RulesAPIView):
    """What a release changes against another one (`?from=2`), else against the one in force before it."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, number: int) -> Response:
        release, asked = selectors.release_get(self.corpus, number), request.query_params.get("from", "")
        base = selectors.release_before(release) or selectors.release_current(self.corpus)
        if asked.isdecimal() and len(asked) < 9:
            base = selectors.release_get(self.corpus, int(asked))
        diff = rulebook_diff(selectors.release_forms(base) if base else [], selectors.release_forms(release))
        rules = [
            {"code": rule.code, "title": rule.title, "kind": rule.kind,
             "parts": {part.name: [[line.mark, line.text] for line in part.lines] for part in rule.parts}}
            for rule in diff
        ]  # fmt: skip
        definitions = selectors.definitions_changed(base, release) if base else []
        tables = tables_diff(base.tables if base else {}, release.tables)
        omissions = review_selectors.omissions_of(release)
        return Response(
            {
                "from": base.number if base else None,
                "to": release.number,
                "rules": rules,
                "definitions": definitions_body(definitions),
                "tables": [asdict(change) for change in tables],
                "left_out": [review_selectors.omission_body(row) for row in omissions.values()],
            }
        )


def definitions_body(changed: Sequence[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "before": before, "after": after} for name, before, after in changed]


class CommentInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=2000)
    rule = serializers.CharField(max_length=20, required=False, allow_blank=True, default="")


class CommentListAPI(RulesAPIView):
    """What is said of a release; a new word on it, or on one rule of it. `@[Name]` tells a member."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": SIGNERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, number: int) -> Response:
        found = review_selectors.comments_by_rule(selectors.release_get(self.corpus, number))
        return Response(
            {"comments": [review_selectors.comment_body(row) for said in found.values() for row in said]}
        )

    @extend_schema(request=CommentInput, responses={201: JSON})
    def post(self, request: Request, corpus: str, number: int) -> Response:
        given = CommentInput(data=request.data)
        given.is_valid(raise_exception=True)
        code = given.validated_data["rule"]
        comment = services.comment_create(
            corpus=self.corpus,
            actor=self.actor,
            text=given.validated_data["text"],
            release=selectors.release_get(self.corpus, number),
            rule=selectors.rule_get(self.corpus, code) if code else None,
        )
        return Response(review_selectors.comment_body(comment), status=status.HTTP_201_CREATED)


class RuleCommentListAPI(RulesAPIView):
    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": SIGNERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, code: str) -> Response:
        rows = review_selectors.comments_on_rule(selectors.rule_get(self.corpus, code))
        return Response({"comments": [review_selectors.comment_body(row) for row in rows]})

    @extend_schema(request=CommentInput, responses={201: JSON})
    def post(self, request: Request, corpus: str, code: str) -> Response:
        given = CommentInput(data=request.data)
        given.is_valid(raise_exception=True)
        rule = selectors.rule_get(self.corpus, code)
        comment = services.comment_create(
            corpus=self.corpus, actor=self.actor, text=given.validated_data["text"], rule=rule
        )
        return Response(review_selectors.comment_body(comment), status=status.HTTP_201_CREATED)


class PlanInput(serializers.Serializer[Any]):
    due_at = serializers.CharField(max_length=40, help_text="the wall clock's time: 2026-12-01T09:00")
    time_zone = serializers.CharField(max_length=60, help_text="Europe/Berlin")
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    override = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    accepted = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    unchecked = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


def plan_body(plan: PublicationPlan) -> dict[str, Any]:
    return {
        "due_at": plan.due_at, "time_zone": plan.time_zone, "local": plan.local_time, "state": plan.state,
        "outcome": plan.outcome,
    }  # fmt: skip


class ReleasePlanAPI(RulesAPIView):
    """The plan to publish a release at a time: read, make, cancel."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS, "DELETE": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, number: int) -> Response:
        plan = review_selectors.plan_of(selectors.release_get(self.corpus, number))
        if plan is None:
            raise NotFound("This release is not planned.")
        return Response(plan_body(plan))

    @extend_schema(request=PlanInput, responses={201: JSON})
    def post(self, request: Request, corpus: str, number: int) -> Response:
        given = PlanInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        plan = services.publication_plan_create(
            release=selectors.release_get(self.corpus, number),
            due_at=services.due_time(data["due_at"], data["time_zone"]),
            time_zone=data["time_zone"],
            actor=self.actor,
            reason=data["reason"],
            override=data["override"],
            accepted=data["accepted"],
            unchecked=data["unchecked"],
        )
        return Response(plan_body(plan), status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, corpus: str, number: int) -> Response:
        release = selectors.release_get(self.corpus, number)
        if not services.publication_plan_cancel(release=release, actor=self.actor):
            raise NotFound("No plan waits for this release.")
        return Response(status=status.HTTP_204_NO_CONTENT)


class ReplaySetInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    queries = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, max_length=10_000
    )


def replay_body(row: ReplaySet) -> dict[str, Any]:
    return {
        "number": row.number, "pairs": row.pairs, "queries": row.queries, "hash": row.content_hash, "at": row.at,
        "note": row.note, "selection": row.selection,
    }  # fmt: skip


class ReplaySetListAPI(RulesAPIView):
    """Frozen replay sets, the newest of which counts; a new one over training queries or those named."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": FREEZERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        return Response(
            {"replay_sets": [replay_body(row) for row in review_selectors.replay_sets(self.corpus)[:100]]}
        )

    @extend_schema(request=ReplaySetInput, responses={201: JSON})
    def post(self, request: Request, corpus: str) -> Response:
        given = ReplaySetInput(data=request.data)
        given.is_valid(raise_exception=True)
        made = services.replay_set_create(
            corpus=self.corpus,
            actor=self.actor,
            note=given.validated_data["note"],
            queries=given.validated_data.get("queries"),
        )
        return Response(replay_body(made), status=status.HTTP_201_CREATED)


class ReleaseNewsAPI(RulesAPIView):
    """What changed in the rules since the caller last took note of them."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        news = review_selectors.release_news(self.corpus, self.actor)
        if news is None:
            return Response({"release": None, "rules": []})
        rules = [{"code": rule.code, "title": rule.title, "kind": rule.kind} for rule in news.rules]
        return Response(
            {
                "release": news.release.number,
                "since": news.base.number,
                "rules": rules,
                "definitions": definitions_body(news.definitions),
                "tables": [asdict(change) for change in news.tables],
            }
        )


class ReleaseAcknowledgeAPI(RulesAPIView):
    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, corpus: str, number: int) -> Response:
        services.release_acknowledge(release=selectors.release_get(self.corpus, number), person=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)


class RulesChangeInput(serializers.Serializer[Any]):
    rules = serializers.ListField(child=serializers.CharField(max_length=20), max_length=500)
    change = serializers.ChoiceField(choices=list(CHANGES))
    value = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    dry_run = serializers.BooleanField(required=False, default=False)


class RulesChangeAPI(RulesAPIView):
    """One change to many rules, all of them or none; with `dry_run` only told."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=RulesChangeInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = RulesChangeInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        plan = services.rules_change(corpus=self.corpus, actor=self.actor, codes=data.pop("rules"), **data)
        return Response({"dry_run": data["dry_run"], "changes": [vars(row) for row in plan]})


class ExampleInput(serializers.Serializer[Any]):
    pair = serializers.IntegerField()
    grade = serializers.CharField(max_length=2, required=False, allow_blank=True, allow_null=True, default="")
    dimension = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    note = serializers.CharField(max_length=250, required=False, allow_blank=True, default="")


class RuleExampleListAPI(RulesAPIView):
    """A pair of the corpus as a new example of a rule: a new version of it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=ExampleInput, responses={201: JSON})
    def post(self, request: Request, corpus: str, code: str) -> Response:
        given = ExampleInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        version = services.rule_example_add(
            rule=selectors.rule_get(self.corpus, code),
            pair=pair_get(self.corpus, data["pair"]),
            grade=data["grade"] or "",
            dimension=data["dimension"],
            note=data["note"],
            actor=self.actor,
        )
        return Response(version_body(version), status=status.HTTP_201_CREATED)


class VersionRestoreAPI(RulesAPIView):
    """An earlier wording as a new version."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(request=ReasonInput, responses=JSON)
    def post(self, request: Request, corpus: str, code: str, number: int) -> Response:
        given = ReasonInput(data=request.data)
        given.is_valid(raise_exception=True)
        rule, reason = selectors.rule_get(self.corpus, code), given.validated_data["reason"]
        version = services.rule_restore(rule=rule, number=number, actor=self.actor, reason=reason)
        return Response(version_body(version))
