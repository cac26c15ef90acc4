"""What a machine finds wrong in rules before they meet a pair: nine kinds, each with its place and a proposed mend.

Pure functions over rules in their JSON form and over what a corpus carries; `rules.lint_selectors` asks the database.
"""

from rules.lint.book import Book, Entry, lint_book, lint_rule, sorted_findings
from rules.lint.findings import KINDS, SHORT, Edit, Finding, Fix, Kind, Severity, fix_apply
from rules.lint.places import spelt
from rules.lint.shadows import proved
from rules.lint.vocabulary import NOTHING_KNOWN, Carried, Vocabulary
from rules.lint.words import condition_findings

__all__ = [
    "KINDS", "NOTHING_KNOWN", "SHORT", "Book", "Carried", "Edit", "Entry", "Finding", "Fix", "Kind", "Severity",
    "Vocabulary", "condition_findings", "fix_apply", "lint_book", "lint_rule", "proved", "sorted_findings", "spelt",
]  # fmt: skip
