"""`manage.py judgments_import FILE --corpus NAME --format F`: an import through the ledger, run in this process."""

import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.formats import FORMATS
from annotation.services import judgments_import_start
from webapp.common.blobs import blob_path, blob_put
from webapp.shell.management.commands.judgments_export import corpus_named, finished


class Command(BaseCommand):
    help = "Read judgments of people or settled grades into a corpus. Bad rows go to a file; the same file adds nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--corpus", required=True, help="slug or name")
        parser.add_argument("--format", default="jsonl", choices=list(FORMATS))
        parser.add_argument("--topics", type=Path, help="the sidecar of qrels: topic, tab, query")
        parser.add_argument("--source", default="", help="who judged, where the file names nobody")
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")
        parser.add_argument("--rejected", type=Path, default=Path("rejected.csv"), help="where bad rows go")

    def handle(self, *args: Any, **options: Any) -> None:
        start, path, topics = time.monotonic(), options["path"], options["topics"]
        if not path.is_file() or (topics and not topics.is_file()):
            raise CommandError(f"There is no file {path}.")
        job = judgments_import_start(
            corpus=corpus_named(options["corpus"]), actor=None, format=options["format"], source=options["source"],
            blob=blob_put(path, "application/octet-stream"), name=path.name, dry_run=options["dry_run"],
            topics=blob_put(topics, "text/tab-separated-values") if topics else None,
        )  # fmt: skip
        result = finished(job, self.stdout.write)
        for name, count in result["counts"].items():
            self.stdout.write(f"  {name:<20} {count:>12,}")
        self.stdout.write(f"  {'rejected':<20} {result['rejected']:>12,}")
        if result["rejected_blob"]:
            shutil.copyfile(blob_path(result["rejected_blob"]), options["rejected"])
            self.stdout.write(f"  rejected rows with their reasons: {options['rejected']}")
        word = "would be imported" if result["dry_run"] else "imported"
        self.stdout.write(f"{word} in {time.monotonic() - start:.1f} s")
