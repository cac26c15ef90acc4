"""Rules in conflict as pairs of rules with real items, and what the ladders and the rulebook leave out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from relevance.grades import RELEVANT
from rules.corpus_table import CorpusTable, corpus_table, corpus_table_near, schema_of
from rules.engine import Fired, PairVerdicts, Rule, Rulebook, clashes
from rules.fired_files import fired_keep, fired_known, fired_name
from rules.models import Release, RuleVersion
from rules.pair_selectors import PairShown, pairs_shown
from rules.selectors import latest_versions, rulebook_of, tables_release, version_form
from webapp.common.models import Corpus, Job

SHOWN = 5
LIVE = 5_000_000  # pairs x rules that a page evaluates by itself; past this a job does
JOB = "rules.static_conflicts"


@dataclass(frozen=True)
class Conflict:
    """Two rules on opposite sides of the relevant line with nothing between them.

    `pairs` counts real pairs where both stand; `rows` are a few of them; `witness` is a pair that static analysis found
    and the evaluator confirmed.
    """

    left: Rule
    right: Rule
    pairs: int
    rows: list[PairShown] = field(default_factory=list)
    witness: Mapping[str, Any] | None = None

    @property
    def sides(self) -> list[tuple[Rule, str]]:
        """(rule, its grades) of both."""
        return [(rule, ", ".join(_grades(rule))) for rule in (self.left, self.right)]


@dataclass(frozen=True)
class Static:
    """What the last static analysis said. `stale`: rules or tables were written since."""

    job: Job
    stale: bool

    @property
    def counts(self) -> Mapping[str, int]:
        found: Mapping[str, int] = self.job.result.get("counts", {})
        return found

    @property
    def drawn(self) -> int:
        """How many queries and items were brought together by chance."""
        return int(self.job.result.get("drawn", 0))

    @property
    def undecided(self) -> list[tuple[str, str]]:
        return [
            (a["left"], a["right"]) for a in self.job.result.get("pairs", []) if a["decided"] == "not decided"
        ]


def _grades(rule: Rule) -> list[str]:
    return sorted({step.grade.name for step in rule.ladder}, reverse=True)


@dataclass(frozen=True)
class RulesNow:
    """The newest versions of all rules, compiled, over the corpus as it stands."""

    versions: list[RuleVersion]
    rulebook: Rulebook
    table: CorpusTable
    base: Release | None

    @property
    def large(self) -> bool:
        return len(self.table) * len(self.versions) > LIVE

    @property
    def reading(self) -> list[int]:
        """Of what it was read over: see Release.reading."""
        return self.base.reading if self.base else []

    def verdicts(self) -> PairVerdicts:
        """Over all pairs; rules that have not changed since they were last asked are not asked again."""
        names = {v.rule.code: fired_name(v.pk, self.rulebook.language) for v in self.versions}
        kept = fired_known(self.table, names.values())
        known = {code: kept[name] for code, name in names.items() if name in kept}
        found = self.table.evaluate(self.rulebook, known)
        if len(known) < len(names):
            fired_keep(self.table, {names[code]: fired for code, fired in found.fired.items()})
        return found


def rules_now(corpus: Corpus, *, near: bool = True) -> RulesNow:
    """Raises RulebookError where a rule no longer compiles over the tables in force."""
    versions = latest_versions(corpus)
    base = tables_release(corpus)
    rulebook = rulebook_of(base, [version_form(version) for version in versions])
    return RulesNow(versions, rulebook, corpus_table_near(corpus) if near else corpus_table(corpus), base)


def conflicts_counted(now: RulesNow) -> list[tuple[str, str, int, list[int], list[str]]]:
    """(rule, rule, pairs, ids of a few of them, what both rules say of each) of rules that stand against one another on
    real pairs.
    """
    verdicts = now.verdicts()
    found = []
    for c in clashes(now.rulebook.rules, now.rulebook.yields, verdicts.fired, verdicts.conflicts):
        rows = _spread(c.rows, now.table.query_rows)
        both = [_says(now.rulebook.by_code[code], verdicts.fired[code], rows) for code in (c.left, c.right)]
        said = [", ".join(pair) for pair in zip(*both, strict=True)]
        found.append((c.left, c.right, len(c.rows), now.table.pair_ids[rows].tolist(), said))
    return found


def _says(rule: Rule, fired: Fired, rows: Any) -> list[str]:
    """ "R01 L2" for each of `rows`, at all of which the rule fires."""
    steps = fired.steps[np.searchsorted(fired.rows, rows)]
    return [f"{rule.code} {rule.ladder[step - 1].grade.name}" for step in steps.tolist()]


def _spread(rows: Any, query_rows: Any) -> Any:
    """A few of `rows`, of as many queries as can be."""
    _, first = np.unique(query_rows[rows], return_index=True)
    chosen = np.concatenate([rows[np.sort(first)], np.delete(rows, first)])
    return chosen[:SHOWN]


def conflict_rows(corpus: Corpus, now: RulesNow, static: Static | None) -> list[Conflict]:
    """Conflicts on real pairs (counted now, or by the job where the corpus is large), then those with a witness alone."""
    if now.large:
        counted = static.job.result.get("counted", []) if static else []
    else:
        counted = conflicts_counted(now)
    rules = now.rulebook.by_code
    witnesses = {(a["left"], a["right"]): a for a in (static.job.result.get("pairs", []) if static else [])}
    found = []
    for left, right, pairs, ids, *said in counted:  # a job of an earlier version may not have said it
        if left in rules and right in rules and still_open(rules[left], rules[right], now.rulebook.yields):
            shown = pairs_shown(corpus, ids, dict(zip(ids, *said, strict=True)) if said else {})
            found.append(
                Conflict(rules[left], rules[right], pairs, shown, witnesses.pop((left, right), None))
            )
    for (left, right), answer in witnesses.items():
        if (
            answer["decided"] == "possible"
            and left in rules
            and right in rules
            and still_open(rules[left], rules[right], now.rulebook.yields)
        ):
            found.append(Conflict(rules[left], rules[right], 0, [], answer))
    return found


def still_open(left: Rule, right: Rule, yields: Mapping[str, frozenset[str]]) -> bool:
    """Whether neither priority nor an exception that holds (`yields`: one in a circle does not) decides between two rules
    with grades on both sides.
    """
    if left.priority != right.priority or left.code in yields[right.code] or right.code in yields[left.code]:
        return False
    return any((a.grade in RELEVANT) != (b.grade in RELEVANT) for a in left.ladder for b in right.ladder)


def static_last(corpus: Corpus, now: RulesNow) -> Static | None:
    """The newest finished static analysis."""
    rows = Job.objects.filter(corpus=corpus, kind=JOB, state=Job.State.DONE).order_by("-finished_at")
    job = rows.first()
    if job is None:
        return None
    asked = (sorted(version.pk for version in now.versions), now.reading)
    return Static(job, (job.result.get("versions"), job.result.get("base")) != asked)


@dataclass(frozen=True)
class StepsStudied:
    """What the last static analysis says of steps that decide no pair it knows: (code, step) from 1. Of rules written
    since, or over other tables, it says nothing.
    """

    at: datetime
    never: list[tuple[str, int]]
    undecided: list[tuple[str, int]]


def steps_studied(
    corpus: Corpus, newest: Mapping[str, int | None], base: Release | None
) -> StepsStudied | None:
    """`newest` names the version in hand of each rule. None before the first analysis over the tables of `base`."""
    rows = Job.objects.filter(corpus=corpus, kind=JOB, state=Job.State.DONE).order_by("-finished_at")
    parts = ("finished_at", "result__base", "result__versions", "result__steps")
    found = rows.values_list(*parts).first()
    if found is None or found[1] != (base.reading if base else []):
        return None
    at, _, versions, steps = found
    said: dict[str, list[tuple[str, int]]] = {}
    for step in steps or []:
        if newest.get(step["rule"]) in set(versions or []):
            said.setdefault(step["decided"], []).append((step["rule"], step["step"]))
    return StepsStudied(at, said.get("impossible", []), said.get("not decided", []))


def static_running(corpus: Corpus) -> Job | None:
    """The static analysis that waits or runs."""
    states = (Job.State.QUEUED, Job.State.RUNNING)
    return Job.objects.filter(corpus=corpus, kind=JOB, state__in=states).first()


def field_types(table: CorpusTable) -> dict[str, str]:
    """The corpus's field types for static analysis; a field of several types is left open."""
    return {name: kind for name, kind in schema_of(table).fields.items() if kind != "any"}
