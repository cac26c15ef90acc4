"""What comes back from judging to the rules, by program: answers that went against them, and where the fault lay."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.paging import AFTER, SIZE, page_of, paged
from annotation.api.requests import person_of
from annotation.api.serializers import JudgmentSerializer
from annotation.models import Triage
from annotation.selectors.triage import disagreements, rule_feedback
from annotation.services.triage import MOST
from webapp.common.access import CorpusAPIView
from webapp.common.models import Role
from webapp.common.pages import keyset

MENDERS = (Role.REVIEWER.value, Role.EDITOR.value, Role.ADMIN.value)
SHOWN = (*Triage.Fault.values, "all")


class AgainstSerializer(JudgmentSerializer):
    """An answer that went against the rules; `fault` is null until an editor has decided."""

    comment = serializers.CharField(source="note.comment", allow_null=True)
    fault = serializers.CharField(source="triage.fault", allow_null=True)

    class Meta(JudgmentSerializer.Meta):
        fields = (*JudgmentSerializer.Meta.fields, "comment", "fault")


class FeedbackSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    shown = serializers.IntegerField(help_text="Answers on whose screen the rule was.")
    rule_wrong = serializers.IntegerField()
    not_applicable = serializers.IntegerField()
    item_wrong = serializers.IntegerField()
    i_was_wrong = serializers.IntegerField()
    undecided = serializers.IntegerField()


class DecideSerializer(serializers.Serializer[Any]):
    judgments = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=MOST)
    fault = serializers.ChoiceField(choices=Triage.Fault.choices)


class DecidedSerializer(serializers.Serializer[Any]):
    decided = serializers.IntegerField()


class TriageView(CorpusAPIView):
    """Standing answers that went against the rules, newest first; POST says where the fault lay."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": MENDERS, "POST": MENDERS}

    @extend_schema(
        parameters=[
            AFTER,
            OpenApiParameter("rule", str, description="With this rule on the screen."),
            OpenApiParameter("fault", str, enum=SHOWN, description="As decided; none: the undecided."),
        ],
        responses=page_of(AgainstSerializer),
    )
    def get(self, request: Request, corpus: str) -> Response:
        asked = request.query_params
        fault = asked.get("fault", "")
        rows = disagreements(
            self.corpus, rule=asked.get("rule", "")[:20], fault=fault if fault in SHOWN else ""
        )
        return paged(keyset(rows, ("-at", "-id"), asked.get("after", ""), SIZE), AgainstSerializer)

    @extend_schema(request=DecideSerializer, responses=DecidedSerializer)
    def post(self, request: Request, corpus: str) -> Response:
        form = DecideSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        ids = [str(pk) for pk in form.validated_data["judgments"]]
        fault = form.validated_data["fault"]
        done = services.triage_decide(
            corpus=self.corpus, judgments=ids, fault=fault, actor=person_of(request)
        )
        return Response({"decided": done})


class RuleFeedbackView(CorpusAPIView):
    """Rules that people disagree with most, first."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": MENDERS}

    @extend_schema(responses=FeedbackSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        return Response(FeedbackSerializer(rule_feedback(self.corpus), many=True).data)
