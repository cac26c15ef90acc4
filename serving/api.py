"""POST /api/v1/relevance: grades of items for a query."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from serving.services import Answer, ItemVerdict, relevance_answer
from webapp.common.access import ANYONE, corpus_for_api


class RelevanceSerializer(serializers.Serializer[Any]):
    corpus = serializers.SlugField()
    query = serializers.CharField(max_length=500)
    items = serializers.ListField(child=serializers.CharField(max_length=120), min_length=1, max_length=200)
    reasoning = serializers.BooleanField(default=False)


class RelevanceView(APIView):
    """Any role of the corpus, by session or API key. The cache answers first, else the model server."""

    @extend_schema(request=RelevanceSerializer, responses=dict)
    def post(self, request: Request) -> Response:
        sent = RelevanceSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        corpus, _ = corpus_for_api(request, given["corpus"], *ANYONE)
        answer = relevance_answer(
            corpus=corpus, text=given["query"], products=given["items"], reasoning=given["reasoning"]
        )
        return Response(answer_body(answer, reasoning=given["reasoning"]))


def answer_body(answer: Answer, *, reasoning: bool) -> dict[str, Any]:
    return {
        "query": answer.query,
        "model": answer.model.number,
        "release": answer.release.number,
        "tier": answer.tier,
        "stratum": answer.stratum,
        "milliseconds": round(answer.milliseconds, 1),
        "items": [_item_body(item, reasoning) for item in answer.items],
        "unknown": list(answer.unknown),
    }


def _item_body(item: ItemVerdict, reasoning: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "item": item.product_id,
        "known": item.known,
        "grade": item.grade.name if item.grade else None,
        "probabilities": list(item.probabilities) if item.probabilities else None,
        "dimension": item.dimension,
        "tier": item.tier,
    }
    return {**body, "reasoning": item.reasoning} if reasoning else body
