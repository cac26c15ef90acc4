"""The job ledger of a corpus, for programs: what they were given the id of, how far it is, and how it ended."""

import uuid
from typing import Any, ClassVar, cast

from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.common.access import CorpusAPIView
from webapp.common.jobs import job_cancel, job_title
from webapp.common.models import Job, Role, User
from webapp.common.pages import keyset

LONGEST_ERROR = 4_000


def job_body(job: Job) -> dict[str, Any]:
    by = job.requested_by.display_name if job.requested_by else None
    progress = {"done": job.progress_done, "total": job.progress_total, "note": job.progress_note}
    return {"id": str(job.pk), "kind": job.kind, "title": job_title(job.kind), "state": job.state, "progress": progress,
            "error": job.error[:LONGEST_ERROR], "by": by, "created_at": job.created_at,
            "finished_at": job.finished_at}  # fmt: skip


class JobListView(CorpusAPIView):
    """The jobs of a corpus, newest first."""

    @extend_schema(
        parameters=[OpenApiParameter("after", OpenApiTypes.STR, description="`next` of the page before")],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request, corpus: str) -> Response:
        rows = self.corpus.jobs.select_related("requested_by")
        page = keyset(rows, ("-created_at", "-id"), request.query_params.get("after", ""), 100)
        return Response({"results": [job_body(job) for job in page.rows], "next": page.next_cursor})


class JobView(CorpusAPIView):
    """One job: `state` is queued, running, done, failed or cancelled. DELETE cancels it; what it has done stays."""

    roles: ClassVar[dict[str, tuple[str, ...]]] = {"DELETE": (Role.ADMIN,)}

    def _job(self, pk: uuid.UUID) -> Job:
        job = self.corpus.jobs.select_related("requested_by").filter(pk=pk).first()
        if job is None:
            raise Http404("There is no such job in this corpus.")
        return job

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, corpus: str, pk: uuid.UUID) -> Response:
        return Response(job_body(self._job(pk)))

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def delete(self, request: Request, corpus: str, pk: uuid.UUID) -> Response:
        return Response(job_body(job_cancel(job=self._job(pk), actor=cast(User, request.user))))
