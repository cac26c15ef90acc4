"""What a rule that is being written would live beside: the newest version of every rule that is not retired."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from relevance.grades import Grade
from rules.accuracy import Flags, Grades, Meeting
from rules.corpus_table import CorpusTable
from rules.engine import Fired
from rules.fired_files import fired_keep, fired_known, fired_name
from rules.language import Language
from rules.models import Release, ReleaseEntry, Rule, RuleVersion
from rules.selectors import EXAMPLES, release_current, rulebook_of, version_form
from webapp.common.models import Corpus

IN_FORCE, NOT_IN_FORCE = "in force", "not in force"
KEPT = 4  # states of a corpus's rules that a process has counted


@dataclass(frozen=True)
class Neighbour:
    """A rule that fires on some of the same `pairs`, on `apart` of them with another grade. `state` is that of its newest
    version: in force, in review, draft; or not in force, where an earlier release was put back.
    """

    code: str
    state: str
    pairs: int
    apart: int


@dataclass(frozen=True)
class Beside:
    """Per rule (by code) the state of its newest version, where that fires, and the grade (n,) it gives there."""

    states: Mapping[str, str]
    fired: Mapping[str, Fired]
    given: Mapping[str, Grades]
    meeting: Meeting

    def met(self, code: str, fired: Fired, given: Grades) -> tuple[Flags, Flags]:
        """What `Meeting.others` says of a rule as it is typed; the version of it that is kept is no other rule."""
        return self.meeting.others(fired.rows, given, self.fired.get(code), self.given.get(code))

    def neighbours(self, code: str, fired: Fired, given: Grades, most: int = 8) -> list[Neighbour]:
        """The rules that a rule as it is typed meets, the commonest first."""
        mine = np.zeros(len(self.meeting.counts), np.int8)
        mine[fired.rows] = given
        found = []
        for other, where in self.fired.items():
            here = mine[where.rows]
            both = here > 0
            if other != code and (pairs := int(both.sum())):
                apart = int((both & (here != self.given[other])).sum())
                found.append(Neighbour(other, self.states[other], pairs, apart))
        return sorted(found, key=lambda neighbour: -neighbour.pairs)[:most]


def beside_of(corpus: Corpus, table: CorpusTable, base: Release | None) -> Beside:
    """The rules as they stand, over the tables of `base`. Raises RulebookError.

    Only rules written since the last time are asked: an editor waits for this with each keystroke.
    """
    newest = _newest(corpus)
    return Beside(_states(corpus, newest), *_counted(base, table, {code: pk for code, pk, _ in newest}))


def rule_states(corpus: Corpus) -> dict[str, str]:
    """How far the newest version of each rule (by code) has come; see `Neighbour.state`."""
    return _states(corpus, _newest(corpus))


def _newest(corpus: Corpus) -> list[tuple[str, int, str]]:
    """(code, newest version, its state) of every rule that is not retired."""
    rows = Rule.objects.filter(corpus=corpus, retired_at=None).exclude(latest=None).order_by("id")
    return list(rows.values_list("code", "latest_id", "latest__state"))


def _states(corpus: Corpus, newest: Iterable[tuple[str, int, str]]) -> dict[str, str]:
    current = release_current(corpus)
    entries = ReleaseEntry.objects.filter(release=current) if current else ReleaseEntry.objects.none()
    in_force = set(entries.values_list("rule_version_id", flat=True))
    return {code: IN_FORCE if pk in in_force else _state(state) for code, pk, state in newest}


def _state(state: str) -> str:
    said = RuleVersion.State(state)
    return NOT_IN_FORCE if said == RuleVersion.State.PUBLISHED else str(said.label).lower()


_counts: OrderedDict[tuple[Any, ...], tuple[dict[str, Fired], dict[str, Grades], Meeting]] = OrderedDict()


def _counted(
    base: Release | None, table: CorpusTable, newest: Mapping[str, int]
) -> tuple[dict[str, Fired], dict[str, Grades], Meeting]:
    """(where each rule fires, the grades it gives there, how they meet); worked out once for these versions and tables."""
    language = Language.with_tables(base.tables if base else {})
    key = (table.revision, language.mark, tuple(newest.items()))
    if key not in _counts:
        fired = _fired(base, table, newest, language)
        ladders = dict(RuleVersion.objects.filter(pk__in=newest.values()).values_list("pk", "ladder"))
        given = {code: _grades(ladders[pk])[fired[code].steps] for code, pk in newest.items()}
        meeting = Meeting(len(table))
        for code, where in fired.items():
            meeting.add(where.rows, given[code])
        _counts[key] = fired, given, meeting
        while len(_counts) > KEPT:
            _counts.popitem(last=False)
    return _counts[key]


def _grades(ladder: Sequence[Mapping[str, Any]]) -> Grades:
    return np.array([0, *(Grade[step["grade"]] for step in ladder)], np.int8)


def _fired(
    base: Release | None, table: CorpusTable, newest: Mapping[str, int], language: Language
) -> dict[str, Fired]:
    names = {code: fired_name(pk, language) for code, pk in newest.items()}
    known = fired_known(table, names.values())
    missing = [pk for code, pk in newest.items() if names[code] not in known]
    if missing:
        rows = RuleVersion.objects.filter(pk__in=missing).select_related("rule").prefetch_related(EXAMPLES)
        found = table.evaluate(rulebook_of(base, [version_form(version) for version in rows])).fired
        known |= {names[code]: fired for code, fired in found.items()}
        fired_keep(table, known)
    return {code: known[name] for code, name in names.items()}
