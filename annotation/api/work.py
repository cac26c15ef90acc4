"""Working by program: the next subjects, answers, undo, skip."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.bodies import (
    JudgmentSavedSerializer,
    LeasesAskSerializer,
    LeasesSerializer,
    NextAskSerializer,
    NextSerializer,
    RankingSavedSerializer,
    SkipAskSerializer,
    SkippedSerializer,
    UndoneSerializer,
)
from annotation.api.pages import page_body, sides_body
from annotation.api.requests import person_of, sent
from annotation.api.serializers import (
    JudgmentSerializer,
    JudgmentSubmitSerializer,
    RankingSerializer,
    RankingSubmitSerializer,
    list_body,
    subject_body,
)
from annotation.errors import NEEDS_REASON, ReasonNeeded
from annotation.forms import SkipForm, checked
from annotation.models import Campaign, Judgment, Slot
from annotation.roles import JUDGES
from annotation.selectors import (
    campaign_get_for,
    progress_of,
    release_get_for,
    release_in_force,
    slot_get_for,
    subjects_for,
)
from annotation.selectors.lists import lists_for
from annotation.selectors.pages import pages_for
from annotation.selectors.sides import sides_for
from annotation.selectors.subjects import grades_left
from webapp.common.access import CorpusAPIView

NEXT = OpenApiParameter("next", bool, description="1: the answer brings the next subject.")

# kind -> what reads its subjects, what a program sees of one
KINDS: dict[Campaign.Kind, tuple[Callable[..., Sequence[Any]], Callable[[Any], dict[str, Any]]]] = {
    Campaign.Kind.PAIR: (subjects_for, subject_body),
    Campaign.Kind.RANKING: (lists_for, list_body),
    Campaign.Kind.PAGE: (pages_for, page_body),
    Campaign.Kind.PAGE_PAIR: (sides_for, sides_body),
}


def bodies(campaign: Campaign, slots: list[Slot]) -> list[dict[str, Any]]:
    if not slots:
        return []
    rows, body = KINDS[Campaign.Kind(campaign.kind)]
    return [body(row) for row in rows(slots, release_in_force(campaign.corpus))]


class NextView(CorpusAPIView):
    """Lease the next subjects: `count` of them (1 to 20) beside those named in `have`."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=NextAskSerializer, responses=NextSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        form = NextAskSerializer(data=sent(request))
        form.is_valid(raise_exception=True)
        count, have = form.validated_data["count"], form.validated_data["have"]
        slots = services.slots_hold(campaign=campaign, person=person_of(request), want=count, have=have)
        progress = progress_of(campaign, person_of(request))
        body = {
            "done": progress.done,
            "total": progress.total,
            "reserved": progress.reserved,
            "free_at": progress.free_at,
        }
        return Response({"subjects": bodies(campaign, slots), "progress": body})


class JudgmentSubmitView(CorpusAPIView):
    """Send one verdict; the answer holds the judgment and, with `?next=1`, the next subject."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(
        parameters=[NEXT], request=JudgmentSubmitSerializer,
        responses={200: JudgmentSavedSerializer, 201: JudgmentSavedSerializer},
    )  # fmt: skip
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        form = JudgmentSubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        slot = slot_get_for(campaign, values.pop("slot"))
        release = release_get_for(self.corpus, values.pop("release"))
        if values["rules_shown"] and not values["disagreement"]:
            seen = grades_left(slot.annotation_task_id, release, values.get("item_version"))
            if seen and str(values["grade"]) not in seen:
                raise ReasonNeeded(NEEDS_REASON)
        saved = services.judgment_submit(
            slot=slot, release=release, person=person_of(request), origin=Judgment.Origin.API, **values
        )
        body: dict[str, Any] = {
            "judgment": JudgmentSerializer(saved.judgment).data,
            "repeated": saved.repeated,
            "word": saved.word,
        }
        if request.query_params.get("next"):
            body["subjects"] = bodies(
                campaign, services.slots_hold(campaign=campaign, person=person_of(request), want=1)
            )
        return Response(body, status=200 if saved.repeated else 201)


class RankingSubmitView(CorpusAPIView):
    """Send one order of a list's reasonings."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=RankingSubmitSerializer, responses={201: RankingSavedSerializer})
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        form = RankingSubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        slot = slot_get_for(campaign, values.pop("slot"))
        release = release_get_for(self.corpus, values.pop("release"))
        row = services.ranking_submit(
            slot=slot, release=release, person=person_of(request), origin=Judgment.Origin.API, **values
        )
        return Response({"ranking": RankingSerializer(row).data}, status=201)


class UndoView(CorpusAPIView):
    """Take the newest answer or skip of a campaign back; the subject is hers again, if nobody else has what she skipped."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=None, responses=UndoneSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        undone = services.answer_undo(campaign=campaign, person=person_of(request))
        return Response({"undone": undone.answer, "slot": undone.slot, "word": undone.word})


class SkipView(CorpusAPIView):
    """Pass on a subject, saying why."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=SkipAskSerializer, responses=SkippedSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        values = checked(SkipForm(sent(request)))
        slot = slot_get_for(campaign_get_for(self.corpus, pk), values["slot"])
        person = person_of(request)
        services.slot_skip(slot=slot, person=person, reason=values["reason"], comment=values["comment"])
        return Response({"skipped": slot.pk})


class LeasesView(CorpusAPIView):
    """The heartbeat of who has subjects in front of her: what is still hers is kept for ten more minutes."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=LeasesAskSerializer, responses=LeasesSerializer)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        form = LeasesAskSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        campaign_get_for(self.corpus, pk)
        lost = services.leases_renew(person=person_of(request), slots=form.validated_data["slots"])
        return Response({"lost": lost})
