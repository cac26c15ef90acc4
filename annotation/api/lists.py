"""Campaigns, judgments, rankings and exports as JSON; lists page by keyset."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.requests import person_of, sent
from annotation.api.serializers import (
    CampaignCreateSerializer,
    CampaignSerializer,
    JudgmentSerializer,
    RankingSerializer,
)
from annotation.models import Judgment, Ranking
from annotation.roles import RUNNERS
from annotation.selectors import campaign_get_for, campaigns_for, pairs_chosen
from webapp.common.access import CorpusAPIView
from webapp.common.pages import Slice, keyset

SIZE = 100


def paged(found: Slice[Any], serializer: type[Any]) -> Response:
    return Response({"results": serializer(found.rows, many=True).data, "next": found.next_cursor})


class CampaignsView(CorpusAPIView):
    """All campaigns for those who run them, the open ones for the others; making one."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(responses=CampaignSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        everything = bool(self.held & set(RUNNERS))
        rows = campaigns_for(self.corpus, everything=everything).order_by("-pk")
        return paged(keyset(rows, ("-pk",), request.query_params.get("after", ""), SIZE), CampaignSerializer)

    @extend_schema(request=CampaignCreateSerializer, responses=CampaignSerializer)
    def post(self, request: Request, corpus: str) -> Response:
        form = CampaignCreateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        pairs = values["pairs"] if values["which"] == "pairs" else pairs_chosen(self.corpus, form.choice())
        names = ("name", "redundancy", "blind_share", "gold_share", "guideline")
        settings = {name: values[name] for name in names}
        campaign = services.campaign_create(
            corpus=self.corpus, actor=person_of(request), pairs=pairs, **settings
        )
        if values["open"]:
            services.campaign_open(campaign=campaign, actor=person_of(request))
        return Response(CampaignSerializer(campaign).data, status=201)


class CampaignView(CorpusAPIView):
    """One campaign; POST {"action": "open" | "pause" | "close" | "archive"} changes its state."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(responses=CampaignSerializer)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        return Response(CampaignSerializer(campaign_get_for(self.corpus, pk)).data)

    @extend_schema(request=dict, responses=CampaignSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = services.campaign_act(
            campaign=campaign_get_for(self.corpus, pk),
            actor=person_of(request),
            action=str(sent(request).get("action", "")),
        )
        return Response(CampaignSerializer(campaign).data)


class JudgmentsView(CorpusAPIView):
    """The ledger, newest first; `?campaign=`, `?standing=1` for what is neither replaced nor withdrawn."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(responses=JudgmentSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        rows = Judgment.objects.filter(corpus=self.corpus).select_related(
            "pair__query", "pair__item", "person", "release"
        )
        if (campaign := request.query_params.get("campaign", "")).isdigit():
            rows = rows.filter(slot__campaign=campaign_get_for(self.corpus, int(campaign)))
        if request.query_params.get("standing"):
            rows = rows.filter(superseded_by=None).exclude(grade=None)
        return paged(
            keyset(rows, ("-at", "-id"), request.query_params.get("after", ""), SIZE), JudgmentSerializer
        )


class RankingsView(CorpusAPIView):
    """The ledger of rankings, newest first."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(responses=RankingSerializer(many=True))
    def get(self, request: Request, corpus: str) -> Response:
        rows = Ranking.objects.filter(corpus=self.corpus).select_related("pair__query", "person", "release")
        return paged(
            keyset(rows, ("-at", "-id"), request.query_params.get("after", ""), SIZE), RankingSerializer
        )
