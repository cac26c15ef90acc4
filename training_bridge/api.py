"""JSON doors of this room; each calls the same service or selector as the page."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from training_bridge import services
from training_bridge.models import Evaluation, Gate, ModelVersion, Promotion, Turn
from training_bridge.recipe import recipe_default
from training_bridge.selectors import (
    evaluations_of,
    gate_latest,
    model_find,
    models_of,
    stages_of,
    turn_get,
    turns_of,
)
from webapp.common.access import CorpusAPIView
from webapp.common.models import Role, User
from webapp.common.pages import keyset

ADMIN = (Role.ADMIN,)


class TurnCreateSerializer(serializers.Serializer[Any]):
    recipe = serializers.CharField(max_length=80, required=False, default="")


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    override_reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class SuggestionsSerializer(serializers.Serializer[Any]):
    unjudged = serializers.IntegerField(min_value=0, max_value=100_000, required=False, default=0)


def read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    sent = kind(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)


def actor_of(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


class TurnListView(CorpusAPIView):
    """Turns, newest first; POST starts one."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": ADMIN}

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str) -> Response:
        rows = keyset(turns_of(self.corpus), ("-id",), request.query_params.get("after", ""))
        return Response({"turns": [turn_body(turn) for turn in rows.rows], "next": rows.next_cursor})

    @extend_schema(request=TurnCreateSerializer, responses=dict)
    def post(self, request: Request, corpus: str) -> Response:
        recipe = read(TurnCreateSerializer, request)["recipe"] or recipe_default(self.corpus)
        turn = services.turn_start(corpus=self.corpus, actor=actor_of(request), recipe=recipe, cause="api")
        return Response(turn_body(turn), status=status.HTTP_201_CREATED)


class TurnView(CorpusAPIView):
    """One turn with its stages and, once it has ended, its report."""

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        turn = turn_get(self.corpus, pk)
        stages = [
            {"stage": row.stage, "method": row.method, "state": row.state, "status": row.status}
            for row in stages_of(turn)
        ]
        return Response({**turn_body(turn), "stages": stages, "report": turn.report})


class ModelListView(CorpusAPIView):
    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str) -> Response:
        rows = keyset(models_of(self.corpus), ("-number",), request.query_params.get("after", ""))
        return Response({"models": [model_body(model) for model in rows.rows], "next": rows.next_cursor})


class ModelView(CorpusAPIView):
    """One model by number or alias, with its evaluations and its latest gate."""

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str, name: str) -> Response:
        model = model_find(self.corpus, name)
        evaluations = [evaluation_body(row) for row in evaluations_of(model)]
        return Response(
            {
                **model_body(model),
                "card": model.card,
                "evaluations": evaluations,
                "gate": gate_body(gate_latest(model)),
            }
        )


class ModelPromoteView(CorpusAPIView):
    """Through a passed gate, or with an `override_reason`."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": ADMIN}

    @extend_schema(request=ReasonSerializer, responses=dict)
    def post(self, request: Request, corpus: str, name: str) -> Response:
        model = model_find(self.corpus, name)
        promotion = services.model_promote(
            model=model, actor=actor_of(request), **read(ReasonSerializer, request)
        )
        return Response(promotion_body(promotion))


class ModelRollbackView(CorpusAPIView):
    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": ADMIN}

    @extend_schema(request=ReasonSerializer, responses=dict)
    def post(self, request: Request, corpus: str) -> Response:
        reason = read(ReasonSerializer, request)["reason"]
        promotion = services.model_rollback(corpus=self.corpus, actor=actor_of(request), reason=reason)
        return Response(promotion_body(promotion))


class EvaluationListView(CorpusAPIView):
    """What was measured of one turn, figures and intervals included."""

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        turn = turn_get(self.corpus, pk)
        return Response({"evaluations": [evaluation_body(row) for row in turn.evaluations.order_by("id")]})


def turn_body(turn: Turn) -> dict[str, Any]:
    return {
        "id": turn.pk,
        "recipe": turn.recipe,
        "cause": turn.cause,
        "state": turn.job.state,
        "progress": [turn.job.progress_done, turn.job.progress_total],
        "note": turn.job.progress_note,
        "error": turn.job.error,
        "snapshot": turn.snapshot.number if turn.snapshot else None,
        "created_at": turn.created_at,
    }


def model_body(model: ModelVersion) -> dict[str, Any]:
    return {
        "number": model.number,
        "name": model.name,
        "aliases": [alias.name for alias in model.aliases.all()],
        "content_hash": model.content_hash,
        "release": model.release.number,
        "serving_mode": model.serving_mode,
        "verdict_position": model.verdict_position,
        "template_version": model.template_version,
        "created_at": model.created_at,
    }


def evaluation_body(row: Evaluation) -> dict[str, Any]:
    return {
        "subject": row.subject,
        "model": row.model_version.number if row.model_version else None,
        "mode": row.mode,
        "snapshot": row.snapshot.number,
        "split": row.split,
        "metrics": row.metrics,
    }


def gate_body(gate: Gate | None) -> dict[str, Any] | None:
    if gate is None:
        return None
    return {"passed": gate.passed, "thresholds": gate.thresholds, **gate.outcome, "at": gate.created_at}


def promotion_body(promotion: Promotion) -> dict[str, Any]:
    return {
        "kind": promotion.kind,
        "model": promotion.model_version.number,
        "previous": promotion.previous.number if promotion.previous else None,
        "at": promotion.at,
    }


class SuggestionsView(CorpusAPIView):
    """POST asks the champion about the pairs of campaigns that show suggestions, and so many unjudged ones."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": ADMIN}

    @extend_schema(request=SuggestionsSerializer, responses=dict)
    def post(self, request: Request, corpus: str) -> Response:
        unjudged = read(SuggestionsSerializer, request)["unjudged"]
        job = services.suggestions_ask(corpus=self.corpus, actor=actor_of(request), unjudged=unjudged)
        return Response({"job": str(job.pk), "state": job.state}, status=status.HTTP_202_ACCEPTED)
