"""What a release would do to the corpus: failing examples, conflicts on real pairs, verdicts that change.

Read-only. The publish service asks this before it takes its lock, and writes down what it found.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from relevance.grades import RELEVANT, Grade, Verdict
from rules.corpus_table import CorpusTable, corpus_table, settled_grades
from rules.engine import ExampleResult, PairVerdicts, Rulebook, run_examples
from rules.models import Release
from rules.replay import Replay, replay_of
from rules.selectors import release_current, rulebook_for

ABSTAIN = ""
SHOWN = 5
Tick: TypeAlias = Callable[[int, int], None]


@dataclass(frozen=True)
class ConflictFound:
    """Rules on opposite sides of the relevant line with nothing between them, and real pairs where both stand."""

    codes: tuple[str, ...]
    pairs: int
    pair_ids: tuple[int, ...]


@dataclass(frozen=True)
class Impact:
    """A release held against what is in force.

    `changes` are (pair id, before, after) with verdicts as `[L2-colour]`; `to_look_at` is a handful of them, those
    against a settled grade first; `notices` are (rule, remark) that do not stand in the way.
    """

    base_id: int | None
    pairs: int
    failing: list[ExampleResult]
    conflicts: list[ConflictFound]
    changes: list[tuple[int, str, str]]
    covered: int
    contradicted: int
    confirmed: int
    to_look_at: list[tuple[int, str, str]]
    per_shift: dict[str, int] = field(default_factory=dict)
    notices: list[tuple[str, str]] = field(default_factory=list)
    replay: Replay | None = None

    @property
    def blockers(self) -> list[str]:
        """Why the release cannot be published, one sentence each."""
        found = [f"Example {e.number} of {e.code} fails: {e.message}." for e in self.failing]
        for conflict in self.conflicts:
            rules = " and ".join(conflict.codes)
            found.append(
                f"{rules} stand on opposite sides of the relevant line on {conflict.pairs} pairs: "
                "give one of them priority, or let it yield."
            )
        return found

    def summary(self) -> dict[str, Any]:
        """Figures for pages, the API and the audit row."""
        return {
            "pairs": self.pairs, "covered": self.covered, "changed": len(self.changes),
            "contradicted": self.contradicted, "confirmed": self.confirmed, "failing_examples": len(self.failing),
            "conflicts": len(self.conflicts), "shifts": self.per_shift,
            "replay": self.replay.summary() if self.replay else None,
        }  # fmt: skip

    def body(self) -> dict[str, Any]:
        """The figures with what stands behind them: pairs by their ids, remarks, and each failing example."""
        return {
            **self.summary(),
            "failing": [{"code": e.code, "number": e.number, "message": e.message} for e in self.failing],
            "met": [{"codes": c.codes, "pairs": c.pairs, "pair_ids": c.pair_ids} for c in self.conflicts],
            "to_look_at": self.to_look_at,
            "notices": self.notices,
        }


def release_impact(release: Release, tick: Tick | None = None) -> Impact:
    """Hold a release against the one in force over the whole corpus; `tick(done, of)` counts pairs of both readings."""
    base = release_current(release.corpus)
    rulebook, table = rulebook_for(release), corpus_table(release.corpus)
    compared = base if base is not None and base.pk != release.pk else None
    total = len(table) * (2 if compared else 1)
    after = table.evaluate(rulebook, tick=tick and (lambda done: tick(done, total)))
    before = None
    if compared is not None:
        size = len(table)
        before = table.evaluate(rulebook_for(compared), tick=tick and (lambda done: tick(size + done, total)))
    changes, changed = _changes(table, before, after)
    settled = settled_grades(release.corpus, table)
    wrong = changed & (settled > 0) & (after.grades > 0) & (settled != after.grades)
    right = changed & (settled > 0) & (settled == after.grades)
    return Impact(
        base_id=base.pk if base else None,
        pairs=len(table),
        failing=[result for result in run_examples(rulebook) if not result.passed],
        conflicts=_conflicts(rulebook, table, after),
        changes=changes,
        covered=int((after.grades > 0).sum()),
        to_look_at=_to_look_at(changes, set(table.pair_ids[wrong][: 2 * SHOWN].tolist())),
        contradicted=int(wrong.sum()),
        confirmed=int(right.sum()),
        per_shift=_shifts(before, after, changed),
        notices=_notices(rulebook, after) if len(table) else [],
        replay=replay_of(release.corpus, table.pair_ids, _grades(before, len(table)), after.grades),
    )


def _grades(verdicts: PairVerdicts | None, size: int) -> npt.NDArray[np.int8]:
    """Resolved grades (pairs,), 0 for an abstention; nothing in force says nothing anywhere."""
    return verdicts.grades if verdicts is not None else np.zeros(size, np.int8)


def _notices(rulebook: Rulebook, verdicts: PairVerdicts) -> list[tuple[str, str]]:
    """(rule, what an editor may want to know): nothing of it blocks."""
    found = []
    for rule in rulebook.rules:
        fired = verdicts.fired[rule.code]
        per_step = np.bincount(fired.steps, minlength=len(rule.ladder) + 1)
        if not len(fired.rows):
            found.append((rule.code, "fires on no pair of this corpus."))
        elif idle := [str(number) for number in range(1, len(rule.ladder) + 1) if not per_step[number]]:
            found.append((rule.code, f"never gets to step {', '.join(idle)} on any pair."))
        if missing := sorted(rule.yields_to - set(rulebook.by_code)):
            found.append((rule.code, f"yields to {', '.join(missing)}, which this release does not hold."))
        if not rule.examples:
            found.append((rule.code, "has no example."))
    return found


def _to_look_at(changes: list[tuple[int, str, str]], wrong: set[int]) -> list[tuple[int, str, str]]:
    """A few changes worth a person's eyes: those against a settled grade first."""
    first = [change for change in changes if change[0] in wrong]
    others = (change for change in changes if change[0] not in wrong)
    return (first + list(islice(others, 2 * SHOWN)))[: 2 * SHOWN]


def verdict_text(grade: int, dimension: str) -> str:
    """`[L2-colour]`, or '' for an abstention."""
    return str(Verdict(Grade(grade), dimension)) if grade else ABSTAIN


def _texts(verdicts: PairVerdicts | None, size: int) -> tuple[npt.NDArray[np.int64], dict[int, str]]:
    """Verdicts as comparable numbers (pairs,) and what each number says."""
    if verdicts is None:
        return np.zeros(size, np.int64), {0: ABSTAIN}
    numbers = verdicts.grades.astype(np.int64) * 1000 + verdicts.dimensions
    texts = {
        int(n): verdict_text(int(n) // 1000, verdicts.dimension_names[int(n) % 1000])
        for n in np.unique(numbers)
    }
    return numbers, texts


def _changes(
    table: CorpusTable, before: PairVerdicts | None, after: PairVerdicts
) -> tuple[list[tuple[int, str, str]], npt.NDArray[np.bool_]]:
    old, old_texts = _texts(before, len(table))
    new, new_texts = _texts(after, len(table))
    every = sorted({*old_texts.values(), *new_texts.values()})
    number = {text: at for at, text in enumerate(every)}
    old = _renumbered(old, old_texts, number)
    new = _renumbered(new, new_texts, number)
    changed = old != new
    rows = np.flatnonzero(changed)
    return [(int(table.pair_ids[r]), every[old[r]], every[new[r]]) for r in rows], changed


def _renumbered(
    numbers: npt.NDArray[np.int64], texts: dict[int, str], place: dict[str, int]
) -> npt.NDArray[np.int64]:
    if not len(numbers):
        return numbers
    values, inverse = np.unique(numbers, return_inverse=True)
    return np.array([place[texts[int(v)]] for v in values], np.int64)[inverse]


def _shifts(
    before: PairVerdicts | None, after: PairVerdicts, changed: npt.NDArray[np.bool_]
) -> dict[str, int]:
    """How many pairs go from which grade to which: {"none → L2": 12}."""
    old = _grades(before, len(after.grades))
    found: dict[str, int] = {}
    moves, counts = np.unique(np.stack([old[changed], after.grades[changed]]), axis=1, return_counts=True)
    for (left, right), count in zip(moves.T, counts, strict=True):
        names = [f"L{grade}" if grade else "none" for grade in (int(left), int(right))]
        found[f"{names[0]} → {names[1]}"] = int(count)
    return found


def _conflicts(rulebook: Rulebook, table: CorpusTable, verdicts: PairVerdicts) -> list[ConflictFound]:
    """Conflicts by the rules in them, the commonest first; each with a few pairs to look at."""
    groups: dict[tuple[str, ...], list[int]] = {}
    rows = np.flatnonzero(verdicts.conflicts)
    firing = _firing_at(verdicts, rows)
    for row in rows.tolist():
        groups.setdefault(_standing(rulebook, firing[row]), []).append(int(table.pair_ids[row]))
    found = [ConflictFound(codes, len(pairs), tuple(pairs[:SHOWN])) for codes, pairs in groups.items()]
    return sorted(found, key=lambda conflict: -conflict.pairs)


def _firing_at(verdicts: PairVerdicts, rows: npt.NDArray[np.int64]) -> dict[int, list[tuple[str, int]]]:
    """Per row, (code, step) of the rules that fire there."""
    found: dict[int, list[tuple[str, int]]] = {int(row): [] for row in rows}
    for code, fired in verdicts.fired.items():
        here = np.isin(fired.rows, rows)
        for row, step in zip(fired.rows[here].tolist(), fired.steps[here].tolist(), strict=True):
            found[row].append((code, step))
    return found


def _standing(rulebook: Rulebook, firing: list[tuple[str, int]]) -> tuple[str, ...]:
    """The rules that are left after exceptions and priority: one a side is enough to name the conflict."""
    fired = {code for code, _ in firing}
    left = [(code, step) for code, step in firing if not rulebook.yields.get(code, frozenset()) & fired]
    highest = max(rulebook.priorities[code] for code, _ in left)
    sides: dict[bool, str] = {}
    for code, step in left:
        if rulebook.priorities[code] == highest:
            sides.setdefault(rulebook.by_code[code].ladder[step - 1].grade in RELEVANT, code)
    return tuple(sorted(sides.values()))
