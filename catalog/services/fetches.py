"""Starting a fetch of remote pictures. Nothing fetches them unless an admin asked for it."""

from django.db import transaction

from catalog.selectors import fetch_current
from webapp.common.audit import audit_record
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, User

FETCH = "catalog.fetch_images"


@transaction.atomic
def fetch_start(*, corpus: Corpus, actor: User | None, failed_too: bool = False) -> Job:
    """The corpus's fetch job: the one that is waiting or running, else a new one."""
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    running = fetch_current(corpus)
    if running is not None and not running.is_finished:
        return running
    job = job_enqueue(kind=FETCH, corpus=corpus, actor=actor, arguments={"failed_too": failed_too})
    audit_record(
        actor=actor, corpus=corpus, action="pictures.fetch", subject=job, data={"failed_too": failed_too}
    )
    return job
