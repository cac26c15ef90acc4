"""Endpoints of a draft release: the rules it holds back."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from rules import selectors, services
from rules.api import JSON, WRITERS, RulesAPIView
from rules.review_selectors import omission_body, omissions_of


class LeftOutInput(serializers.Serializer[Any]):
    rule = serializers.CharField(max_length=20)
    reason = serializers.CharField(max_length=300)
    whole = serializers.BooleanField(
        required=False, default=False, help_text="go without the rule; else it stays as it is in force"
    )


class LeftOutListAPI(RulesAPIView):
    """The rules that a release holds back, and why; one more, while it is a draft."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, number: int) -> Response:
        found = omissions_of(selectors.release_get(self.corpus, number))
        return Response({"left_out": [omission_body(row) for row in found.values()]})

    @extend_schema(request=LeftOutInput, responses={201: JSON})
    def post(self, request: Request, corpus: str, number: int) -> Response:
        given = LeftOutInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        omission = services.release_leave_out(
            release=selectors.release_get(self.corpus, number),
            rule=selectors.rule_get(self.corpus, data["rule"]),
            actor=self.actor,
            reason=data["reason"],
            whole=data["whole"],
        )
        return Response(omission_body(omission), status=status.HTTP_201_CREATED)


class LeftOutAPI(RulesAPIView):
    """A rule that a draft holds back: DELETE puts it back in."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"DELETE": WRITERS}

    @extend_schema(responses={204: None})
    def delete(self, request: Request, corpus: str, number: int, code: str) -> Response:
        services.release_put_back(
            release=selectors.release_get(self.corpus, number),
            rule=selectors.rule_get(self.corpus, code),
            actor=self.actor,
            reason=request.query_params.get("reason", ""),
        )
        return Response(status=status.HTTP_204_NO_CONTENT)
