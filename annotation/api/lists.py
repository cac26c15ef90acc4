"""The ledgers of judgments and rankings as JSON; lists page by keyset."""

from typing import ClassVar, TypeVar

from django.db.models import Model, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api.paging import AFTER, SIZE, page_of, paged
from annotation.api.requests import person_of
from annotation.api.serializers import JudgmentSerializer, RankingSerializer
from annotation.models import Judgment, Ranking
from annotation.roles import RUNNERS
from annotation.selectors import campaign_get_for, effective_judgments
from annotation.selectors.people import SHOWN, person_get_for, work_of
from webapp.common.access import CorpusAPIView
from webapp.common.models import Role
from webapp.common.pages import keyset

Row = TypeVar("Row", bound=Model)
CAMPAIGN = OpenApiParameter("campaign", int, description="Of this campaign alone.")
STANDING = OpenApiParameter("standing", bool, description="1: neither replaced nor withdrawn.")


def _of_campaign(rows: "QuerySet[Row]", view: CorpusAPIView, request: Request) -> "QuerySet[Row]":
    """Narrowed to the campaign that is named, if one is."""
    chosen = request.query_params.get("campaign", "")
    return (
        rows.filter(slot__campaign=campaign_get_for(view.corpus, int(chosen))) if chosen.isdecimal() else rows
    )


class JudgmentsView(CorpusAPIView):
    """The ledger, newest first; `?campaign=`, `?standing=1` for what is neither replaced nor withdrawn."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(parameters=[AFTER, CAMPAIGN, STANDING], responses=page_of(JudgmentSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        standing = bool(request.query_params.get("standing"))
        rows = effective_judgments(self.corpus) if standing else Judgment.objects.filter(corpus=self.corpus)
        rows = _of_campaign(
            rows.select_related("pair__query", "pair__item", "person", "release"), self, request
        )
        page = keyset(rows, ("-at", "-id"), request.query_params.get("after", ""), SIZE)
        return paged(page, JudgmentSerializer)


class PersonAnswersView(CorpusAPIView):
    """One person's standing answers, newest first, all or those that call for a look: what a reviewer goes through."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": (Role.REVIEWER.value,)}

    @extend_schema(
        parameters=[AFTER, OpenApiParameter("show", str, enum=list(SHOWN))],
        responses=page_of(JudgmentSerializer),
    )
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        asked = request.query_params
        rows = work_of(self.corpus, person_get_for(self.corpus, pk), asked.get("show", ""))
        rows = rows.prefetch_related("pair__item", "person", "release")  # beside, as `work_of` says why
        return paged(keyset(rows, ("-at", "-id"), asked.get("after", ""), SIZE), JudgmentSerializer)


class MyJudgmentsView(CorpusAPIView):
    """One's own answers, newest first, of every state."""

    @extend_schema(parameters=[AFTER], responses=page_of(JudgmentSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        rows = Judgment.objects.filter(corpus=self.corpus, person=person_of(request))
        rows = rows.select_related("pair__query", "pair__item", "person", "release")
        page = keyset(rows, ("-at", "-id"), request.query_params.get("after", ""), SIZE)
        return paged(page, JudgmentSerializer)


class RankingsView(CorpusAPIView):
    """The ledger of rankings, newest first."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(parameters=[AFTER, CAMPAIGN], responses=page_of(RankingSerializer))
    def get(self, request: Request, corpus: str) -> Response:
        rows = Ranking.objects.filter(corpus=self.corpus).select_related("pair__query", "person", "release")
        page = keyset(
            _of_campaign(rows, self, request), ("-at", "-id"), request.query_params.get("after", ""), SIZE
        )
        return paged(page, RankingSerializer)
