"""What the rules leave out: ranges and values between a ladder's steps, and settled pairs on which no rule fires."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from catalog.models import SettledVerdict
from rules.conflicts import RulesNow, Static
from rules.lint import Finding, Kind
from rules.lint_selectors import lint_corpus
from rules.pair_selectors import PairShown, pairs_shown
from webapp.common.models import Corpus

SHOWN = 5
Counted: TypeAlias = tuple[str, int, int, int, list[int]]


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


def uncovered_counted(corpus: Corpus, now: RulesNow) -> list[Counted]:
    """(dimension, grade, settled pairs, those without a firing, ids of a few of these) per dimension, or per grade where
    none is named (0 elsewhere).
    """
    silent_ids = set(now.table.pair_ids[now.verdicts().grades == 0].tolist())
    groups: dict[tuple[str, int], list[int]] = {}
    rows = SettledVerdict.objects.filter(pair__corpus=corpus).order_by("pair_id")
    for pair, grade, dimension in rows.values_list("pair_id", "grade", "dimension").iterator(
        chunk_size=20_000
    ):
        named = dimension if dimension != "unstated" else ""
        groups.setdefault((named, 0 if named else grade), []).append(pair)
    found: list[Counted] = []
    for (dimension, grade), pairs in groups.items():
        silent = [pair for pair in pairs if pair in silent_ids]
        if silent:
            chosen = [silent[int(at)] for at in np.linspace(0, len(silent) - 1, min(SHOWN, len(silent)))]
            found.append((dimension, grade, len(pairs), len(silent), chosen))
    return sorted(found, key=lambda group: (not group[0], -group[3]))


def uncovered(corpus: Corpus, now: RulesNow, static: Static | None) -> list[Uncovered]:
    """The emptiest first, dimensions before grades; counted now, or by the job where the corpus is large. Nothing where
    all settled pairs have a rule.
    """
    if now.large:
        counted = static.job.result.get("uncovered", []) if static else []
    else:
        counted = uncovered_counted(corpus, now)
    return [
        Uncovered(dimension, grade, settled, silent, pairs_shown(corpus, ids))
        for dimension, grade, settled, silent, ids in counted
    ]
