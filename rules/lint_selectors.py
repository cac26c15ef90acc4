"""Lint asked of the database: the rules as they stand, over what the corpus carries."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.conflicts import StepsStudied, steps_studied
from rules.corpus_table import CorpusTable, corpus_table_near, field_values, schema_of
from rules.engine import Reader, RulebookError
from rules.language import Condition, Language
from rules.lint import (
    NOTHING_KNOWN,
    SHORT,
    Book,
    Entry,
    Finding,
    Kind,
    Severity,
    Vocabulary,
    condition_findings,
    lint_rule,
    proved,
    sorted_findings,
)
from rules.models import Release, Rule
from rules.selectors import dimensions_of, latest_versions, release_forms, tables_release, version_form
from webapp.common.models import Corpus

CERTAIN = (
    Kind.SAME,
    Kind.YIELDS,
)  # beside failing examples and conflicts on real pairs, which the impact finds
KEPT = 8  # of each in a process
_vocabularies: dict[tuple[str, frozenset[str]], "TableVocabulary"] = {}
_books: dict[tuple[Any, ...], Book] = {}


class TableVocabulary:
    """What a corpus table carries; a field is looked through once per corpus version. `words` are those that the
    tables of a release spell.
    """

    def __init__(self, table: CorpusTable, words: frozenset[str] = frozenset()) -> None:
        self.table = table
        self.words = words
        self.fields = frozenset(schema_of(table).names())
        self.seen: dict[str, frozenset[str]] = {}

    def values(self, field: str) -> frozenset[str]:
        if field not in self.seen:
            self.seen[field] = field_values(self.table, field)
        return self.seen[field]

    def expected(self, field: str) -> frozenset[str]:
        side, _, name = field.partition(".")
        return self.words | self.values(f"item.{name}") if side == "query" else self.words


def _words(tables: Mapping[str, Any] | None) -> frozenset[str]:
    """Every spelling in tables of words, which are {family: [words]} or lists of words."""
    found: set[str] = set()
    for content in (tables or {}).values():
        groups = content.items() if isinstance(content, Mapping) else (("", group) for group in content)
        for family, members in groups:
            found.update([str(family), *map(str, members)])
    return frozenset(found)


def corpus_vocabulary(corpus: Corpus, tables: Mapping[str, Any] | None) -> tuple[str, Vocabulary]:
    """(corpus version, what it carries); nothing is known of a corpus without queries and items."""
    table = corpus_table_near(corpus)
    if not table.items.num_rows and not table.queries.num_rows:
        return table.revision, NOTHING_KNOWN
    words = _words(tables)
    key = (table.revision, words)
    if key not in _vocabularies:
        if len(_vocabularies) >= KEPT:
            _vocabularies.clear()
        _vocabularies[key] = TableVocabulary(table, words)
    return table.revision, _vocabularies[key]


def book_of(
    forms: Iterable[Mapping[str, Any]],
    tables: Mapping[str, Any] | None,
    vocabulary: Vocabulary = NOTHING_KNOWN,
    dimensions: Sequence[str] = (),
) -> Book:
    """Rules in JSON form ready to be linted. Raises RulebookError."""
    return Book(forms, Reader(Language.with_tables(tables)), vocabulary, dimensions)


def book_now(corpus: Corpus) -> Book:
    """The newest versions of all rules in force or in the making; compiled once per state of rules and corpus."""
    base = tables_release(corpus)
    tables = base.tables if base else {}
    revision, vocabulary = corpus_vocabulary(corpus, tables)
    newest = (
        Rule.objects.filter(corpus=corpus, retired_at=None).order_by("id").values_list("latest_id", flat=True)
    )
    dimensions, reading = dimensions_of(corpus), base.reading if base else []
    key = (corpus.pk, corpus.created_at, revision, *reading, tuple(dimensions), tuple(newest))
    if key not in _books:
        if len(_books) >= KEPT:
            _books.clear()
        forms = [version_form(version) for version in latest_versions(corpus)]
        _books[key] = book_of(forms, tables, vocabulary, dimensions)
    return _books[key]


def lint_corpus(corpus: Corpus) -> list[Finding]:
    """Findings of the newest versions of all rules, with the steps of which the solver has proved that none reaches
    them.
    """
    book = book_now(corpus)
    studied = solver_said(corpus)
    never = studied.never if studied else []
    return sorted_findings([*book.findings, *_proved(book.entries, never, book.findings)], book)


def lint_typed(corpus: Corpus, form: Mapping[str, Any]) -> list[Finding]:
    """Findings of one rule as it is typed, among the others as they stand. Raises RulebookError."""
    book = book_now(corpus)
    found, entry = lint_rule(form, book), Entry(book.reader.rule(form))
    kept = next((e for e in book.entries if e.code == entry.code and e.asks == entry.asks), None)
    studied = solver_said(corpus) if kept else None
    never = [step for step in studied.never if step[0] == entry.code] if studied else []
    return sorted_findings([*found, *_proved([entry], never, found)])


def lint_condition(corpus: Corpus, source: str) -> tuple[Condition, list[Finding]]:
    """A condition under the tables of the release to come, and what in it is probably not meant: names and values that
    neither the corpus nor the tables have. Raises RuleSyntaxError.
    """
    base = tables_release(corpus)
    tables = base.tables if base else {}
    condition = Language.with_tables(tables).compile(source, schema_of(corpus_table_near(corpus)))
    _, vocabulary = corpus_vocabulary(corpus, tables)
    return condition, condition_findings("", [("", condition)], vocabulary)


def solver_said(corpus: Corpus) -> StepsStudied | None:
    """What the last static analysis says of the steps of the rules as they stand."""
    newest = Rule.objects.filter(corpus=corpus, retired_at=None).values_list("code", "latest_id")
    return steps_studied(corpus, dict(newest), tables_release(corpus))


def _proved(
    entries: Sequence[Entry], never: Sequence[tuple[str, int]], known: Sequence[Finding]
) -> list[Finding]:
    """A finding for each step that is never reached, where lint has not come to it by itself."""
    told = {(f.code, f.place) for f in known if f.kind == Kind.SHADOWED}
    by_code = {entry.code: entry for entry in entries}
    return [proved(by_code[code], step) for code, step in never if (code, f"ladder.{step}") not in told]


@dataclass(frozen=True)
class LintSummary:
    """What a publish check says of a release's rules."""

    findings: tuple[Finding, ...]
    per_kind: Mapping[str, int]

    @property
    def errors(self) -> int:
        return sum(f.severity == Severity.ERROR for f in self.findings)

    @property
    def blockers(self) -> list[str]:
        """Why a release cannot be published: what contradicts itself whatever the corpus holds. The rest warns."""
        certain = (f for f in self.findings if f.kind in CERTAIN and f.severity == Severity.ERROR)
        return [f"{f.code}, {f.place}: {f.message}" for f in certain]

    @property
    def ok(self) -> bool:
        return not self.findings

    @property
    def message(self) -> str:
        """One sentence for a page."""
        if self.ok:
            return "Lint finds nothing."
        parts = ", ".join(f"{SHORT[Kind(kind)]} {count}" for kind, count in self.per_kind.items())
        return f"Lint finds {len(self.findings)}, {self.errors} of them errors ({parts})."


def lint_release(release: Release) -> LintSummary:
    """Findings of the rules that a release holds, over its own tables and dimensions. Never raises for a bad rule:
    a rule that cannot be compiled is for the examples' check to name.
    """
    _, vocabulary = corpus_vocabulary(release.corpus, release.tables)
    try:
        forms = release_forms(release)
        book = book_of(forms, release.tables, vocabulary, release.dimensions or dimensions_of(release.corpus))
        found = book.findings
    except RulebookError:
        found = []
    return summary_of(found)


def summary_of(found: Iterable[Finding]) -> LintSummary:
    findings = tuple(found)
    counts = {kind.value: sum(f.kind == kind for f in findings) for kind in Kind}
    return LintSummary(findings, {kind: count for kind, count in counts.items() if count})
