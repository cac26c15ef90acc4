"""One rule among others, or a whole rulebook, held against all nine kinds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rules.engine import Reader, Rule
from rules.language import nodes as n
from rules.lint import examples, exceptions, filing, gaps, numbers, opposite, shadows, words
from rules.lint.findings import Finding, Kind, Severity
from rules.lint.logic import Branches, branches, canonical, conjoined
from rules.lint.vocabulary import NOTHING_KNOWN, Vocabulary

_ORDER = {Severity.ERROR: 0, Severity.WARNING: 1}


@dataclass(frozen=True)
class Entry:
    """A compiled rule with what is worked out of it once."""

    rule: Rule

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def asks(self) -> tuple[n.Node, ...]:
        """All that decides where the rule fires, and at which step."""
        return self.rule.scope.tree, *(step.when.tree for step in self.rule.ladder)

    @cached_property
    def scope(self) -> Branches | None:
        return branches(self.rule.scope.tree)

    @cached_property
    def steps(self) -> tuple[Branches | None, ...]:
        """Per step the branches of its own condition."""
        return tuple(branches(step.when.tree) for step in self.rule.ladder)

    @cached_property
    def fires(self) -> tuple[Branches | None, ...]:
        """Per step the branches of scope and condition together."""
        return tuple(conjoined(self.rule.scope.tree, step.when.tree) for step in self.rule.ladder)

    @cached_property
    def keys(self) -> tuple[object, ...]:
        """Per step a name for what it asks, equal where two steps ask the same; None where too much is asked."""
        return tuple(canonical(found) if found else None for found in self.fires)


class Book:
    """Rules compiled once, to be linted one after the other. Made over one release's tables and one vocabulary.

    Raises RulebookError where a rule cannot be compiled.
    """

    def __init__(
        self,
        forms: Iterable[Mapping[str, Any]],
        reader: Reader,
        vocabulary: Vocabulary = NOTHING_KNOWN,
        dimensions: Sequence[str] = (),
    ) -> None:
        self.reader = reader
        self.vocabulary = vocabulary
        self.dimensions = tuple(dimensions)
        self.entries = [Entry(reader.rule(form)) for form in forms]

    @cached_property
    def findings(self) -> list[Finding]:
        """`lint_book` of this book, worked out once."""
        return lint_book(self)

    def without(self, code: str) -> list[Entry]:
        """All but one rule."""
        return [entry for entry in self.entries if entry.code != code]


def lint_rule(form: Mapping[str, Any], book: Book) -> list[Finding]:
    """Findings of one rule, as typed, among the other rules of the book. Raises RulebookError."""
    entry = Entry(book.reader.rule(form))
    others = book.without(entry.code)
    found = _alone(entry, book)
    known = {other.code: other.rule.yields_to for other in others} | {entry.code: entry.rule.yields_to}
    found += exceptions.findings(entry, known)
    for other in others:
        found += opposite.findings(entry, other, book.reader)
    return sorted_findings(found)


def lint_book(book: Book) -> list[Finding]:
    """Findings of all rules; one that concerns two rules is told once, of the first."""
    found: list[Finding] = []
    known = {entry.code: entry.rule.yields_to for entry in book.entries}
    for at, entry in enumerate(book.entries):
        found += _alone(entry, book)
        found += exceptions.findings(entry, known)
        for other in book.entries[at + 1 :]:
            found += opposite.findings(entry, other, book.reader)
    return sorted_findings(found, book)


def _alone(entry: Entry, book: Book) -> list[Finding]:
    return [
        *examples.findings(entry, book.reader),
        *numbers.findings(entry),
        *gaps.findings(entry, book.vocabulary),
        *shadows.findings(entry),
        *words.findings(entry, book.vocabulary),
        *filing.findings(entry, book.dimensions),
    ]


def sorted_findings(found: list[Finding], book: Book | None = None) -> list[Finding]:
    """By rule in the order of `book`, errors first, then by kind and place."""
    kinds = list(Kind)
    places = {entry.code: at for at, entry in enumerate(book.entries)} if book else {}
    return sorted(
        found, key=lambda f: (places.get(f.code, 0), _ORDER[f.severity], kinds.index(f.kind), f.place)
    )
