"""`manage.py rules_test`: run every example of a rulebook and lint it; exit status 1 when an example fails (with --strict
also where lint finds anything), to guard a repository.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules.engine import ExampleResult, RulebookError, compile_rulebook, run_examples
from rules.form import form_clean
from rules.formats import rulebook_parse
from rules.lint import NOTHING_KNOWN, Finding, Kind
from rules.lint_selectors import book_of, corpus_vocabulary, summary_of
from rules.selectors import release_current, release_get
from rules.services import rulebook_export
from rules.services.rulebooks import rules_of
from webapp.common.errors import DomainError
from webapp.common.models import Corpus


class Command(BaseCommand):
    help = "Run the examples of a rulebook file, or of a corpus's newest rules or release, and lint them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="", help="YAML or JSON; - reads standard input")
        parser.add_argument("--corpus", default="")
        parser.add_argument("--release", default="", help="a release's number, or 'current'")
        parser.add_argument(
            "--strict", action="store_true", help="exit status 1 for findings of lint as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = self._document(options)
            rules = [form_clean(form) for form in rules_of(document)]
            tables = document.get("tables") if isinstance(document, dict) else {}
            results = run_examples(compile_rulebook(rules, tables))
            found = self._lint(rules, tables, options["corpus"])
        except (DomainError, RulebookError) as error:
            raise CommandError(str(error)) from error
        self._report(results, found, len(rules), strict=options["strict"])

    def _document(self, options: dict[str, Any]) -> Any:
        if path := options["file"]:
            text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
            return rulebook_parse(text)
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        if corpus is None:
            raise CommandError("Name a file, or a corpus with --corpus.")
        release = None
        if asked := options["release"]:
            release = release_current(corpus) if asked == "current" else release_get(corpus, int(asked))
        return rulebook_export(corpus=corpus, release=release)

    def _lint(self, rules: list[dict[str, Any]], tables: Any, slug: str) -> list[Finding]:
        """Fields and values are looked up where a corpus is named."""
        corpus = Corpus.objects.filter(slug=slug).first() if slug else None
        vocabulary = corpus_vocabulary(corpus, tables)[1] if corpus else NOTHING_KNOWN
        return book_of(rules, tables, vocabulary).findings

    def _report(
        self, results: list[ExampleResult], found: list[Finding], rules: int, *, strict: bool
    ) -> None:
        failing = [result for result in results if not result.passed]
        for result in failing:
            self.stderr.write(f"{result.code} example {result.number}: {result.message}")
        for finding in found:
            if finding.kind != Kind.EXAMPLE:  # told above already
                self.stderr.write(f"{finding.code} {finding.where}: {finding.message} {finding.mend}")
        self.stdout.write(f"{len(results) - len(failing)} of {len(results)} examples pass, {rules} rules")
        self.stdout.write(summary_of(found).message)
        if failing or (strict and found):
            raise SystemExit(1)
