"""Running campaigns by program: made, looked at, edited, cloned, opened and closed, given to people."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.paging import AFTER, SIZE, page_of, paged
from annotation.api.requests import person_of
from annotation.api.serializers import CampaignSerializer
from annotation.models import Campaign
from annotation.overlap import Overlap
from annotation.roles import RUNNERS
from annotation.selectors import campaign_get_for, campaigns_for
from annotation.selectors.overlap import overlap_of, overlap_preview
from annotation.selectors.page_sources import PageChoice
from annotation.selectors.sources import PairChoice, sources_offered
from annotation.services.campaigns import CampaignEdits, CampaignSettings
from annotation.services.ranking_lists import LISTS, MOST_LISTS, variants_campaign_create
from catalog.models import Pair, Stratum
from webapp.common.access import CorpusAPIView
from webapp.common.errors import NotFound
from webapp.common.models import User
from webapp.common.pages import keyset

ACTIONS = ("open", "pause", "close", "archive", "restore")
RUN: dict[str, tuple[str, ...]] = dict.fromkeys(("POST", "PATCH"), RUNNERS)
CHOICE = ("which", "queries", "stratum", "limit", "department", "rule")


class CampaignEditSerializer(serializers.Serializer[Any]):
    """What can be changed while people work."""

    name = serializers.CharField(max_length=120, required=False)
    guideline = serializers.CharField(required=False, allow_blank=True)
    deadline = serializers.DateTimeField(required=False, allow_null=True)
    priority = serializers.IntegerField(required=False)
    redundancy = serializers.IntegerField(min_value=1, max_value=9, required=False)
    redundancy_most = serializers.IntegerField(
        min_value=0, max_value=9, required=False, help_text="People are added up to here while it is unsure."
    )
    sureness = serializers.FloatField(min_value=0.5, max_value=0.999, required=False)
    quiz_pass = serializers.FloatField(min_value=0, max_value=1, required=False)
    quiz_tries = serializers.IntegerField(min_value=1, max_value=20, required=False)
    shows_suggestions = serializers.BooleanField(required=False)


class OverlapSerializer(serializers.Serializer[Any]):
    """How many people are asked about a subject, as a change of it is tried out."""

    redundancy = serializers.IntegerField(min_value=1, max_value=9, required=False)
    redundancy_most = serializers.IntegerField(min_value=0, max_value=9, required=False)
    sureness = serializers.FloatField(min_value=0.5, max_value=0.999, required=False)


class OverlapPreviewSerializer(serializers.Serializer[Any]):
    """`subjects` that are asked again; places made and given back; whether a sample was looked at alone."""

    subjects = serializers.IntegerField()
    places = serializers.IntegerField()
    given_back = serializers.IntegerField()
    estimated = serializers.BooleanField()


class CampaignMakeSerializer(CampaignEditSerializer):
    """A new campaign over pairs: which ones, and how they are judged."""

    name = serializers.CharField(max_length=120)
    which = serializers.ChoiceField(choices=[*sources_offered(), "pairs"], default="unsettled")
    queries = serializers.ListField(
        child=serializers.CharField(max_length=500), default=list, max_length=10_000
    )
    pairs = serializers.ListField(
        child=serializers.IntegerField(min_value=1), default=list, max_length=100_000
    )
    stratum = serializers.ChoiceField(choices=Stratum.choices, required=False)
    department = serializers.CharField(required=False, max_length=200)
    rule = serializers.CharField(required=False, max_length=20)
    limit = serializers.IntegerField(min_value=1, required=False)
    blind_share = serializers.FloatField(min_value=0, max_value=1, default=0.0)
    gold_share = serializers.FloatField(min_value=0, max_value=0.9, default=0.0)
    quiz_size = serializers.IntegerField(min_value=0, max_value=50, required=False)
    open = serializers.BooleanField(default=True)


class ReasoningsOfPairSerializer(serializers.Serializer[Any]):
    pair = serializers.IntegerField(min_value=1)
    reasonings = serializers.ListField(
        child=serializers.DictField(), min_length=2, max_length=8,
        help_text="Each {steps or raw, grade, dimension, rules_cited, author_kind, author_name}.",
    )  # fmt: skip


class RankingCampaignSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    lists = serializers.ListField(child=ReasoningsOfPairSerializer(), min_length=1, max_length=5000)
    redundancy = serializers.IntegerField(min_value=1, max_value=9, default=1)
    guideline = serializers.CharField(default="", allow_blank=True)
    open = serializers.BooleanField(default=True)


class VariantsCampaignSerializer(serializers.Serializer[Any]):
    """Which pairs the synthesiser writes lists of reasonings about: so many, spread over the choice."""

    name = serializers.CharField(max_length=120)
    queries = serializers.ListField(
        child=serializers.CharField(max_length=500), default=list, max_length=10_000
    )
    stratum = serializers.ChoiceField(choices=Stratum.choices, default="", allow_blank=True)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_LISTS, default=LISTS)
    variants = serializers.IntegerField(min_value=2, max_value=8, default=4)
    redundancy = serializers.IntegerField(min_value=1, max_value=9, default=1)
    hides_verdicts = serializers.BooleanField(default=False)
    guideline = serializers.CharField(default="", allow_blank=True)
    open = serializers.BooleanField(default=True)


class ActionSerializer(serializers.Serializer[Any]):
    action = serializers.ChoiceField(choices=[(act, act) for act in ACTIONS])


class CloneSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    again = serializers.BooleanField(
        default=False, help_text="Draw the pairs anew instead of taking the same."
    )


class AssignSerializer(serializers.Serializer[Any]):
    person = serializers.EmailField()
    count = serializers.IntegerField(min_value=1, max_value=5000)


class AssignedSerializer(serializers.Serializer[Any]):
    assigned = serializers.IntegerField()


def _values(form: serializers.Serializer[Any], request: Request) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


class CampaignsView(CorpusAPIView):
    """All campaigns for those who run them, the open ones for the others; making one over pairs."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = RUN

    @extend_schema(parameters=[AFTER], responses=page_of(CampaignSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        everything = bool(self.held & set(RUNNERS))
        rows = campaigns_for(self.corpus, everything=everything).order_by("-pk")
        return paged(keyset(rows, ("-pk",), request.query_params.get("after", ""), SIZE), CampaignSerializer)

    @extend_schema(request=CampaignMakeSerializer, responses={201: CampaignSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        values = _values(CampaignMakeSerializer(data=request.data), request)
        choice = PairChoice(**{name: values[name] for name in CHOICE if name in values})
        given = values["which"] == "pairs"
        settings: Any = {name: values[name] for name in CampaignSettings.__annotations__ if name in values}
        campaign = services.campaign_create(
            corpus=self.corpus, actor=person_of(request), name=values["name"],
            pairs=values["pairs"] if given else services.campaign_pairs(self.corpus, choice),
            **settings, choice={} if given else choice.as_json(),
        )  # fmt: skip
        if values["open"]:
            services.campaign_open(campaign=campaign, actor=person_of(request))
        return Response(CampaignSerializer(campaign).data, status=201)


class RankingCampaignsView(CorpusAPIView):
    """Make a campaign over lists of reasonings: two to eight of each pair, to be put in order."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = RUN

    @extend_schema(request=RankingCampaignSerializer, responses={201: CampaignSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        values = _values(RankingCampaignSerializer(data=request.data), request)
        named = [row["pair"] for row in values["lists"]]
        pairs = Pair.objects.filter(corpus=self.corpus).select_related("item__current").in_bulk(named)
        if missing := sorted(set(named) - pairs.keys()):
            raise NotFound(f"There is no pair {missing[0]} in this corpus.")
        campaign = services.ranking_campaign_create(
            corpus=self.corpus, actor=person_of(request), name=values["name"], redundancy=values["redundancy"],
            guideline=values["guideline"], lists=[(pairs[row["pair"]], row["reasonings"]) for row in values["lists"]],
        )  # fmt: skip
        if values["open"]:
            services.campaign_open(campaign=campaign, actor=person_of(request))
        return Response(CampaignSerializer(campaign).data, status=201)


class VariantsCampaignsView(CorpusAPIView):
    """A ranking campaign that needs no model: a job writes its lists of reasonings, and then opens it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = RUN

    @extend_schema(request=VariantsCampaignSerializer, responses={202: CampaignSerializer})
    def post(self, request: Request, corpus: str) -> Response:
        values = _values(VariantsCampaignSerializer(data=request.data), request)
        about = {name: values.pop(name) for name in ("queries", "stratum", "limit")}
        campaign = variants_campaign_create(
            corpus=self.corpus, actor=person_of(request), open_now=values.pop("open"), choice=PageChoice("", **about),
            **values,
        )  # fmt: skip
        return Response(CampaignSerializer(campaign).data, status=202)


class CampaignView(CorpusAPIView):
    """One campaign: look, change, and open, pause, close, archive or restore it."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = RUN

    def _found(self, pk: int) -> Campaign:
        return campaign_get_for(self.corpus, pk)

    @extend_schema(responses=CampaignSerializer)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        return Response(CampaignSerializer(self._found(pk)).data)

    @extend_schema(request=ActionSerializer, responses=CampaignSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        action = _values(ActionSerializer(data=request.data), request)["action"]
        done = services.campaign_act(campaign=self._found(pk), actor=person_of(request), action=action)
        return Response(CampaignSerializer(done).data)

    @extend_schema(request=CampaignEditSerializer, responses=CampaignSerializer)
    def patch(self, request: Request, corpus: str, pk: int) -> Response:
        edits: Any = _values(CampaignEditSerializer(data=request.data), request)
        known = {name: value for name, value in edits.items() if name in CampaignEdits.__annotations__}
        done = services.campaign_edit(campaign=self._found(pk), actor=person_of(request), **known)
        return Response(CampaignSerializer(done).data)


class CampaignOverlapView(CorpusAPIView):
    """What another overlap would come to, before it is saved. What is not sent stays as it is."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(request=OverlapSerializer, responses=OverlapPreviewSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        values = _values(OverlapSerializer(data=request.data), request)
        now = overlap_of(campaign)
        wanted = Overlap(
            values.get("redundancy", now.redundancy), values.get("redundancy_most", now.most),
            values.get("sureness", now.sureness),
        )  # fmt: skip
        services.overlap_check(campaign=campaign, overlap=wanted)
        return Response(OverlapPreviewSerializer(overlap_preview(campaign, wanted)).data)


class CampaignCloneView(CorpusAPIView):
    """A draft with the same settings."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = RUN

    @extend_schema(request=CloneSerializer, responses={201: CampaignSerializer})
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        values = _values(CloneSerializer(data=request.data), request)
        made = services.campaign_clone(
            campaign=campaign_get_for(self.corpus, pk), actor=person_of(request), **values
        )
        return Response(CampaignSerializer(made).data, status=201)


class CampaignAssignView(CorpusAPIView):
    """Keep the next subjects of a campaign for one person."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = RUN

    @extend_schema(request=AssignSerializer, responses=AssignedSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        values = _values(AssignSerializer(data=request.data), request)
        people = User.objects.filter(memberships__corpus=self.corpus).distinct()
        person = get_object_or_404(people, email=values["person"].lower())
        given = services.slots_assign(
            campaign=campaign_get_for(self.corpus, pk), person=person, count=values["count"],
            actor=person_of(request),
        )  # fmt: skip
        return Response({"assigned": given})
