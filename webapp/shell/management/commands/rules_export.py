"""`manage.py rules_export --corpus NAME`: the rulebook as one file that diffs well and imports back exactly."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules.formats import rulebook_file
from rules.selectors import release_get
from rules.services import rulebook_export
from webapp.common.errors import DomainError
from webapp.common.models import Corpus


class Command(BaseCommand):
    help = "Write a corpus's rulebook: the newest versions, or a release."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", required=True)
        parser.add_argument(
            "--release", type=int, default=None, help="a release's number; the newest versions if left out"
        )
        parser.add_argument("--format", choices=("yaml", "json", "csv"), default="yaml")
        parser.add_argument("--out", default="-", help="a file; standard output if left out")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        if corpus is None:
            raise CommandError(f"There is no corpus {options['corpus']}.")
        try:
            release = None if options["release"] is None else release_get(corpus, options["release"])
        except DomainError as error:
            raise CommandError(error.message) from error
        document = rulebook_export(corpus=corpus, release=release)
        text = rulebook_file(document, options["format"])
        if options["out"] == "-":
            self.stdout.write(text, ending="")
        else:
            Path(options["out"]).write_text(text, encoding="utf-8")
