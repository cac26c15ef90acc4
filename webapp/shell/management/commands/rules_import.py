"""`manage.py rules_import FILE --corpus NAME`: a rulebook in YAML or JSON becomes drafts, or a published release."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules.formats import rulebook_parse
from rules.services import rulebook_import, rulebook_publish
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User


class Command(BaseCommand):
    help = "Bring a rulebook file into a corpus. All or nothing: the first rule that cannot be read is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="YAML or JSON; - reads standard input")
        parser.add_argument("--corpus", required=True)
        parser.add_argument("--author", default="", help="e-mail address of the person who answers for it")
        parser.add_argument("--reviewer", default="", help="with --publish: who signs it off")
        parser.add_argument("--note", default="")
        parser.add_argument("--publish", action="store_true", help="release, sign off and publish at once")
        parser.add_argument("--retire-missing", action="store_true", help="retire rules that the file lacks")
        parser.add_argument("--dry-run", action="store_true", help="say what would change and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        if corpus is None:
            raise CommandError(f"There is no corpus {options['corpus']}.")
        try:
            self._run(corpus, options)
        except DomainError as error:
            raise CommandError(error.message) from error

    def _run(self, corpus: Corpus, options: dict[str, Any]) -> None:
        path = options["file"]
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
        document, author = rulebook_parse(text), person(options["author"])
        if options["publish"] and not options["dry_run"]:
            publication = rulebook_publish(
                corpus=corpus,
                document=document,
                author=author,
                reviewer=person(options["reviewer"]),
                note=options["note"],
            )
            self.stdout.write(f"{publication.release} is in force")
            return
        outcome = rulebook_import(
            corpus=corpus,
            document=document,
            actor=author,
            note=options["note"],
            retire_missing=options["retire_missing"],
            dry_run=options["dry_run"],
        )
        for name in ("created", "changed", "same", "retired"):
            codes = getattr(outcome, name)
            self.stdout.write(f"{name:8} {len(codes):4}  {' '.join(codes)}".rstrip())
        if outcome.release is not None:
            self.stdout.write(
                f"draft release {outcome.release} takes up the tables, levels or dimensions of the file"
            )


def person(email: str) -> User | None:
    """The person with an address, or None where none was named. Raises CommandError."""
    if not email:
        return None
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise CommandError(f"There is no account {email}.")
    return found
