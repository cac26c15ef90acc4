"""Pages by program: lists put into the catalog, campaigns over them, verdicts on a whole page, choices between two."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from annotation import services
from annotation.api.requests import person_of
from annotation.api.serializers import AnswerSerializer, CampaignSerializer, GradeField
from annotation.models import Campaign, Judgment, ListSettings, PageVerdict
from annotation.roles import JUDGES, RUNNERS
from annotation.selectors import campaign_get_for, release_get_for
from annotation.selectors.page_outcomes import page_outcome
from annotation.selectors.page_sources import PageChoice, page_sources, pages_chosen
from annotation.services.page_campaigns import Asking, page_campaign_create, sides_campaign_create
from annotation.services.pages import ItemGrade, page_verdict_submit
from annotation.services.sides import preference_submit
from catalog.services.pages import MOST_ITEMS, lists_of
from catalog.services.pages import pages_put as put_pages
from webapp.common.access import CorpusAPIView
from webapp.common.models import Role


class ItemGradeSerializer(serializers.Serializer[Any]):
    key = serializers.UUIDField(help_text="Idempotency key of this item's judgment.")
    pair = serializers.IntegerField(min_value=1)
    grade = GradeField()
    dimension = serializers.CharField(default="", allow_blank=True, max_length=40)
    disagreement = serializers.ChoiceField(
        choices=Judgment.Disagreement.choices, default="", allow_blank=True
    )
    picture_decided = serializers.BooleanField(default=False)
    rules_shown = serializers.ListField(
        child=serializers.CharField(max_length=20), default=list, max_length=60
    )


class PageVerdictSubmitSerializer(AnswerSerializer):
    mark = serializers.ChoiceField(choices=["good", "mid", "bad"])
    grades = ItemGradeSerializer(many=True, default=list)
    comment = serializers.CharField(default="", allow_blank=True, max_length=2000)


class PreferenceSubmitSerializer(AnswerSerializer):
    left_by = serializers.IntegerField(
        min_value=-2, max_value=2, help_text="1: left is better; 0: the same; -1: right is better."
    )
    comment = serializers.CharField(default="", allow_blank=True, max_length=2000)


class PageListSerializer(serializers.Serializer[Any]):
    query = serializers.CharField(max_length=500)
    items = serializers.ListField(
        child=serializers.CharField(max_length=120), max_length=MOST_ITEMS, help_text="Product ids as shown."
    )


class PagesPutSerializer(serializers.Serializer[Any]):
    pages_from = serializers.CharField(
        max_length=120, help_text="The system or the moment the lists come from."
    )
    pages = PageListSerializer(many=True)


class PageCampaignSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    pages_from = serializers.CharField(max_length=120)
    against = serializers.CharField(
        max_length=120, default="", allow_blank=True, help_text="Set: two lists side by side, double-blind."
    )
    queries = serializers.ListField(
        child=serializers.CharField(max_length=500), default=list, max_length=10_000
    )
    stratum = serializers.CharField(default="", allow_blank=True)
    limit = serializers.IntegerField(default=0, min_value=0)
    redundancy = serializers.IntegerField(default=1, min_value=1, max_value=9)
    blind_share = serializers.FloatField(default=0.0, min_value=0, max_value=1)
    items = serializers.ChoiceField(choices=ListSettings.Items.choices, default=ListSettings.Items.OPTIONAL)
    five_grades = serializers.BooleanField(default=False)
    guideline = serializers.CharField(default="", allow_blank=True)
    open = serializers.BooleanField(default=True)


class PageVerdictSubmitView(CorpusAPIView):
    """Send one page's verdict with the grades of its items; all of it is written, or nothing."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=PageVerdictSubmitSerializer, responses=dict)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        form = PageVerdictSubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        row = page_verdict_submit(
            campaign=campaign, person=person_of(request), origin=Judgment.Origin.API,
            release=release_get_for(self.corpus, values.pop("release")),
            mark=PageVerdict.Mark[values.pop("mark").upper()].value,
            grades=[ItemGrade(**grade) for grade in values.pop("grades")], **values,
        )  # fmt: skip
        return Response({"verdict": str(row.pk), "mark": row.get_mark_display()}, status=201)


class PreferenceSubmitView(CorpusAPIView):
    """Send one choice between two lists, as they were shown to you."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": JUDGES}

    @extend_schema(request=PreferenceSubmitSerializer, responses=dict)
    def post(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        form = PreferenceSubmitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values = dict(form.validated_data)
        release = release_get_for(self.corpus, values.pop("release"))
        row = preference_submit(
            campaign=campaign,
            person=person_of(request),
            release=release,
            origin=Judgment.Origin.API,
            **values,
        )
        return Response({"preference": str(row.pk), "left_by": values["left_by"]}, status=201)


class PagesView(CorpusAPIView):
    """The sources that pages come from; POST puts lists in, as a system showed them."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS, "POST": RUNNERS}

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str) -> Response:
        return Response(
            {"sources": [{"source": name, "queries": n} for name, n in page_sources(self.corpus)]}
        )

    @extend_schema(request=PagesPutSerializer, responses=dict)
    def post(self, request: Request, corpus: str) -> Response:
        form = PagesPutSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = [(page["query"], page["items"]) for page in form.validated_data["pages"]]
        lists, unknown = lists_of(self.corpus, given)
        source = form.validated_data["pages_from"]
        pages = put_pages(corpus=self.corpus, source=source, lists=lists, actor=person_of(request))
        return Response({"pages": len(pages), "unknown_items": unknown}, status=201)


class PageCampaignsView(CorpusAPIView):
    """A campaign over the newest page of each query; with `against`, over two lists side by side."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": RUNNERS}

    @extend_schema(request=PageCampaignSerializer, responses=CampaignSerializer)
    def post(self, request: Request, corpus: str) -> Response:
        form = PageCampaignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        campaign = self._create(form.validated_data, request)
        if form.validated_data["open"]:
            services.campaign_open(campaign=campaign, actor=person_of(request))
        return Response(CampaignSerializer(campaign).data, status=201)

    def _create(self, values: dict[str, Any], request: Request) -> Campaign:
        choice = PageChoice(values["pages_from"], values["queries"], values["stratum"], values["limit"])
        names = ("redundancy", "blind_share", "guideline", "items", "five_grades")
        asking = Asking(**{name: values[name] for name in names})
        shared: Any = {
            "corpus": self.corpus,
            "name": values["name"],
            "actor": person_of(request),
            "asking": asking,
        }
        if values["against"]:
            return sides_campaign_create(choice=choice, other_source=values["against"], **shared)
        pages = list(pages_chosen(self.corpus, choice).values())
        return page_campaign_create(pages=pages, source=choice.source, **shared)


class PageOutcomeView(CorpusAPIView):
    """What a campaign over pages came to; of two lists only once it is closed, with their names for admins alone.

    Of more than 10,000 answers as it was `computed_at`; `waiting` while that was not done yet: lines come within minutes.
    """

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"GET": RUNNERS}

    @extend_schema(responses=dict)
    def get(self, request: Request, corpus: str, pk: int) -> Response:
        campaign = campaign_get_for(self.corpus, pk)
        found = page_outcome(campaign, is_admin=Role.ADMIN in self.held)
        told = found.sides.lines if found.sides else found.marks
        body = {"lines": [line.__dict__ for line in told], "computed_at": found.at, "waiting": found.waiting}
        if found.sides:
            body |= {name: getattr(found.sides, name) for name in ("names", "answers", "identical")}
        return Response(body)


def page_body(found: Any) -> dict[str, Any]:
    """One page to judge, as a program sees it."""
    items = [
        {"pair": item.pair.pk, "position": item.position, **_facts(item), "blind": item.blind,
         "allowed": [f"L{grade}" for grade in item.allowed], "rules": [rule.code for rule in item.rules]}
        for item in found.items
    ]  # fmt: skip
    return {**_subject(found), "blind": found.blind, "asks_items": found.settings.items, "items": items}


def sides_body(found: Any) -> dict[str, Any]:
    """Two lists to choose between, as this person sees them; nothing tells where a list comes from."""
    sides = {
        name: [{"position": item.position, **_facts(item)} for item in side]
        for name, side in (("left", found.left), ("right", found.right))
    }
    return {**_subject(found), "five_grades": found.settings.five_grades, **sides}


def _subject(found: Any) -> dict[str, Any]:
    return {
        "slot": found.slot.pk, "lease": str(found.slot.lease), "lease_until": found.slot.lease_until,
        "release": found.release.pk, "query": found.query.text, "facets": found.query.facets,
    }  # fmt: skip


def _facts(item: Any) -> dict[str, Any]:
    version = item.facts.version
    return {
        "product_id": item.item.external_id, "title": version.title, "brand": version.brand,
        "category": version.category,
    }  # fmt: skip
