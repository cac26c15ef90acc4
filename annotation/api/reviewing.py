"""What reviewers do, by program: flags, gold, disputes and adjudications, agreement, answers looked over."""

import uuid
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.paging import AFTER, SIZE, page_of, paged
from annotation.api.requests import person_of
from annotation.api.serializers import GradeField, JudgmentSerializer
from annotation.models import Adjudication, Flag, Gold, Judgment
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, release_in_force
from annotation.selectors.agreement import agreement_for
from annotation.selectors.disputes import disputes
from annotation.selectors.triage import flag_get_for, flags_open
from catalog.models import Pair
from webapp.common.access import CorpusAPIView
from webapp.common.errors import NotFound
from webapp.common.models import Corpus, Role
from webapp.common.pages import keyset

REVIEW = (Role.REVIEWER.value,)
MENDERS = (Role.REVIEWER.value, Role.EDITOR.value, Role.ADMIN.value)


def pair_get(corpus: Corpus, pk: int) -> Pair:
    found = Pair.objects.filter(corpus=corpus, pk=pk).select_related("corpus", "item__current").first()
    if found is None:
        raise NotFound("There is no such pair in this corpus.")
    return found


class FlagRaiseSerializer(serializers.Serializer[Any]):
    pair = serializers.IntegerField(min_value=1)
    comment = serializers.CharField(max_length=1000)
    rule = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)


class FlagSerializer(serializers.ModelSerializer[Flag]):
    query = serializers.CharField(source="pair.query.text")
    docid = serializers.CharField(source="pair.item.external_id")
    person = serializers.CharField(source="person.display_name")
    rule = serializers.CharField(source="rule.code", default=None, allow_null=True)

    class Meta:
        model = Flag
        fields = ("id", "pair", "query", "docid", "person", "rule", "comment", "at", "resolved_at")


class GoldSerializer(serializers.ModelSerializer[Gold]):
    grade = GradeField()
    query = serializers.CharField(source="pair.query.text", read_only=True)
    docid = serializers.CharField(source="pair.item.external_id", read_only=True)

    class Meta:
        model = Gold
        fields = ("pair", "query", "docid", "grade", "dimension", "reason", "at")


class GoldSetSerializer(serializers.Serializer[Any]):
    grade = GradeField()
    dimension = serializers.CharField(max_length=40, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class AnswerShownSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    person = serializers.CharField()
    grade = serializers.CharField()
    dimension = serializers.CharField(allow_blank=True)
    rules_cited = serializers.ListField(child=serializers.CharField())
    disagreement = serializers.CharField(allow_blank=True, help_text="Why against the rules.")
    comment = serializers.CharField(allow_blank=True)
    blind = serializers.BooleanField()


class BeliefSerializer(serializers.Serializer[Any]):
    grade = serializers.CharField()
    certainty = serializers.FloatField()


class DisputeSerializer(serializers.Serializer[Any]):
    pair = serializers.IntegerField()
    campaign = serializers.CharField()
    query = serializers.CharField()
    docid = serializers.CharField()
    belief = BeliefSerializer(
        allow_null=True, help_text="Dawid and Skene's word: each answer weighed by how its person answers."
    )
    answers = AnswerShownSerializer(many=True)


class AdjudicateSerializer(GoldSetSerializer):
    pair = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=4000)
    picture_decided = serializers.BooleanField(default=False)
    make_gold = serializers.BooleanField(default=False)


class AdjudicationSerializer(serializers.ModelSerializer[Adjudication]):
    grade = GradeField()
    person = serializers.CharField(source="person.display_name")
    release = serializers.IntegerField(source="release.number")

    class Meta:
        model = Adjudication
        fields = ("id", "pair", "person", "release", "grade", "dimension", "picture_decided", "reason", "at")


class KappaSerializer(serializers.Serializer[Any]):
    first = serializers.CharField()
    second = serializers.CharField()
    n = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)


class AgreementSerializer(serializers.Serializer[Any]):
    subjects = serializers.IntegerField(help_text="Pairs that two people or more judged.")
    answers = serializers.IntegerField()
    alpha = serializers.FloatField(allow_null=True, help_text="Krippendorff, ordinal.")
    alpha_interval = serializers.FloatField(allow_null=True)
    full = serializers.FloatField(allow_null=True, help_text="Share of subjects all agree on.")
    two_of_three = serializers.FloatField(allow_null=True)
    kappas = KappaSerializer(many=True, help_text="Quadratic-weighted, by pair of people.")
    truncated = serializers.BooleanField(help_text="Older answers were left out.")


class ReviewSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(choices=[("accept", "accept"), ("return", "return")])
    comment = serializers.CharField(max_length=1000, default="", allow_blank=True)


class FlagsView(CorpusAPIView):
    """Words to the rule editors that nobody has dealt with yet; raising one."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": MENDERS, "POST": JUDGES}

    @extend_schema(parameters=[AFTER], responses=page_of(FlagSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        rows = flags_open(self.corpus).select_related("pair__item")
        return paged(keyset(rows, ("-pk",), request.query_params.get("after", ""), SIZE), FlagSerializer)

    @extend_schema(request=FlagRaiseSerializer, responses={201: FlagSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        form = FlagRaiseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        flag = services.flag_raise(
            pair=pair_get(self.corpus, said["pair"]), person=person_of(request), comment=said["comment"],
            rule_code=said["rule"],
        )  # fmt: skip
        return Response(FlagSerializer(flag).data, status=201)


class FlagResolveView(CorpusAPIView):
    """The rule editors have dealt with it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": MENDERS}

    @extend_schema(request=None, responses=FlagSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        flag = services.flag_resolve(flag=flag_get_for(self.corpus, pk), actor=person_of(request))
        return Response(FlagSerializer(flag).data)


class GoldListView(CorpusAPIView):
    """Pairs whose verdict is vouched for."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(parameters=[AFTER], responses=page_of(GoldSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        rows = Gold.objects.filter(pair__corpus=self.corpus).select_related("pair__query", "pair__item")
        return paged(keyset(rows, ("-pair_id",), request.query_params.get("after", ""), SIZE), GoldSerializer)


class GoldView(CorpusAPIView):
    """Make a pair gold, correct its verdict, or take it off."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"PUT": RUNNERS, "DELETE": RUNNERS}

    @extend_schema(request=GoldSetSerializer, responses=GoldSerializer)
    def put(self, request: Request, corpus: str, pk: int) -> Response:
        form = GoldSetSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        gold = services.gold_set(
            pair=pair_get(self.corpus, pk), actor=person_of(request), **form.validated_data
        )
        return Response(GoldSerializer(gold).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, corpus: str, pk: int) -> Response:
        services.gold_remove(pair=pair_get(self.corpus, pk), actor=person_of(request))
        return Response(status=204)


class DisputesView(CorpusAPIView):
    """The adjudication queue: pairs whose people disagree."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": REVIEW}

    @extend_schema(parameters=[AFTER], responses=page_of(DisputeSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        page = keyset(disputes(self.corpus), ("pk",), request.query_params.get("after", ""), SIZE)
        return Response({"results": [_dispute(task) for task in page.rows], "next": page.next_cursor})


def _dispute(task: Any) -> dict[str, Any]:
    said = [answer for slot in task.slots.all() for answer in slot.judgments.all()]
    return {
        "pair": task.pair_id, "campaign": task.campaign.name, "query": task.pair.query.text,
        "docid": task.pair.item.external_id, "belief": _belief(task.pair),
        "answers": [
            {"id": row.pk, "person": row.person.display_name, "grade": f"L{row.grade}", "dimension": row.dimension,
             "rules_cited": row.rules_cited, "disagreement": row.disagreement, "blind": row.blind,
             "comment": row.note.comment if hasattr(row, "note") else ""}
            for row in said
        ],
    }  # fmt: skip


def _belief(pair: Pair) -> dict[str, Any] | None:
    held = getattr(pair, "belief", None)
    return {"grade": f"L{held.grade}", "certainty": held.certainty} if held else None


class AdjudicationsView(CorpusAPIView):
    """A reviewer's verdict over people who disagree; and those given so far."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS, "POST": REVIEW}

    @extend_schema(parameters=[AFTER], responses=page_of(AdjudicationSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        rows = Adjudication.objects.filter(corpus=self.corpus).select_related("person", "release")
        return paged(
            keyset(rows, ("-pk",), request.query_params.get("after", ""), SIZE), AdjudicationSerializer
        )

    @extend_schema(request=AdjudicateSerializer, responses={201: AdjudicationSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        form = AdjudicateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        row = services.adjudication_record(
            pair=pair_get(self.corpus, values.pop("pair")), actor=person_of(request),
            release=release_in_force(self.corpus), **values,
        )  # fmt: skip
        return Response(AdjudicationSerializer(row).data, status=201)


class AgreementView(CorpusAPIView):
    """How far people agree, over one campaign or everything."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": MENDERS}

    @extend_schema(
        parameters=[OpenApiParameter("campaign", int), OpenApiParameter("blind", bool)],
        responses=AgreementSerializer,
    )
    def get(self, request: Request, corpus: str) -> Response:
        chosen, blind = (request.query_params.get(name, "") for name in ("campaign", "blind"))
        campaign = campaign_get_for(self.corpus, int(chosen)) if chosen.isdecimal() else None
        wanted = {"true": True, "1": True, "false": False, "0": False}.get(blind.lower())
        report = agreement_for(self.corpus, campaign=campaign, blind=wanted)
        found = report.agreement
        kappas = [
            {"first": report.names.get(int(str(k.first)), ""), "second": report.names.get(int(str(k.second)), ""),
             "n": k.n, "value": k.value}
            for k in found.kappas
        ]  # fmt: skip
        figures = {
            "subjects": found.subjects, "answers": found.answers, "alpha": found.alpha, "full": found.full,
            "alpha_interval": found.alpha_interval, "two_of_three": found.two_of_three,
        }  # fmt: skip
        return Response({**figures, "kappas": kappas, "truncated": report.truncated})


class ReviewView(CorpusAPIView):
    """Look over one person's answer: accepted, or returned to her with a word."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": REVIEW}

    @extend_schema(request=ReviewSerializer, responses=JudgmentSerializer)
    def post(self, request: Request, corpus: str, pk: uuid.UUID) -> Response:
        form = ReviewSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        rows = Judgment.objects.select_related("pair__query", "pair__item", "person", "release", "corpus")
        judgment = get_object_or_404(rows, corpus=self.corpus, pk=pk)
        act = services.answer_accept if form.validated_data["verdict"] == "accept" else services.answer_return
        act(judgment=judgment, actor=person_of(request), comment=form.validated_data["comment"])
        return Response(JudgmentSerializer(judgment).data)
