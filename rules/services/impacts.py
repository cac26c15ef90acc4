"""Long work on a release is asked for: one job of a kind at a time, which whoever asks again joins."""

from typing import Any

from django.db import transaction

from rules.impact_kept import JOB
from rules.models import Release
from webapp.common.jobs import job_enqueue
from webapp.common.models import Job, User


@transaction.atomic
def release_job_ask(
    *, release: Release, kind: str = JOB, actor: User | None, arguments: dict[str, Any] | None = None
) -> tuple[Job, bool]:
    """(the job, whether it is a new one): the one that waits or runs for this release, else one that is begun now."""
    locked = Release.objects.select_for_update(of=("self",)).select_related("corpus").get(pk=release.pk)
    rows = Job.objects.filter(corpus=locked.corpus, kind=kind, arguments__release=locked.pk)
    waiting = rows.filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).order_by("created_at").first()
    if waiting is not None:
        return waiting, False
    given = {"release": locked.pk, **(arguments or {})}
    return job_enqueue(kind=kind, corpus=locked.corpus, actor=actor, arguments=given), True
