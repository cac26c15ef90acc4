"""A person's own keys by program: read, set, put back as they came."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.requests import person_of, sent
from annotation.keymap import BY_NAME
from annotation.selectors.keys import keys_for, letters_for
from webapp.common.access import CorpusAPIView


class KeysSerializer(serializers.Serializer[Any]):
    keys = serializers.DictField(
        child=serializers.CharField(max_length=20), default=dict, help_text="action -> key; absent ones stay"
    )
    dimensions = serializers.DictField(
        child=serializers.CharField(max_length=20, allow_blank=True), default=dict,
        help_text="mismatch dimension -> letter; absent ones get the letter they come with",
    )  # fmt: skip

    def validate_keys(self, keys: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(keys) - set(BY_NAME)):
            raise serializers.ValidationError(
                f"No such action: {unknown[0]}. There are {', '.join(BY_NAME)}."
            )
        return keys


class KeysView(CorpusAPIView):
    """The caller's keys on the working pages, the same on every machine she signs in on."""

    @extend_schema(responses=KeysSerializer)
    def get(self, request: Request, corpus: str) -> Response:
        return self._keys(request)

    @extend_schema(request=KeysSerializer, responses=KeysSerializer)
    def put(self, request: Request, corpus: str) -> Response:
        form = KeysSerializer(data=sent(request))
        form.is_valid(raise_exception=True)
        services.keys_set(actor=person_of(request), corpus=self.corpus, **form.validated_data)
        return self._keys(request)

    @extend_schema(responses=KeysSerializer)
    def delete(self, request: Request, corpus: str) -> Response:
        services.keys_reset(actor=person_of(request), corpus=self.corpus)
        return self._keys(request)

    def _keys(self, request: Request) -> Response:
        person = person_of(request)
        letters = {name: letter for letter, name in letters_for(person, self.corpus)}
        return Response({"keys": keys_for(person), "dimensions": letters})
