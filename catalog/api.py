"""Endpoints of this room: queries, items, pairs; starting an import."""

from typing import Any, ClassVar, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import selectors
from catalog.filters import choices_parse, item_counts, items_narrow, queries_narrow, query_counts
from catalog.importing.formats import CHOICES
from catalog.models import Item, Pair, Query
from catalog.services import fetch_start, import_start
from catalog.uploads import upload_store
from relevance.grades import Grade
from webapp.common.access import CorpusAPIView
from webapp.common.models import Role, User
from webapp.common.pages import keyset

PAGE = 200
AFTER = OpenApiParameter("after", str, description="`next` of the page before")
TEXT = OpenApiParameter("text", str, description="words to find")
STRATUM = OpenApiParameter("stratum", str, enum=["head", "torso", "tail"])
FACET = OpenApiParameter(
    "facet", str, many=True, description="`name:value`; given more than once, all must hold"
)
COUNTS = OpenApiParameter(
    "counts", str, description="anything: how often each facet's values stand in what is found"
)
JSON = OpenApiTypes.OBJECT


def _asked(request: Request, name: str) -> str:
    return str(request.query_params.get(name, "")).strip().replace("\x00", "")[:200]


def query_body(query: Query) -> dict[str, Any]:
    traffic = getattr(query, "traffic", None)
    return {
        "id": query.pk, "query_id": query.external_id, "query": query.text, "facets": query.facets,
        "traffic": traffic.count if traffic else 0, "stratum": traffic.stratum if traffic else "tail",
    }  # fmt: skip


def item_body(item: Item) -> dict[str, Any]:
    version = item.current
    return {
        "id": item.pk, "product_id": item.external_id, "item_version": item.current_id,
        "title": version.title if version else "", "brand": version.brand if version else "",
        "category": version.category if version else "",
    }  # fmt: skip


def pair_body(pair: Pair) -> dict[str, Any]:
    settled = getattr(pair, "settled", None)
    return {
        "id": pair.pk, "query": pair.query.text, "product_id": pair.item.external_id,
        "grade": Grade(settled.grade).name if settled else None,
        "dimension": settled.dimension if settled else "", "source": settled.source if settled else None,
    }  # fmt: skip


def counts_body(counts: dict[str, list[tuple[str, int]]]) -> dict[str, list[dict[str, Any]]]:
    return {name: [{"value": value, "n": n} for value, n in values] for name, values in counts.items()}


class QueryListAPI(CorpusAPIView):
    @extend_schema(parameters=[TEXT, STRATUM, FACET, COUNTS, AFTER], responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        found = selectors.query_rows(self.corpus, _asked(request, "text"), _asked(request, "stratum"))
        rows = queries_narrow(found, choices_parse(request.query_params.getlist("facet")))
        page = keyset(rows, ("pk",), _asked(request, "after"), PAGE)
        body = {"queries": [query_body(row) for row in page.rows], "next": page.next_cursor}
        return Response(
            body | ({"facets": counts_body(query_counts(rows))} if _asked(request, "counts") else {})
        )


class ItemListAPI(CorpusAPIView):
    @extend_schema(parameters=[TEXT, FACET, COUNTS, AFTER], responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        found = selectors.item_rows(self.corpus, _asked(request, "text"))
        rows = items_narrow(found, choices_parse(request.query_params.getlist("facet")))
        page = keyset(rows, ("pk",), _asked(request, "after"), PAGE)
        body = {"items": [item_body(row) for row in page.rows], "next": page.next_cursor}
        return Response(
            body | ({"facets": counts_body(item_counts(rows))} if _asked(request, "counts") else {})
        )


class PairListAPI(CorpusAPIView):
    @extend_schema(parameters=[AFTER], responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        page = keyset(selectors.pair_rows(self.corpus), ("pk",), _asked(request, "after"), PAGE)
        return Response({"pairs": [pair_body(row) for row in page.rows], "next": page.next_cursor})


class ImportBody(serializers.Serializer[Any]):
    files = serializers.ListField(child=serializers.FileField())
    format = serializers.ChoiceField(choices=CHOICES, default="auto")


class ImportCreateAPI(CorpusAPIView):
    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": (Role.ADMIN,)}
    parser_classes = (MultiPartParser,)

    @extend_schema(request=ImportBody, responses={202: JSON})
    def post(self, request: Request, corpus: str) -> Response:
        body = ImportBody(data=request.data)
        body.is_valid(raise_exception=True)
        path = upload_store(body.validated_data["files"])
        actor, format = cast(User, request.user), body.validated_data["format"]
        job = import_start(corpus=self.corpus, path=path, format=format, actor=actor)
        return Response({"import": job.import_run.pk, "job": str(job.pk)}, status=status.HTTP_202_ACCEPTED)


class FetchBody(serializers.Serializer[Any]):
    failed_too = serializers.BooleanField(default=False)


class FetchDetailAPI(CorpusAPIView):
    """Remote pictures: what is stored, what is not and why."""

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        counter, job = selectors.counter_of(self.corpus), selectors.fetch_current(self.corpus)
        return Response({
            "stored": counter.pictures, "remote": counter.pictures_remote, "lost": counter.pictures_lost,
            "reasons": selectors.lost_reasons(self.corpus),
            "job": {"id": str(job.pk), "state": job.state} if job else None,
        })  # fmt: skip


class FetchCreateAPI(CorpusAPIView):
    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": (Role.ADMIN,)}

    @extend_schema(request=FetchBody, responses={202: JSON})
    def post(self, request: Request, corpus: str) -> Response:
        body = FetchBody(data=request.data)
        body.is_valid(raise_exception=True)
        actor = cast(User, request.user)
        job = fetch_start(corpus=self.corpus, actor=actor, failed_too=body.validated_data["failed_too"])
        return Response({"job": str(job.pk)}, status=status.HTTP_202_ACCEPTED)
