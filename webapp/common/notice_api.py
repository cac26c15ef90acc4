"""A person's notices of one corpus, for programs that act in her name."""

from typing import Any, ClassVar, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.common import notifications
from webapp.common.access import CorpusAPIView
from webapp.common.models import Notification, User
from webapp.common.pages import keyset


class ReadInput(serializers.Serializer[Any]):
    id = serializers.IntegerField(required=False, allow_null=True, default=None)


def notice_body(row: Notification) -> dict[str, Any]:
    """`url` is an address of this site, without its host."""
    by = row.actor.display_name if row.actor else None
    return {"id": row.pk, "kind": row.kind, "text": row.text, "url": row.url, "by": by,
            "at": row.at, "read_at": row.read_at}  # fmt: skip


class NoticesView(CorpusAPIView):
    """Hers alone, newest first. POST marks one as read, or without `id` all of this corpus."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {}

    @extend_schema(
        parameters=[OpenApiParameter("after", OpenApiTypes.STR, description="`next` of the page before")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, corpus: str) -> Response:
        rows = notifications.notifications_of(cast(User, request.user)).filter(corpus=self.corpus)
        page = keyset(rows, ("-id",), request.query_params.get("after", ""), 100)
        return Response({"results": [notice_body(row) for row in page.rows], "next": page.next_cursor})

    @extend_schema(request=ReadInput, responses=OpenApiTypes.OBJECT)
    def post(self, request: Request, corpus: str) -> Response:
        given = ReadInput(data=request.data)
        given.is_valid(raise_exception=True)
        person = cast(User, request.user)
        read = notifications.notifications_read(
            person=person, corpus=self.corpus, pk=given.validated_data["id"]
        )
        return Response({"read": read})
