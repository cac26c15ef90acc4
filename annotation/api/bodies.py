"""The schema of what working programs send and get, beside the serializers that read it."""

from typing import Any

from rest_framework import serializers

from annotation.api.serializers import JudgmentSerializer, RankingSerializer


class NextAskSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField(min_value=1, max_value=20, default=1)
    have = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        default=list,
        max_length=200,
        help_text="Slots held already.",
    )


class RuleShownSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    title = serializers.CharField()
    grade = serializers.CharField()
    dimension = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    decisive = serializers.BooleanField()


class ReasoningShownSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    steps = serializers.DictField(child=serializers.CharField())
    raw = serializers.CharField()
    grade = serializers.CharField(allow_null=True)
    dimension = serializers.CharField(allow_blank=True)
    rules_cited = serializers.ListField(child=serializers.CharField())


class SubjectSerializer(serializers.Serializer[Any]):
    slot = serializers.IntegerField()
    lease = serializers.UUIDField(allow_null=True)
    lease_until = serializers.DateTimeField(allow_null=True)
    pair = serializers.IntegerField()
    release = serializers.IntegerField(help_text="The id an answer names.")
    item_version = serializers.IntegerField()
    query = serializers.CharField()
    facets = serializers.DictField()
    product_id = serializers.CharField()
    title = serializers.CharField()
    brand = serializers.CharField(allow_blank=True)
    category = serializers.CharField(allow_blank=True)
    attributes = serializers.DictField()
    blind = serializers.BooleanField()
    allowed = serializers.ListField(child=serializers.CharField(), help_text="Grades the rules leave open.")
    rules = RuleShownSerializer(many=True)
    reasonings = ReasoningShownSerializer(many=True, required=False, help_text="Of a list to rank.")


class WorkProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    reserved = serializers.IntegerField(help_text="Held by others now.")
    free_at = serializers.DateTimeField(allow_null=True, help_text="When the first of those comes free.")


class NextSerializer(serializers.Serializer[Any]):
    subjects = SubjectSerializer(many=True)
    progress = WorkProgressSerializer()


class JudgmentSavedSerializer(serializers.Serializer[Any]):
    judgment = JudgmentSerializer()
    repeated = serializers.BooleanField(help_text="It was there already.")
    word = serializers.CharField(allow_blank=True)
    subjects = SubjectSerializer(many=True, required=False, help_text="With `?next=1`.")


class RankingSavedSerializer(serializers.Serializer[Any]):
    ranking = RankingSerializer()


class UndoneSerializer(serializers.Serializer[Any]):
    undone = serializers.UUIDField(allow_null=True, help_text="The answer; null for a skip.")
    slot = serializers.IntegerField(
        allow_null=True, help_text="Hers again; null where somebody else has it by now."
    )
    word = serializers.CharField()


class SkipAskSerializer(serializers.Serializer[Any]):
    slot = serializers.IntegerField()
    reason = serializers.CharField(help_text="unsure, unknown, data, language, offensive")
    comment = serializers.CharField(required=False, allow_blank=True)


class SkippedSerializer(serializers.Serializer[Any]):
    skipped = serializers.IntegerField()


class LeasesAskSerializer(serializers.Serializer[Any]):
    slots = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=64)


class LeasesSerializer(serializers.Serializer[Any]):
    lost = serializers.ListField(
        child=serializers.IntegerField(), help_text="Slots that are not hers any more."
    )
