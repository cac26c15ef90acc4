"""What programs send and get. Slots and releases are named by id, as the answer to `next` gives them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from annotation.models import Campaign, Judgment, Ranking, Suggestion
from annotation.services.reasonings import grade_number


class CampaignSerializer(serializers.ModelSerializer[Campaign]):
    class Meta:
        model = Campaign
        fields = (
            "id",
            "name",
            "kind",
            "state",
            "guideline",
            "redundancy",
            "redundancy_most",
            "sureness",
            "priority",
            "blind_share",
            "gold_share",
            "quiz_size",
            "quiz_pass",
            "quiz_tries",
            "shows_suggestions",
            "slots_total",
            "slots_done",
            "deadline",
            "created_at",
        )


@extend_schema_field({"type": "string", "enum": ["L1", "L2", "L3", "L4"]})
class GradeField(serializers.Field[Any, Any, Any, Any]):
    """A grade as "L2"; numbers are read too."""

    def to_internal_value(self, data: Any) -> int:
        try:
            number = grade_number(data)
        except (ValueError, TypeError) as error:
            raise serializers.ValidationError("A grade is L1, L2, L3 or L4.") from error
        if number is None:
            raise serializers.ValidationError("A grade is L1, L2, L3 or L4.")
        return number

    def to_representation(self, value: int) -> str:
        return f"L{value}"


class AnswerSerializer(serializers.Serializer[Any]):
    key = serializers.UUIDField(help_text="Idempotency key: sending it again changes nothing.")
    slot = serializers.IntegerField(min_value=1)
    lease = serializers.UUIDField(required=False, allow_null=True)
    release = serializers.IntegerField(min_value=1)
    seconds = serializers.FloatField(required=False, allow_null=True, min_value=0)


class JudgmentSubmitSerializer(AnswerSerializer):
    grade = GradeField()
    dimension = serializers.CharField(default="", allow_blank=True, max_length=40)
    rules_shown = serializers.ListField(
        child=serializers.CharField(max_length=20), default=list, max_length=60
    )
    rules_cited = serializers.ListField(
        child=serializers.CharField(max_length=20), default=list, max_length=60
    )
    picture_decided = serializers.BooleanField(default=False)
    disagreement = serializers.ChoiceField(
        choices=Judgment.Disagreement.choices, default="", allow_blank=True
    )
    comment = serializers.CharField(default="", allow_blank=True, max_length=4000)
    item_version = serializers.IntegerField(required=False, min_value=1)
    suggestion = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="The model's verdict you were shown."
    )


class RankingSubmitSerializer(AnswerSerializer):
    tiers = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(min_value=1)), default=list, max_length=8
    )
    all_bad = serializers.BooleanField(default=False)
    faults = serializers.DictField(child=serializers.DictField(child=serializers.CharField()), default=dict)
    shown_order = serializers.ListField(child=serializers.IntegerField(), default=list, max_length=8)
    correction = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=20_000,
        help_text="The better answer, as a whole reasoning's text.",
    )


class JudgmentSerializer(serializers.ModelSerializer[Judgment]):
    grade = GradeField()
    query = serializers.CharField(source="pair.query.text")
    product_id = serializers.CharField(source="pair.item.external_id")
    person = serializers.CharField(source="person.display_name")
    release = serializers.IntegerField(source="release.number")

    class Meta:
        model = Judgment
        fields: tuple[str, ...] = (
            "id", "pair", "query", "product_id", "grade", "dimension", "person", "release", "rules_shown", "rules_cited",
            "picture_decided", "disagreement", "suggestion_shown", "blind", "origin", "seconds", "supersedes", "at",
        )  # fmt: skip

    def to_representation(self, instance: Judgment) -> dict[str, Any]:
        found = super().to_representation(instance)
        found["withdrawn"] = instance.grade is None
        return found


class RankingSerializer(serializers.ModelSerializer[Ranking]):
    query = serializers.CharField(source="pair.query.text")
    person = serializers.CharField(source="person.display_name")
    release = serializers.IntegerField(source="release.number")

    class Meta:
        model = Ranking
        fields = (
            "id", "pair", "query", "person", "release", "tiers", "shown_order", "all_bad", "faults", "correction",
            "withdrawn", "origin", "seconds", "supersedes", "at",
        )  # fmt: skip


def suggestion_body(suggestion: Suggestion | None) -> dict[str, Any] | None:
    """A model's verdict to accept or correct."""
    if suggestion is None:
        return None
    return {
        "id": suggestion.pk, "model": suggestion.model_name, "grade": f"L{suggestion.grade}",
        "dimension": suggestion.dimension, "probabilities": suggestion.probabilities, "reasoning": suggestion.reasoning,
    }  # fmt: skip


def subject_body(subject: Any) -> dict[str, Any]:
    """One pair to judge, as a program sees it: what the page shows, and the ids an answer names."""
    return {
        "slot": subject.slot.pk, "lease": str(subject.slot.lease), "lease_until": subject.slot.lease_until,
        "pair": subject.pair.pk, "release": subject.release.pk, "item_version": subject.version.pk,
        "query": subject.query.text, "facets": subject.query.facets, "product_id": subject.item.external_id,
        "title": subject.version.title, "brand": subject.version.brand, "category": subject.version.category,
        "attributes": subject.version.payload.attributes if hasattr(subject.version, "payload") else {},
        "suggestion": suggestion_body(subject.suggestion), "blind": subject.blind,
        "allowed": [f"L{grade}" for grade in subject.allowed],
        "rules": [
            {"code": rule.code, "title": rule.title, "grade": f"L{rule.grade}", "dimension": rule.dimension,
             "reason": rule.reason, "decisive": rule.decisive}
            for rule in subject.rules
        ],
    }  # fmt: skip


def list_body(found: Any) -> dict[str, Any]:
    """One list to rank."""
    columns = [
        {"id": column.reasoning.pk, "steps": column.reasoning.steps,
         "raw": "" if found.hides_verdicts else column.reasoning.raw,
         "grade": f"L{column.reasoning.grade}" if column.verdict else None,
         "dimension": column.reasoning.dimension if column.verdict else "", "rules_cited": column.reasoning.rules_cited}
        for column in found.columns
    ]  # fmt: skip
    return {**subject_body(found.subject), "reasonings": columns}
