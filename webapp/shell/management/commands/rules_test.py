"""`manage.py rules_test`: run every example of a rulebook and of its tables, and lint it; exit status 1 when an example
fails (with --strict also where lint finds anything), to guard a repository.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from rules.engine import ExampleResult, RulebookError, compile_rulebook, run_examples
from rules.form import form_clean
from rules.formats import decoded, rulebook_read
from rules.lint import NOTHING_KNOWN, Finding, Kind
from rules.lint_selectors import book_of, corpus_vocabulary, summary_of
from rules.selectors import release_current, release_get
from rules.services import rulebook_export
from rules.services.rulebooks import rules_of
from rules.table_selectors import tables_current
from rules.tables import TableExample, examples_clean, examples_run, table_clean
from webapp.common.errors import DomainError, Invalid
from webapp.common.models import Corpus


class Command(BaseCommand):
    help = "Run the examples of a rulebook file, or of a corpus's newest rules or release, and lint them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="", help="YAML, JSON or CSV; - reads standard input")
        parser.add_argument("--corpus", default="")
        parser.add_argument("--release", default="", help="a release's number, or 'current'")
        parser.add_argument(
            "--strict", action="store_true", help="exit status 1 for findings of lint as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        corpus = corpus_named(options["corpus"])
        try:
            document = self._document(options, corpus)
            rules = [form_clean(form) for form in rules_of(document)]
            tables = document.get("tables") or {}
            dimensions_cover(document.get("dimensions"), rules)
            results = run_examples(compile_rulebook(rules, tables))
            of_tables = table_examples_run(tables, document.get("table_examples") or {})
            found = self._lint(rules, tables, corpus)
        except (DomainError, RulebookError) as error:
            raise CommandError(str(error)) from error
        self._report(results, of_tables, found, len(rules), strict=options["strict"])

    def _document(self, options: dict[str, Any], corpus: Corpus | None) -> dict[str, Any]:
        if path := options["file"]:
            return document_read(path, tables_current(corpus) if corpus else {})
        if corpus is None:
            raise CommandError("Name a file, or a corpus with --corpus.")
        asked, release = options["release"], None
        if asked == "current":
            release = release_current(corpus)
        elif asked:
            if not (asked.isdecimal() and asked.isascii()):
                raise CommandError(f"--release takes a release's number or 'current', not {asked}.")
            release = release_get(corpus, int(asked))
        if asked and release is None:
            raise CommandError(f"No release is in force in {corpus.slug} yet.")
        return rulebook_export(corpus=corpus, release=release)

    def _lint(self, rules: list[dict[str, Any]], tables: Any, corpus: Corpus | None) -> list[Finding]:
        """Fields and values are looked up where a corpus is named."""
        vocabulary = corpus_vocabulary(corpus, tables)[1] if corpus else NOTHING_KNOWN
        return book_of(rules, tables, vocabulary).findings

    def _report(
        self,
        results: list[ExampleResult],
        of_tables: list[tuple[str, TableExample]],
        found: list[Finding],
        rules: int,
        *,
        strict: bool,
    ) -> None:
        failing = [f"{row.code} example {row.number}: {row.message}" for row in results if not row.passed] + [
            f"table {name} example {row.number}: {row.message}" for name, row in of_tables if not row.passed
        ]
        for line in failing:
            self.stderr.write(line)
        for finding in found:
            if finding.kind != Kind.EXAMPLE:  # told above already
                self.stderr.write(f"{finding.code} {finding.where}: {finding.message} {finding.mend}")
        count = len(results) + len(of_tables)
        self.stdout.write(f"{count - len(failing)} of {count} examples pass, {rules} rules")
        self.stdout.write(summary_of(found).message)
        if failing or (strict and found):
            raise SystemExit(1)


def corpus_named(slug: str) -> Corpus | None:
    """The corpus of that name, None where none was named. A mistyped name is no reason to check less than was asked."""
    corpus = Corpus.objects.filter(slug=slug).first() if slug else None
    if slug and corpus is None:
        raise CommandError(f"There is no corpus {slug}.")
    return corpus


def document_read(path: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """A file as the workbench's own document; one without tables of its own asks those that are `known`.

    Raises Invalid, also where a part of the file would be left out.
    """
    content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    carried = rulebook_read(decoded(content), name=Path(path).name, tables=known)
    if carried.left_out:
        first = carried.left_out[0]
        said = f"{first.place}: {first.what}: {first.reason} {first.mend}".rstrip()
        more = f" And {len(carried.left_out) - 1} more." if len(carried.left_out) > 1 else ""
        raise Invalid(said + more, code="rulebook_invalid")
    return {"tables": known, **carried.document}


def dimensions_cover(listed: Any, rules: list[dict[str, Any]]) -> None:
    """Raises Invalid where rules use a dimension that the file's own list lacks: no corpus would take it up."""
    used: dict[str, list[str]] = {}
    for rule in rules:
        for name in {rule["dimension"], *(step.get("dimension") for step in rule["ladder"])} - {"", None}:
            used.setdefault(name, []).append(rule["code"])
    for name in sorted(set(used) - set(listed or used)):
        codes = ", ".join(used[name])
        raise Invalid(f"dimensions lacks {name}, which {codes} use.", code="rulebook_invalid")


def table_examples_run(
    tables: Mapping[str, Any], examples: Mapping[str, Any]
) -> list[tuple[str, TableExample]]:
    """Every example of every table of the file. Raises Invalid for an example of a table that there is not."""
    found = []
    for name, rows in examples.items():
        if name not in tables:
            raise Invalid(
                f"table_examples names {name}, and there is no such table.", code="rulebook_invalid"
            )
        ran = examples_run(name, table_clean(tables[name]), examples_clean(rows))
        found += [(name, result) for result in ran]
    return found
