"""Lists of programs: pages by keyset, and how the schema says so."""

from functools import cache
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response

from webapp.common.pages import Slice

SIZE = 100
AFTER = OpenApiParameter("after", str, description="`next` of the page before; none: the first page.")


@cache
def page_of(row: type[serializers.BaseSerializer[Any]]) -> type[serializers.Serializer[Any]]:
    """The schema of one page of `row`s: `results`, and `next`, which is empty on the last page."""
    name = f"{row.__name__.removesuffix('Serializer')}PageSerializer"
    fields = {"results": row(many=True), "next": serializers.CharField(allow_blank=True)}
    return type(name, (serializers.Serializer,), fields)


def paged(found: Slice[Any], serializer: type[serializers.BaseSerializer[Any]]) -> Response:
    return Response({"results": serializer(found.rows, many=True).data, "next": found.next_cursor})
