"""What the rules leave out: ranges and values between a ladder's steps, and settled pairs on which no rule fires."""

from dataclasses import dataclass

import numpy as np

from catalog.models import SettledVerdict
from rules.conflicts import RulesNow
from rules.lint import Finding, Kind
from rules.lint_selectors import lint_corpus
from rules.pair_selectors import PairShown, pairs_shown
from webapp.common.models import Corpus

SHOWN = 5


@dataclass(frozen=True)
class Uncovered:
    """Settled pairs of one dimension: how many there are, on how many no rule fires, and a few of those."""

    dimension: str
    grade: int
    settled: int
    silent: int
    rows: list[PairShown]

    @property
    def share(self) -> float:
        return self.silent / self.settled if self.settled else 0.0


def ladder_gaps(corpus: Corpus) -> list[Finding]:
    """Lint's findings of this kind."""
    return [finding for finding in lint_corpus(corpus) if finding.kind == Kind.GAP]


def uncovered(corpus: Corpus, now: RulesNow) -> list[Uncovered]:
    """Per dimension (or per grade where none is named), the emptiest first; nothing where all settled pairs have a rule."""
    silent_ids = set(now.table.pair_ids[now.verdicts().grades == 0].tolist())
    groups: dict[tuple[str, int], list[int]] = {}
    rows = SettledVerdict.objects.filter(pair__corpus=corpus).order_by("pair_id")
    for pair, grade, dimension in rows.values_list("pair_id", "grade", "dimension").iterator(
        chunk_size=20_000
    ):
        named = dimension if dimension != "unstated" else ""
        groups.setdefault((named, 0 if named else grade), []).append(pair)
    found = []
    for (dimension, grade), pairs in groups.items():
        silent = [pair for pair in pairs if pair in silent_ids]
        if silent:
            chosen = [silent[int(at)] for at in np.linspace(0, len(silent) - 1, min(SHOWN, len(silent)))]
            shown = pairs_shown(corpus, chosen)
            found.append(Uncovered(dimension, grade, len(pairs), len(silent), shown))
    return sorted(found, key=lambda u: (not u.dimension, -u.silent))
