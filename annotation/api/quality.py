"""Figures, alarms, people and quizzes by program: what the pages of quality read, and what a reviewer does there."""

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.requests import person_of
from annotation.api.serializers import GradeField
from annotation.models import Campaign, QualityAlarm, QualityFigure, QuizAttempt
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, release_in_force
from annotation.selectors.campaigns import judge_get_for, people_of, skips_of
from annotation.selectors.dashboard import campaign_charts
from annotation.selectors.quality import alarm_get_for, alarms_open, report_for, thresholds_for
from annotation.selectors.quizzes import quiz_next, quiz_result, quiz_state
from annotation.selectors.sources import PairChoice, campaign_preview
from annotation.selectors.subjects import subject_of_pair
from webapp.common.access import CorpusAPIView
from webapp.common.models import Role
from webapp.common.pages import keyset

READERS = (Role.REVIEWER.value, Role.ADMIN.value, Role.EDITOR.value)
REVIEW = (Role.REVIEWER.value,)


class FigureSerializer(serializers.ModelSerializer[QualityFigure]):
    class Meta:
        model = QualityFigure
        fields = ("metric", "slice", "key", "label", "n", "value", "low", "high", "detail")


class ReportSerializer(serializers.Serializer[Any]):
    computed_at = serializers.DateTimeField(allow_null=True)
    answers = serializers.IntegerField()
    figures = FigureSerializer(many=True)


class AlarmSerializer(serializers.ModelSerializer[QualityAlarm]):
    person = serializers.CharField(source="person.display_name", default=None, allow_null=True)

    class Meta:
        model = QualityAlarm
        fields = ("id", "kind", "person", "key", "value", "threshold", "n", "message", "raised_at", "resolved_at",
                  "resolution")  # fmt: skip


class ResolveSerializer(serializers.Serializer[Any]):
    resolution = serializers.CharField(max_length=300, default="", allow_blank=True)


class SettingsSerializer(serializers.Serializer[Any]):
    thresholds = serializers.DictField(child=serializers.FloatField(min_value=0), default=dict)
    stale_campaigns = serializers.BooleanField(default=True)
    stale_most = serializers.IntegerField(min_value=1, max_value=100_000, default=500)


class PreviewAskSerializer(serializers.Serializer[Any]):
    which = serializers.CharField(max_length=20, default="unsettled")
    queries = serializers.ListField(
        child=serializers.CharField(max_length=500), default=list, max_length=10_000
    )
    stratum = serializers.CharField(max_length=5, default="", allow_blank=True)
    department = serializers.CharField(max_length=200, default="", allow_blank=True)
    rule = serializers.CharField(max_length=20, default="", allow_blank=True)
    limit = serializers.IntegerField(min_value=0, default=0)
    redundancy = serializers.IntegerField(min_value=1, max_value=9, default=1)
    redundancy_most = serializers.IntegerField(min_value=0, max_value=9, default=0)
    gold_share = serializers.FloatField(min_value=0, max_value=0.9, default=0.0)


class PreviewSerializer(serializers.Serializer[Any]):
    pairs = serializers.IntegerField()
    settled = serializers.IntegerField()
    gold = serializers.IntegerField()
    gold_wanted = serializers.IntegerField()
    answers = serializers.IntegerField()
    answers_most = serializers.IntegerField()
    sample = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class PersonLineSerializer(serializers.Serializer[Any]):
    pk = serializers.IntegerField()
    name = serializers.CharField()
    answers = serializers.IntegerField()
    seconds = serializers.FloatField(allow_null=True)
    disagreements = serializers.IntegerField()
    gold_answers = serializers.IntegerField()
    gold_right = serializers.IntegerField()


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    per_day = serializers.FloatField(allow_null=True)
    day = serializers.DateField(allow_null=True, help_text="When it will be done at this pace.")
    early = serializers.DateField(allow_null=True)
    late = serializers.DateField(allow_null=True)
    days = serializers.ListField(child=serializers.ListField())
    people = PersonLineSerializer(many=True)
    skips = serializers.DictField(child=serializers.IntegerField(), help_text="Reason: how often.")


class MoveSerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(min_value=1)
    to = serializers.IntegerField(min_value=1, required=False, help_text="Left out: back for everybody.")


class WaiveSerializer(serializers.Serializer[Any]):
    person = serializers.IntegerField(min_value=1)


class QuizAnswerSerializer(serializers.Serializer[Any]):
    pair = serializers.IntegerField(min_value=1)
    grade = GradeField()
    dimension = serializers.CharField(max_length=40, default="", allow_blank=True)


def _values(form: "serializers.Serializer[Any]") -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class QualityView(CorpusAPIView):
    """The stored figures of the corpus or one campaign; POST has them worked out now."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": READERS, "POST": RUNNERS}

    @extend_schema(
        parameters=[
            OpenApiParameter("campaign", int),
            OpenApiParameter("metric", str),
            OpenApiParameter("slice", str),
        ],
        responses=ReportSerializer,
    )
    def get(self, request: Request, corpus: str) -> Response:
        chosen = request.query_params.get("campaign", "")
        report = report_for(
            self.corpus, campaign_get_for(self.corpus, int(chosen)) if chosen.isdecimal() else None
        )
        asked = {
            name: request.query_params[name] for name in ("metric", "slice") if name in request.query_params
        }
        rows = [row for row in report.figures if all(getattr(row, k) == v for k, v in asked.items())]
        run = report.run
        return Response({
            "computed_at": run.computed_at if run else None, "answers": run.answers if run else 0,
            "figures": FigureSerializer(rows, many=True).data,
        })  # fmt: skip

    @extend_schema(request=None, responses={202: dict})
    def post(self, request: Request, corpus: str) -> Response:
        job = services.quality_refresh_start(corpus=self.corpus, actor=person_of(request), everything=True)
        return Response({"id": str(job.pk), "state": job.state}, status=202)


class AlarmsView(CorpusAPIView):
    """What crossed a threshold and nobody has dealt with."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": REVIEW}

    @extend_schema(responses=AlarmSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        page = keyset(alarms_open(self.corpus), ("-pk",), request.query_params.get("after", ""), 100)
        return Response({"results": AlarmSerializer(page.rows, many=True).data, "next": page.next_cursor})


class AlarmResolveView(CorpusAPIView):
    """A reviewer has looked into it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": REVIEW}

    @extend_schema(request=ResolveSerializer, responses=AlarmSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        said = _values(ResolveSerializer(data=request.data))
        alarm = services.alarm_resolve(alarm=alarm_get_for(self.corpus, pk), actor=person_of(request), **said)
        return Response(AlarmSerializer(alarm).data)


class SettingsView(CorpusAPIView):
    """Thresholds of alarms, and whether a release opens a campaign by itself."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS, "PUT": RUNNERS}

    @extend_schema(responses=SettingsSerializer)
    def get(self, request: Request, corpus: str) -> Response:
        limits, row = thresholds_for(self.corpus)
        values = {"stale_campaigns": row.stale_campaigns, "stale_most": row.stale_most}
        return Response({"thresholds": {limit.name: limit.value for limit in limits}, **values})

    @extend_schema(request=SettingsSerializer, responses=SettingsSerializer)
    def put(self, request: Request, corpus: str) -> Response:
        values = _values(SettingsSerializer(data=request.data))
        services.quality_settings_set(corpus=self.corpus, actor=person_of(request), **values)
        return self.get(request, corpus)


class PreviewView(CorpusAPIView):
    """What a choice of pairs comes to, before a campaign is made of it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(request=PreviewAskSerializer, responses=PreviewSerializer)
    def post(self, request: Request, corpus: str) -> Response:
        values = _values(PreviewAskSerializer(data=request.data))
        people = {name: values.pop(name) for name in ("redundancy", "redundancy_most", "gold_share")}
        found = campaign_preview(self.corpus, PairChoice(**values), **people)
        return Response(PreviewSerializer(found).data)


class ProgressView(CorpusAPIView):
    """How far a campaign is, its pace, when it will be done, and who did what."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(responses=ProgressSerializer)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        charts = campaign_charts(campaign)
        end = charts.finish
        pace = {name: getattr(end, name, None) for name in ("per_day", "day", "early", "late")}
        days = [[day.isoformat(), n] for day, n in charts.days]
        people = PersonLineSerializer(people_of(campaign), many=True).data
        beside = {"days": days, "people": people, "skips": dict(skips_of(campaign))}
        return Response({"done": campaign.slots_done, "total": campaign.slots_total, **pace, **beside})


class SlotsMoveView(CorpusAPIView):
    """Hand what is kept for one person on to another, or put it back for everybody."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(request=MoveSerializer, responses=dict)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        values, campaign = _values(MoveSerializer(data=request.data)), campaign_get_for(self.corpus, pk)
        person, actor = judge_get_for(self.corpus, values["person"]), person_of(request)
        if "to" not in values:
            return Response({"moved": services.slots_return(campaign=campaign, person=person, actor=actor)})
        to = judge_get_for(self.corpus, values["to"])
        return Response(
            {"moved": services.slots_reassign(campaign=campaign, person=person, to=to, actor=actor)}
        )


class QuizView(CorpusAPIView):
    """The quiz before a campaign: where she stands and what is asked; POST begins, or answers one question."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": JUDGES, "POST": JUDGES}

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        return Response(_quiz(campaign_get_for(self.corpus, pk), request))

    @extend_schema(request=QuizAnswerSerializer, responses=dict)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        attempt = services.quiz_start(campaign=campaign, person=person_of(request))
        if request.data:
            services.quiz_answer(attempt=attempt, **_values(QuizAnswerSerializer(data=request.data)))
        return Response(_quiz(campaign, request))


class QuizWaiveView(CorpusAPIView):
    """Let somebody in without the quiz, or after failing it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(request=WaiveSerializer, responses={201: WaiveSerializer})
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        values, campaign = _values(WaiveSerializer(data=request.data)), campaign_get_for(self.corpus, pk)
        person = judge_get_for(self.corpus, values["person"])
        services.quiz_waive(campaign=campaign, person=person, actor=person_of(request))
        return Response(values, status=201)


def _quiz(campaign: Campaign, request: Request) -> dict[str, Any]:
    state = quiz_state(campaign, person_of(request))
    asked = quiz_next(state.current) if state.current else None
    body: dict[str, Any] = {"passed": state.passed or not campaign.quiz_size, "tries_left": state.tries_left}
    body["question"] = _question(campaign, asked) if asked is not None else None
    body["result"] = _result(state.last) if state.last else None
    return body


def _question(campaign: Campaign, asked: int) -> dict[str, Any]:
    subject = subject_of_pair(asked, release_in_force(campaign.corpus))
    version = subject.version
    payload = getattr(version, "payload", None)
    return {"pair": asked, "query": subject.query.text, "title": version.title, "brand": version.brand,
            "category": version.category, "attributes": payload.attributes if payload else {}}  # fmt: skip


def _result(attempt: QuizAttempt) -> dict[str, Any]:
    answers = [
        {"pair": row.pair.pk, "grade": f"L{row.grade}", "known": f"L{row.gold.grade}" if row.gold else None,
         "right": row.right, "why": row.gold.reason if row.gold else ""}
        for row in quiz_result(attempt)
    ]  # fmt: skip
    return {
        "right": attempt.right,
        "of": len(attempt.pairs),
        "passed": bool(attempt.passed),
        "answers": answers,
    }
