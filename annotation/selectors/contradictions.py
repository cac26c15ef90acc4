"""Standing judgments that a release in review would contradict: what it changes held against what people said."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from annotation.models import Gold
from annotation.selectors.judgments import effective_judgments
from rules.corpus_table import corpus_table
from rules.models import Release
from rules.selectors import release_current, rulebook_for

BATCH = 20_000


@dataclass(frozen=True)
class ContradictedPair:
    """One pair: the verdict the release would give, and what people had said ("L4, L3")."""

    pair: int
    after: str
    answers: str
    gold: bool


@dataclass(frozen=True)
class Contradicted:
    """Counts over judgments; `looked_at` are the standing judgments on pairs whose verdict changes."""

    judgments: int = 0
    looked_at: int = 0
    grades: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    pairs: list[ContradictedPair] = field(default_factory=list)


def changed_pairs(release: Release) -> dict[int, tuple[int, str]]:
    """pair -> (grade, deciding rule) under `release` where its grade is not the one in force; abstentions left out."""
    table = corpus_table(release.corpus)
    after = table.evaluate(rulebook_for(release))
    current = release_current(release.corpus)
    before = np.zeros(len(table), np.int8)
    if current is not None and current.pk != release.pk:
        before = table.evaluate(rulebook_for(current)).grades
    rows = np.flatnonzero((after.grades > 0) & (after.grades != before))
    return {
        int(table.pair_ids[row]): (
            int(after.grades[row]),
            after.codes[after.decisive[row]] if after.decisive[row] >= 0 else "",
        )
        for row in rows
    }


def contradicted(release: Release) -> Contradicted:
    """Judgments that stand today and would not agree with a verdict this release changes."""
    changed = changed_pairs(release)
    found, looked_at, judgments = Contradicted(), 0, 0
    said: dict[int, list[int]] = {}
    wanted = sorted(changed)
    for start in range(0, len(wanted), BATCH):
        rows = effective_judgments(release.corpus).filter(pair_id__in=wanted[start : start + BATCH])
        for pair, grade, person in rows.values_list("pair_id", "grade", "person__display_name"):
            looked_at += 1
            after, code = changed[pair]
            if grade == after:
                continue
            judgments += 1
            found.grades[f"L{grade} to L{after}"] += 1
            found.rules[code or "none"] += 1
            found.people[person] += 1
            said.setdefault(pair, []).append(int(grade or 0))
    gold = set(Gold.objects.filter(pair__in=list(said)).values_list("pair_id", flat=True))
    pairs = [
        ContradictedPair(
            pair, f"L{changed[pair][0]}", ", ".join(f"L{grade}" for grade in grades), pair in gold
        )
        for pair, grades in said.items()
    ]
    return Contradicted(judgments, looked_at, found.grades, found.rules, found.people, pairs)
