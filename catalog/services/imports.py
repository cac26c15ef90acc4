"""Starting an import."""

from pathlib import Path

from django.db import transaction

from catalog.errors import ImportRefused
from catalog.importing.formats import CHOICES, FORMATS, format_find
from catalog.models import ImportRun
from webapp.common.audit import audit_record
from webapp.common.jobs import job_enqueue
from webapp.common.models import Corpus, Job, User


def import_start(*, corpus: Corpus, path: str | Path, format: str = "auto", actor: User | None) -> Job:
    """Write the import's row and its job; the worker is woken on commit. Raises ImportRefused for an unknown format."""
    if format not in CHOICES:
        raise ImportRefused(f"There is no format {format}: use {', '.join(CHOICES)}.")
    with transaction.atomic():
        job = job_enqueue(kind="catalog.import", corpus=corpus, actor=actor, arguments={})
        run = ImportRun.objects.create(corpus=corpus, job=job, path=str(path)[:1000], format=format)
        audit_record(
            actor=actor, corpus=corpus, action="import.start", subject=run,
            data={"path": Path(path).name, "format": format},
        )  # fmt: skip
    return job


@transaction.atomic
def corpus_origin_set(*, corpus: Corpus, path: Path, format: str) -> Corpus:
    """Name source and licence of a known set on a corpus that names none. What a person wrote there stays."""
    known = FORMATS[format_find(path, format).name]
    if known.source and not corpus.source:
        corpus.source, corpus.licence = known.source, known.licence
        corpus.attribution = known.attribution
        corpus.save(update_fields=["source", "licence", "attribution"])
    return corpus
