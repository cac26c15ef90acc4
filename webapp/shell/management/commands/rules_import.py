"""`manage.py rules_import FILE --corpus NAME`: a file of rules becomes drafts, or a published release.

YAML and JSON as rules_export writes them, a CSV, a GoRules decision model, or SMUI's rules.txt. What cannot be carried
over is printed with its place, the reason and a mend.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules.formats import KINDS, Carried, decoded, refused_text, rulebook_read
from rules.services import rulebook_import, rulebook_publish
from rules.services.imports import document_fitted
from rules.services.rulebooks import ImportOutcome
from rules.table_selectors import tables_current
from webapp.common.errors import DomainError
from webapp.common.models import Corpus, User


class Command(BaseCommand):
    help = "Bring a rulebook file into a corpus. All or nothing: the first rule that cannot be read is named."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="YAML, JSON, CSV or rules.txt; - reads standard input")
        parser.add_argument("--kind", choices=tuple(KINDS), default="auto")
        parser.add_argument("--refused", default="", help="a file for the rows of a CSV that were refused")
        parser.add_argument(
            "--override", default="", help="with --publish: why a loss on the replay set is accepted"
        )
        parser.add_argument(
            "--accepted",
            default="",
            help="with --publish: why rules may meet on a pair that the corpus does not hold",
        )
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
        carried = self._read(corpus, options)
        author = person(options["author"])
        shared: dict[str, Any] = {"corpus": corpus, "document": document_fitted(corpus, carried)}
        shared |= {"note": options["note"], "retire_missing": options["retire_missing"]}
        if options["publish"] and not options["dry_run"]:
            publication = rulebook_publish(
                **shared, author=author, reviewer=person(options["reviewer"]), override=options["override"],
                accepted=options["accepted"],
            )  # fmt: skip
            self.stdout.write(f"{publication.release} is in force")
        else:
            self._report(rulebook_import(**shared, actor=author, dry_run=options["dry_run"]))
        self._left_out(carried, options["refused"])

    def _read(self, corpus: Corpus, options: dict[str, Any]) -> Carried:
        path = options["file"]
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return rulebook_read(
            decoded(content), name=Path(path).name, kind=options["kind"], tables=tables_current(corpus)
        )

    def _report(self, outcome: ImportOutcome) -> None:
        for name in ("created", "changed", "same", "retired"):
            codes = getattr(outcome, name)
            self.stdout.write(f"{name:8} {len(codes):4}  {' '.join(codes)}".rstrip())
        if outcome.release is not None:
            self.stdout.write(
                f"draft release {outcome.release} takes up the tables, levels or dimensions of the file"
            )

    def _left_out(self, carried: Carried, target: str) -> None:
        """What of the file is not in the corpus now; a spreadsheet's refused rows go to a file of their own."""
        if carried.left_out:
            self.stdout.write(f"left out {len(carried.left_out):4}")
        for left in carried.left_out:
            self.stdout.write(f"  {left.place}: {left.what}: {left.reason} {left.mend}".rstrip())
        if target and carried.refused:
            Path(target).write_text(refused_text(carried.refused), encoding="utf-8")
            self.stdout.write(f"  refused rows, to be mended: {target}")


def person(email: str) -> User | None:
    """The person with an address, or None where none was named. Raises CommandError."""
    if not email:
        return None
    found = User.objects.filter(email=email.strip().lower()).first()
    if found is None:
        raise CommandError(f"There is no account {email}.")
    return found
