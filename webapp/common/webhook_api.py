"""Webhooks by program: the same services as the pages."""

from typing import Any, ClassVar, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.common.access import CorpusAPIView
from webapp.common.models import Role, User, Webhook
from webapp.common.pages import keyset
from webapp.common.webhook_forms import delivery_body, webhook_body
from webapp.common.webhooks import services
from webapp.common.webhooks.services import webhook_get

ADMIN: tuple[str, ...] = (Role.ADMIN,)
ALL = {"GET": ADMIN, "POST": ADMIN, "PATCH": ADMIN, "DELETE": ADMIN}
AFTER = OpenApiParameter("after", str, description="`next` of the page before")


class WebhookSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField(), help_text="Empty: all events.")
    active = serializers.BooleanField()
    failures = serializers.IntegerField(help_text="Tries in a row that failed.")
    disabled_reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class WebhookWithSecretSerializer(WebhookSerializer):
    secret = serializers.CharField(help_text="Shown this once.")


class WebhookCreateSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    url = serializers.CharField(max_length=500)
    kinds = serializers.ListField(child=serializers.CharField(max_length=60), default=list, max_length=50)


class WebhookChangeSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=500, required=False)
    kinds = serializers.ListField(child=serializers.CharField(max_length=60), required=False, max_length=50)
    active = serializers.BooleanField(required=False)


class TrySerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(help_text="0: there was no answer.")
    milliseconds = serializers.IntegerField()
    answer = serializers.CharField(required=False)
    error = serializers.CharField(required=False)


class DeliverySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    event = serializers.CharField(help_text="What a receiver tells repeats by.")
    kind = serializers.CharField()
    state = serializers.CharField(help_text="pending, delivered or failed")
    tries = TrySerializer(many=True)
    again = serializers.BooleanField()
    at = serializers.DateTimeField()


class DeliveriesSerializer(serializers.Serializer[Any]):
    results = DeliverySerializer(many=True)
    next = serializers.CharField(allow_blank=True)


def _actor(request: Request) -> User:
    return cast(User, request.user)


class WebhooksView(CorpusAPIView):
    """The corpus's webhooks; making one answers with its secret, once."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = ALL

    @extend_schema(responses=WebhookSerializer(many=True), operation_id="webhooks_list")
    def get(self, request: Request, corpus: str) -> Response:
        rows = Webhook.objects.filter(corpus=self.corpus).order_by("name")
        return Response([webhook_body(row) for row in rows])

    @extend_schema(request=WebhookCreateSerializer, responses={201: WebhookWithSecretSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        form = WebhookCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        hook, secret = services.webhook_create(
            corpus=self.corpus, actor=_actor(request), **form.validated_data
        )
        return Response({**webhook_body(hook), "secret": secret}, status=201)


class WebhookView(CorpusAPIView):
    """One webhook: look, change, remove."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = ALL

    @extend_schema(responses=WebhookSerializer, operation_id="webhook_get")
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        return Response(webhook_body(webhook_get(self.corpus, pk)))

    @extend_schema(request=WebhookChangeSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, corpus: str, pk: int) -> Response:
        form = WebhookChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        hook = webhook_get(self.corpus, pk)
        return Response(
            webhook_body(services.webhook_change(webhook=hook, actor=_actor(request), **form.validated_data))
        )

    @extend_schema(responses={204: None})
    def delete(self, request: Request, corpus: str, pk: int) -> Response:
        services.webhook_remove(webhook=webhook_get(self.corpus, pk), actor=_actor(request))
        return Response(status=204)


class WebhookTestView(CorpusAPIView):
    """Send a test event."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = ALL

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        row = services.webhook_test(webhook=webhook_get(self.corpus, pk), actor=_actor(request))
        return Response(delivery_body(row), status=202)


class WebhookDeliveriesView(CorpusAPIView):
    """The log, newest first."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = ALL

    @extend_schema(parameters=[AFTER], responses=DeliveriesSerializer)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        hook = webhook_get(self.corpus, pk)
        page = keyset(hook.deliveries.all(), ("-id",), request.query_params.get("after", ""), 100)
        return Response({"results": [delivery_body(row) for row in page.rows], "next": page.next_cursor})


class DeliveryRepeatView(CorpusAPIView):
    """Send an event again, under the same event id."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = ALL

    @extend_schema(request=None, responses={202: DeliverySerializer})
    def post(self, request: Request, corpus: str, pk: int, delivery: int) -> Response:
        hook = webhook_get(self.corpus, pk)
        found = get_object_or_404(hook.deliveries, pk=delivery)
        return Response(
            delivery_body(services.delivery_repeat(delivery=found, actor=_actor(request))), status=202
        )
