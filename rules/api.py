"""Endpoints of this room: rules and versions, releases and their steps, whole rulebooks, and evaluation."""

from typing import Any, ClassVar, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from rules import selectors, services
from rules.engine import Resolution, RulebookError
from rules.fires_on import fires_on
from rules.form import form_clean
from rules.models import Release, RuleVersion
from rules.pair_selectors import fields_of_pair, pair_get
from rules.review_selectors import rule_events
from webapp.common.access import CorpusAPIView
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Role, User
from webapp.common.pages import keyset

WRITERS = (Role.EDITOR, Role.ADMIN)
SIGNERS = (Role.REVIEWER, Role.EDITOR, Role.ADMIN)
WRITTEN = ("refresh", "submit", "publish", "rollback", "discard")
JSON = OpenApiTypes.OBJECT


class RulesAPIView(CorpusAPIView):
    @property
    def actor(self) -> User:
        """Who acts: `initial` has refused everybody who is not a member."""
        return cast(User, self.request.user)


def version_body(version: RuleVersion) -> dict[str, Any]:
    return {
        "number": version.number, "state": version.state, "note": version.note, "created_at": version.created_at,
        "author": version.author.display_name if version.author else None, "rule": selectors.version_form(version),
    }  # fmt: skip


def statistic_body(version: RuleVersion) -> dict[str, Any] | None:
    """On how many of the corpus's pairs a version fires and agrees with what is settled; None before that is counted."""
    row = getattr(version, "statistic", None)
    names = ("pairs", "fired", "per_step", "settled", "agreed", "computed_at")
    return {name: getattr(row, name) for name in names} if row else None


def release_body(release: Release) -> dict[str, Any]:
    return {
        "number": release.number, "state": release.state, "external": release.external,
        "title": release.title, "note": release.note, "wording": release.wording,
        "author": release.author.display_name if release.author else None,
        "signed_off_by": release.signed_off_by.display_name if release.signed_off_by else None,
        "created_at": release.created_at, "published_at": release.published_at,
    }  # fmt: skip


def resolution_body(resolution: Resolution) -> dict[str, Any]:
    """A resolution for JSON: `grade` null is an abstention."""
    return {
        "grade": resolution.grade.name if resolution.grade else None,
        "dimension": resolution.dimension,
        "decisive": resolution.decisive,
        "conflict": resolution.conflict,
        "allowed": sorted(grade.name for grade in resolution.allowed),
        "firings": [
            {
                "code": firing.code, "step": firing.step, "grade": firing.grade.name, "dimension": firing.dimension,
                "reason": firing.reason, "trace": firing.trace.as_dict() if firing.trace else None,
            }
            for firing in resolution.firings
        ],
    }  # fmt: skip


class EditInput(serializers.Serializer[Any]):
    rule = serializers.DictField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    base = serializers.IntegerField(required=False, allow_null=True, default=None)


class RuleListAPI(RulesAPIView):
    """The rules of a corpus; a new rule."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        names = ("text", "dimension", "state", "author")
        asked = {name: request.query_params.get(name, "")[:100] for name in names}
        pair = request.query_params.get("pair", "")
        codes = fires_on(self.corpus, pair_get(self.corpus, pair)) if pair else None
        rows = selectors.rule_list_rows(self.corpus, **asked, codes=codes).prefetch_related(
            "latest__examples", "latest__rule"
        )
        page = keyset(rows, ("code",), request.query_params.get("after", ""), 100)
        latest = [selectors.latest_of(rule) for rule in page.rows]
        found = [{**version_body(version), "statistic": statistic_body(version)} for version in latest]
        return Response({"rules": found, "next": page.next_cursor})

    @extend_schema(request=EditInput, responses={201: JSON})
    def post(self, request: Request, corpus: str) -> Response:
        given = EditInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        version = services.rule_create(
            corpus=self.corpus, form=data["rule"], actor=self.actor, note=data["note"]
        )
        return Response(version_body(version), status=status.HTTP_201_CREATED)


class RuleDetailAPI(RulesAPIView):
    """One rule; a new version of it (`base`: the version number it was written from)."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"PUT": WRITERS, "DELETE": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, code: str) -> Response:
        return Response(version_body(selectors.latest_of(selectors.rule_get(self.corpus, code))))

    @extend_schema(request=EditInput, responses=JSON)
    def put(self, request: Request, corpus: str, code: str) -> Response:
        given = EditInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        version = services.rule_edit(
            rule=selectors.rule_get(self.corpus, code),
            form={"code": code, **data["rule"]},
            actor=self.actor,
            note=data["note"],
            base=data["base"],
        )
        return Response(version_body(version))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, corpus: str, code: str) -> Response:
        """Retire: left out of the releases to come; nothing is deleted. The reason is kept in its history."""
        given = ReasonInput(data=request.data or request.query_params)
        given.is_valid(raise_exception=True)
        rule, reason = selectors.rule_get(self.corpus, code), given.validated_data["reason"]
        services.rule_retire(rule=rule, actor=self.actor, reason=reason)
        return Response(status=status.HTTP_204_NO_CONTENT)


class VersionListAPI(RulesAPIView):
    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, code: str) -> Response:
        """Every wording, and what else happened to the rule: retired, taken back in, put into a draft; with reasons."""
        rule = selectors.rule_get(self.corpus, code)
        versions = selectors.versions_of(rule)
        events = [vars(event) for event in rule_events(rule, versions)]
        return Response({"versions": [version_body(version) for version in versions], "events": events})


class ReleaseInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160, required=False, allow_blank=True, default="")
    note = serializers.CharField(required=False, allow_blank=True, default="")
    level_definitions = serializers.DictField(child=serializers.CharField(), required=False)
    dimensions = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    tables = serializers.DictField(required=False)


class ReleaseListAPI(RulesAPIView):
    """The releases of a corpus; a new draft of the newest versions."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        rows = Release.objects.filter(corpus=self.corpus).select_related("author", "signed_off_by")
        page = keyset(rows, ("-number",), request.query_params.get("after", ""), 100)
        current = selectors.release_current(self.corpus)
        return Response({
            "releases": [release_body(row) for row in page.rows],
            "in_force": current.number if current else None,
            "next": page.next_cursor,
        })  # fmt: skip

    @extend_schema(request=ReleaseInput, responses={201: JSON})
    def post(self, request: Request, corpus: str) -> Response:
        given = ReleaseInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        release = services.release_create(
            corpus=self.corpus,
            actor=self.actor,
            title=data["title"],
            note=data["note"],
            definitions=data.get("level_definitions"),
            dimensions=data.get("dimensions"),
            tables=data.get("tables"),
        )
        return Response(release_body(release), status=status.HTTP_201_CREATED)


class RewordInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=160, required=False, allow_blank=True)
    note = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    base = serializers.CharField(
        max_length=16, required=False, allow_null=True, default=None, help_text="the wording it started from"
    )


class ReleaseDetailAPI(RulesAPIView):
    """One release with its checks and its rulebook; another title or note while it is a draft."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"PATCH": WRITERS}

    @extend_schema(request=RewordInput, responses=JSON)
    def patch(self, request: Request, corpus: str, number: int) -> Response:
        given = RewordInput(data=request.data)
        given.is_valid(raise_exception=True)
        release = selectors.release_get(self.corpus, number)
        data = {"title": release.title, "note": release.note, **given.validated_data}
        return Response(release_body(services.release_reword(release=release, actor=self.actor, **data)))

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str, number: int) -> Response:
        release = selectors.release_get(self.corpus, number)
        checks = list(release.checks.order_by("name").values("name", "ok", "blocking", "message", "content"))
        document = services.rulebook_export(corpus=self.corpus, release=release)
        return Response({**release_body(release), "checks": checks, "rulebook": document})


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    override = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        help_text="why a replay loss is accepted",
    )
    accepted = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="",
        help_text="why rules may meet beyond the corpus; for a roll back, why anything in its way is accepted",
    )  # fmt: skip
    unchecked = serializers.CharField(
        max_length=300, required=False, allow_blank=True, default="",
        help_text="why checks that have not come in are not waited for",
    )  # fmt: skip


class ReleaseStepAPI(RulesAPIView):
    """A step of a release's way: refresh, submit, return, sign-off, publish, rollback, discard.

    On a large corpus publish and rollback are jobs: 202 with the job's id.
    """

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"POST": SIGNERS}

    @extend_schema(request=ReasonInput, responses=JSON)
    def post(self, request: Request, corpus: str, number: int, step: str) -> Response:
        given = ReasonInput(data=request.data)
        given.is_valid(raise_exception=True)
        if step in WRITTEN and not self.held & set(WRITERS):
            self.permission_denied(request, "This needs the role rule editor or admin.")
        release = selectors.release_get(self.corpus, number)
        if step in ("publish", "rollback") and selectors.corpus_is_large(self.corpus):
            return self._later(step, release, given.validated_data)
        self._take(step, release, given.validated_data)
        if step == "discard":
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(release_body(selectors.release_get(self.corpus, number)))

    def _later(self, step: str, release: Release, given: dict[str, str]) -> Response:
        kind = f"rules.release_{step}"
        job, _ = services.release_job_ask(release=release, kind=kind, actor=self.actor, arguments=given)
        return Response({"job": str(job.pk)}, status=status.HTTP_202_ACCEPTED)

    def _take(self, step: str, release: Release, given: dict[str, Any]) -> None:
        actor, reason = self.actor, given["reason"]
        match step:
            case "refresh":
                services.release_refresh(release=release, actor=actor)
            case "submit":
                services.release_submit(release=release, actor=actor)
            case "return":
                services.release_return(release=release, actor=actor, reason=reason)
            case "sign-off":
                services.release_sign_off(release=release, actor=actor, comment=reason)
            case "publish":
                services.release_publish(release=release, actor=actor, **given)
            case "rollback":
                services.release_rollback(
                    release=release, actor=actor, reason=reason, override=given["override"],
                    accepted=given["accepted"],
                )  # fmt: skip
            case "discard":
                services.release_discard(release=release, actor=actor)
            case _:
                raise Invalid(f"There is no step {step}: {', '.join((*WRITTEN, 'return', 'sign-off'))}.")


class RulebookAPI(RulesAPIView):
    """The whole rulebook as one document; bringing one in (as drafts)."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"PUT": WRITERS}

    @extend_schema(responses=JSON)
    def get(self, request: Request, corpus: str) -> Response:
        return Response(services.rulebook_export(corpus=self.corpus))

    @extend_schema(request=JSON, responses=JSON)
    def put(self, request: Request, corpus: str) -> Response:
        outcome = services.rulebook_import(
            corpus=self.corpus,
            document=request.data,
            actor=self.actor,
            note=request.query_params.get("note", "")[:300],
            dry_run=request.query_params.get("dry_run") == "1",
        )
        return Response(outcome.__dict__)


class EvaluateInput(serializers.Serializer[Any]):
    query = serializers.DictField(required=False)
    item = serializers.DictField(required=False)
    pair = serializers.IntegerField(required=False, help_text="instead of query and item")
    release = serializers.IntegerField(required=False)
    rules = serializers.ListField(child=serializers.DictField(), required=False, max_length=200)


class EvaluateAPI(RulesAPIView):
    """A pair of the corpus, or fields of a query and an item -> the resolution of the release in force, of a named one,
    or of given rules.
    """

    @extend_schema(request=EvaluateInput, responses=JSON)
    def post(self, request: Request, corpus: str) -> Response:
        given = EvaluateInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = given.validated_data
        try:
            rulebook = self._rulebook(data)
        except RulebookError as error:
            raise Invalid(
                str(error), code="rule_invalid", extra={"rule": error.code, "place": error.place}
            ) from error
        return Response(resolution_body(rulebook.evaluate(*self._sides(data))))

    def _sides(self, data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        if "pair" in data:
            return fields_of_pair(pair_get(self.corpus, data["pair"]))
        if not {"query", "item"} <= set(data):
            raise Invalid("Send the id of a pair, or the fields of a query and of an item.", code="no_pair")
        return data["query"], data["item"]

    def _rulebook(self, data: dict[str, Any]) -> Any:
        if "rules" in data:
            forms = [form_clean(form) for form in data["rules"]]
            return selectors.rulebook_of(selectors.tables_release(self.corpus), forms)
        if "release" in data:
            return selectors.rulebook_for(selectors.release_get(self.corpus, data["release"]))
        current = selectors.release_current(self.corpus)
        if current is None:
            raise Conflict("No release is in force in this corpus yet.", code="no_release")
        return selectors.rulebook_for(current)
