"""Files of exports whose link has run out leave the blob store; the ledger's row stays and says so."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotation.selectors.exports import KIND, export_expired
from webapp.common.blobs import blob_path
from webapp.common.models import Blob, Job

AT_ONCE = 200
NAMED = ("blob", "topics")


def exports_sweep() -> int:
    """Remove the files of exports that have run out and that nothing else names; returns how many files went."""
    done = Job.objects.filter(
        kind=KIND, state=Job.State.DONE, result__expires_at__lt=timezone.now().isoformat()
    )
    gone = 0
    for job in done.exclude(result__has_key="swept_at").order_by("created_at")[:AT_ONCE]:
        if export_expired(job):
            gone += _sweep(job)
    return gone


def _sweep(job: Job) -> int:
    gone = 0
    with transaction.atomic():
        for sha in {str(job.result[name]) for name in NAMED if job.result.get(name)}:
            blob = Blob.objects.select_for_update().filter(pk=sha).first()
            if blob is not None and not _is_wanted(blob, job):
                blob.delete()
                blob_path(sha).unlink(missing_ok=True)
                gone += 1
        swept = {**job.result, "swept_at": timezone.now().isoformat()}
        Job.objects.filter(pk=job.pk).update(result=swept)
    return gone


def _is_wanted(blob: Blob, job: Job) -> bool:
    """The same bytes may be somebody else's: a row that points there, or another job that has not run out."""
    for relation in Blob._meta.related_objects:
        if relation.related_model._default_manager.filter(**{relation.field.name: blob}).exists():
            return True
    naming = Q()
    for name in (*NAMED, "rejected_blob"):
        naming |= Q(**{f"result__{name}": blob.pk}) | Q(**{f"arguments__{name}": blob.pk})
    others = Job.objects.filter(naming).exclude(pk=job.pk)
    return any(other.kind != KIND or not export_expired(other) for other in others)
