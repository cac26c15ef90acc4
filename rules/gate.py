"""What stands in a release's way: its impact on the corpus, lint of its rules, and examples of its tables. Read-only."""

from dataclasses import dataclass
from typing import Any

from rules.impact import Impact, Tick, release_impact
from rules.lint_selectors import LintSummary, lint_release
from rules.meetings import Meeting, meetings_linted, meetings_of
from rules.models import Release
from rules.table_selectors import tables_failing


@dataclass(frozen=True)
class Gate:
    """A release held against what is in force. `others` are findings of its tables and of lint that block it,
    `meetings` rules that can be in conflict beyond the corpus.
    """

    impact: Impact
    lint: LintSummary
    others: list[str]
    meetings: list[Meeting]

    @property
    def reasons(self) -> list[str]:
        """Why it cannot be published, a sentence each."""
        return [*self.impact.blockers, *self.others]

    def body(self) -> dict[str, Any]:
        """All of it for a page, the API and the ledger."""
        return {
            **self.impact.body(),
            "others": self.others,
            "blockers": self.reasons,
            "lint": self.lint.message,
        }


def gate_of(release: Release, tick: Tick | None = None) -> Gate:
    """Hold a release against the corpus; `tick(done, of)` is told how far that has come."""
    impact = release_impact(release, tick)
    lint = lint_release(release)
    others = [*tables_failing(release), *lint.blockers]
    return Gate(impact, lint, others, meetings_of(release, meetings_linted(lint.findings)))
