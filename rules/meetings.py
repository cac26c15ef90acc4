"""Rules of a release that can meet on opposite sides of the relevant line though no pair of the corpus brings them
together: what the check "beyond the corpus" says of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rules.engine import Reader, RulebookError
from rules.expected import check_expect
from rules.language import Language
from rules.lint import Entry
from rules.lint.findings import Finding, Kind
from rules.lint.opposite import may_conflict, said_of
from rules.models import PublishCheck, Release
from rules.selectors import release_forms

CHECK = "beyond the corpus"
SHOWN = 20
WAY_ON = "Give one of them priority, let one yield to the other, or narrow one"


@dataclass(frozen=True)
class Meeting:
    """Two rules in conflict on a pair that was made up and that the evaluator confirmed."""

    left: str
    right: str
    query: Mapping[str, Any]
    item: Mapping[str, Any]

    @property
    def sentence(self) -> str:
        pair = said_of({"query": self.query, "item": self.item})
        return f"{self.left} and {self.right} can meet on opposite sides of the relevant line: {pair}."

    def body(self) -> dict[str, Any]:
        return {"left": self.left, "right": self.right, "query": self.query, "item": self.item}


def meetings_linted(findings: Sequence[Finding]) -> list[Meeting]:
    """Those that lint has found by laying the rules' own examples over one another."""
    found = [f for f in findings if f.kind == Kind.OPPOSITE and f.witness]
    return [Meeting(f.code, f.other, f.witness["query"], f.witness["item"]) for f in found if f.witness]


def meetings_checked(release: Release) -> list[Meeting]:
    """Those that static analysis has found, where it has looked."""
    row = PublishCheck.objects.filter(release=release, name=CHECK).first()
    return [Meeting(**said) for said in row.content.get("witnesses", [])] if row else []


def meetings_of(release: Release, linted: Sequence[Meeting]) -> list[Meeting]:
    """Of both, each two rules once."""
    found = {frozenset((m.left, m.right)): m for m in [*meetings_checked(release), *linted]}
    return sorted(found.values(), key=lambda m: (m.left, m.right))


def meetings_possible(release: Release) -> bool:
    """Whether static analysis has anything to look at: two open rules that plain facts do not keep apart."""
    try:
        reader = Reader(Language.with_tables(release.tables))
        entries = [Entry(reader.rule(form)) for form in release_forms(release)]
    except RulebookError:
        return False
    pairs = ((left, right) for at, left in enumerate(entries) for right in entries[at + 1 :])
    return any(may_conflict(left, right) for left, right in pairs)


check_expect(CHECK, meetings_possible)
