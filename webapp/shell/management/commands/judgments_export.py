"""`manage.py judgments_export --corpus NAME --format F --out FILE`: an export through the ledger, run in this process."""

import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.formats import FORMATS
from annotation.models import Campaign
from annotation.services import export_start
from rules.models import Release
from webapp.common.blobs import blob_path
from webapp.common.models import Corpus, Job
from webapp.shell.watching import job_run_here, job_watch


class Command(BaseCommand):
    help = "Write a corpus's judgments to a file. The sidecar of qrels lies beside it as topics.tsv."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", required=True, help="slug or name")
        parser.add_argument("--format", default="jsonl", choices=list(FORMATS))
        parser.add_argument("--campaign", default="", help="name: what was said in it alone")
        parser.add_argument("--release", type=int, help="number: what was said under it alone")
        parser.add_argument("--out", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        corpus = corpus_named(options["corpus"])
        campaign = (
            one(Campaign, corpus, "campaign", name=options["campaign"]) if options["campaign"] else None
        )
        number = options["release"]
        release = one(Release, corpus, "release", number=number) if number is not None else None
        job = export_start(
            corpus=corpus, actor=None, format=options["format"], campaign=campaign, release=release
        )
        result = finished(job, self.stdout.write)
        shutil.copyfile(blob_path(result["blob"]), options["out"])
        if result.get("topics"):
            shutil.copyfile(blob_path(result["topics"]), options["out"].with_name("topics.tsv"))
        seconds = time.monotonic() - start
        self.stdout.write(
            f"{result['rows']:,} rows to {options['out']} in {seconds:.1f} s, sha256 {result['blob']}"
        )


def corpus_named(name: str) -> Corpus:
    found = Corpus.objects.filter(slug=name).first() or Corpus.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no corpus {name}.")
    return found


def one(model: Any, corpus: Corpus, what: str, **of: Any) -> Any:
    found = model.objects.filter(corpus=corpus, **of).first()
    if found is None:
        raise CommandError(f"There is no {what} {next(iter(of.values()))} in {corpus.name}.")
    return found


def finished(job: Job, say: Any) -> dict[str, Any]:
    """Run a job here and give its result."""
    with job_watch(job.pk, say):
        job_run_here(job.pk)
    job.refresh_from_db()
    if job.state != Job.State.DONE:
        raise CommandError(job.error or f"the job ended as {job.state}")
    return dict(job.result)
