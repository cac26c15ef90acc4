"""Which answers belong to which slice: rules that fire (by version), their dimensions, weeks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from annotation.figures.answers import Answers
from rules.corpus_table import CorpusTable, corpus_table
from rules.models import Release, RuleVersion
from rules.selectors import release_current, rulebook_for
from webapp.common.models import Corpus

Mask = npt.NDArray[np.bool_]
MOST_RELEASES = 6  # whose rulebooks are run: the ones most answers were given under
MOST_WEEKS = 26


@dataclass(frozen=True)
class Slice:
    """One slice of the answers. `kind` is overall, rule, dimension or week."""

    kind: str
    key: str
    label: str
    keep: Mask


@dataclass
class RuleSlice:
    """The answers given while a rule version stood and fired on their pair, gathered over releases."""

    version: RuleVersion
    keep: Mask


def slices_of(corpus: Corpus, answers: Answers) -> Iterator[Slice]:
    """Overall, by rule version, by dimension, by week; in that order."""
    yield Slice("overall", "", "All answers", np.ones(len(answers), bool))
    rules = rule_slices(corpus, answers)
    for code, found in sorted(rules.items()):
        yield Slice("rule", code, f"{code}: {found.version.title}"[:200], found.keep)
    by_dimension: dict[str, Mask] = {}
    for found in rules.values():
        name = found.version.dimension or "unstated"
        by_dimension[name] = by_dimension.get(name, np.zeros(len(answers), bool)) | found.keep
    for name, keep in sorted(by_dimension.items()):
        yield Slice("dimension", name, name, keep)
    yield from _weeks(answers)


def _weeks(answers: Answers) -> Iterator[Slice]:
    """A pair belongs to the week in which its last answer came: then it could first be compared."""
    weeks = answers.weeks()
    last = np.full(len(answers.pairs), np.datetime64("1970-01-01"), "datetime64[D]")
    np.maximum.at(last, answers.pair, weeks)
    of_answer = last[answers.pair]
    for week in np.unique(of_answer)[-MOST_WEEKS:]:
        yield Slice("week", str(week), f"week of {week}", of_answer == week)


def rule_slices(corpus: Corpus, answers: Answers) -> dict[str, RuleSlice]:
    """ "R17 v3" -> the answers given under a release that holds that version, on pairs where it fires.

    Answers under an external guideline saw no rule; they are held against the release in force.
    """
    current = release_current(corpus)
    if current is None or not len(answers):
        return {}
    table, found = corpus_table(corpus), dict[str, RuleSlice]()
    rows = _table_rows(table, answers)
    for release, keep in _by_release(answers, current):
        fired = table.evaluate(rulebook_for(release)).fired
        for entry in release.entries.select_related("rule_version__rule"):
            version = entry.rule_version
            code = version.rule.code
            if code not in fired:
                continue
            fires = np.zeros(len(table) + 1, bool)
            fires[fired[code].rows] = True
            mask = fires[rows][answers.pair] & keep
            key = f"{code} v{version.number}"
            have = found.setdefault(key, RuleSlice(version, np.zeros(len(answers), bool)))
            have.keep |= mask
    return {key: have for key, have in found.items() if have.keep.any()}


def _table_rows(table: CorpusTable, answers: Answers) -> npt.NDArray[np.int64]:
    """Each judged pair's row in the corpus's table; the row past its end where it is not there (a deleted item)."""
    order = np.argsort(table.pair_ids, kind="stable")
    if not len(order):
        return np.zeros(len(answers.pairs), np.int64)
    place = np.clip(np.searchsorted(table.pair_ids, answers.pairs, sorter=order), 0, len(order) - 1)
    rows = order[place]
    return np.where(table.pair_ids[rows] == answers.pairs, rows, len(table))


def _by_release(answers: Answers, current: Release) -> Iterator[tuple[Release, Mask]]:
    ids, counts = np.unique(answers.release, return_counts=True)
    most = ids[np.argsort(-counts)][:MOST_RELEASES]
    releases = Release.objects.in_bulk([int(pk) for pk in most])
    external = [pk for pk in most if releases[int(pk)].external]
    own = [pk for pk in most if not releases[int(pk)].external]
    for pk in own:
        keep = answers.release == pk
        if pk == current.pk:
            keep = keep | np.isin(answers.release, external)
        yield releases[int(pk)], keep
    if current.pk not in own and external:
        yield current, np.isin(answers.release, external)
