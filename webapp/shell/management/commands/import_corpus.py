"""`manage.py import_corpus PATH --corpus NAME`: an import through the ledger, run in this process."""

import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from catalog.errors import ImportRefused
from catalog.importing.formats import CHOICES, format_find
from catalog.models import ImportRun
from catalog.services import corpus_origin_set, import_start
from rules import starter
from rules.models import Rule
from rules.services import rulebook_publish
from webapp.common.blobs import blob_path
from webapp.common.events import events_deliver
from webapp.common.models import Corpus, Job, Role, User
from webapp.common.services import corpus_create, membership_set
from webapp.shell.watching import job_run_here, job_watch


class Command(BaseCommand):
    help = "Read a data set into a corpus (made where there is none). Bad rows go to rejected.csv, good ones land."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder, or one CSV or Parquet file")
        parser.add_argument("--corpus", required=True, help="name of the corpus")
        parser.add_argument("--format", default="auto", choices=CHOICES)
        parser.add_argument(
            "--no-rulebook",
            action="store_true",
            help="do not publish the starter rulebook of a set that has one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["path"]).resolve()
        started = time.monotonic()
        try:
            corpus = _corpus(options["corpus"], path, options["format"])
            job = import_start(corpus=corpus, path=path, format=options["format"], actor=None)
        except ImportRefused as error:
            raise CommandError(error.message) from error
        with job_watch(job.pk, self.stdout.write):
            job_run_here(job.pk)
        job.refresh_from_db()
        if job.state != Job.State.DONE:
            raise CommandError(job.error or f"the import ended as {job.state}")
        while events_deliver():
            pass  # release 0, and the judgments and rankings that came with the import
        if not options["no_rulebook"]:
            self._starter(corpus, format_find(path, options["format"]).name)
        self._report(ImportRun.objects.select_related("corpus").get(job=job), time.monotonic() - started)

    def _starter(self, corpus: Corpus, name: str) -> None:
        """The first rulebook of a corpus that has no rule yet, where this set comes with one."""
        if name not in starter.names() or Rule.objects.filter(corpus=corpus).exists():
            return
        note = f"The starter rulebook for {name}"
        published = rulebook_publish(
            corpus=corpus, document=starter.load(name), author=None, reviewer=None, title="Starter", note=note
        )
        self.stdout.write(f"  published the starter rulebook for {name} as {published.release}")

    def _report(self, run: ImportRun, seconds: float) -> None:
        for name, count in run.accepted.items():
            self.stdout.write(f"  {name.replace('_', ' '):<28} {count:>10,}")
        self.stdout.write(f"  {'rejected rows':<28} {run.rejected:>10,}")
        if run.rejected_blob_id:
            folder = Path(settings.LORE_HOME) / "imports" / f"{run.corpus.slug}-{run.pk}"
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(blob_path(run.rejected_blob_id), folder / "rejected.csv")
            self.stdout.write(f"  rejected rows with their reasons: {folder / 'rejected.csv'}")
        self.stdout.write(f"imported into {run.corpus.name} in {seconds:.1f} s")


def _corpus(name: str, path: Path, format: str) -> Corpus:
    """The corpus of that name or slug; a new one is given to the owners of the installation as admins."""
    slug = slugify(name)
    if not slug:
        raise CommandError("The corpus needs a name of letters or digits.")
    corpus = Corpus.objects.filter(slug=slug).first() or Corpus.objects.filter(name=name).first()
    if corpus is None:
        format_find(path, format)  # a path that tells nothing leaves no empty corpus behind
        corpus = corpus_create(slug=slug, name=name, actor=None)
        for owner in User.objects.filter(is_owner=True, is_active=True):
            membership_set(corpus=corpus, user=owner, roles=[Role.ADMIN], actor=None)
    return corpus_origin_set(corpus=corpus, path=path, format=format)
