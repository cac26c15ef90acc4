"""A rulebook over a corpus: every rule vectorised, resolution included."""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from relevance.grades import RELEVANT, Grade
from rules.engine.rule import Rule
from rules.language import Frame, Language, View
from rules.language.columns import TRUE
from rules.language.kept_files import KeptFiles

Rows: TypeAlias = npt.NDArray[np.int64]
FRAMES = 3  # corpora and tables that a process has at hand
BLOCK = 250_000  # pairs held at once: bounds memory whatever the corpus
_LOWEST = -(2**62)
_RELEVANT_BITS = sum(1 << (g - 1) for g in RELEVANT)


@dataclass(frozen=True)
class Fired:
    """Where one rule fired: rows (n,) into the pairs, ascending, and steps (n,) from 1."""

    rows: Rows
    steps: npt.NDArray[np.int8]


@dataclass(frozen=True)
class PairVerdicts:
    """Verdicts of a rulebook over pairs, each array (pairs,).

    `grades` int8, 0 for abstain; `dimensions` int16 into `dimension_names` (0 is ""); `conflicts` bool;
    `decisive` int16 index of the first deciding rule, -1 for none; `allowed` uint8, bit g-1 for grade g, 15
    on an abstention.
    """

    grades: npt.NDArray[np.int8]
    dimensions: npt.NDArray[np.int16]
    conflicts: npt.NDArray[np.bool_]
    decisive: npt.NDArray[np.int16]
    allowed: npt.NDArray[np.uint8]
    dimension_names: tuple[str, ...]
    codes: tuple[str, ...]
    fired: dict[str, Fired]

    def allowed_at(self, row: int) -> frozenset[Grade]:
        """The grades allowed at one pair."""
        return frozenset(g for g in Grade if int(self.allowed[row]) >> (g - 1) & 1)


def asked(rule: Rule, view: View) -> tuple[Rows, View, Rows]:
    """(pairs in scope, the view that the ladder is asked of, its rows in the whole one).

    Few in scope: the ladder is asked of those alone. Many: of all pairs, so that rules can share columns.
    """
    rows = np.flatnonzero(view.truth(rule.scope.tree) == TRUE)
    if len(rows) * 2 < len(view):
        return rows, view.narrowed(rule.scope.tree, rows), rows
    return rows, view, np.arange(len(view))


def fire(rule: Rule, view: View) -> Fired:
    """Where `rule` fires over a view."""
    rows, part, place = asked(rule, view)
    steps = np.zeros(len(part), np.int8)
    open_rows = np.isin(place, rows, assume_unique=True)
    for number, step in enumerate(rule.ladder, 1):
        if not open_rows.any():
            break
        hit = open_rows & (part.truth(step.when.tree) == TRUE)
        steps[hit] = number
        open_rows &= ~hit
    found = np.flatnonzero(steps)
    return Fired(place[found], steps[found])


class Resolver:
    """Resolves the firings of one block of pairs, a few whole-column operations per rule."""

    def __init__(self, rules: Sequence[Rule], size: int, dimension_codes: Mapping[str, int]) -> None:
        self.rules = rules
        self.size = size
        self.dimension_codes = dimension_codes

    def standing(self, fired: Sequence[Fired], yields: Mapping[str, frozenset[str]]) -> list[Fired]:
        """Firings left after exceptions and priority."""
        left: list[Fired] = []
        place = {rule.code: at for at, rule in enumerate(self.rules)}
        for rule, found in zip(self.rules, fired, strict=True):
            overruled = np.zeros(self.size, bool)
            for other in yields.get(rule.code, ()):
                overruled[fired[place[other]].rows] = True
            keep = ~overruled[found.rows]
            left.append(Fired(found.rows[keep], found.steps[keep]))
        highest = np.full(self.size, _LOWEST, np.int64)
        for rule, found in zip(self.rules, left, strict=True):
            highest[found.rows] = np.maximum(highest[found.rows], rule.priority)
        kept = [highest[found.rows] == rule.priority for rule, found in zip(self.rules, left, strict=True)]
        return [Fired(f.rows[k], f.steps[k]) for f, k in zip(left, kept, strict=True)]

    def verdicts(self, standing: Sequence[Fired]) -> dict[str, Any]:
        """The columns of PairVerdicts for one block."""
        bits = np.zeros(self.size, np.uint8)
        lowest = np.full(self.size, 9, np.int8)
        for rule, found in zip(self.rules, standing, strict=True):
            grade = _per_step(rule, found)
            bits[found.rows] |= np.left_shift(1, grade - 1).astype(np.uint8)
            lowest[found.rows] = np.minimum(lowest[found.rows], grade)
        grades = np.where(lowest == 9, 0, lowest).astype(np.int8)
        decisive, dimensions = self._deciding(standing, grades)
        conflicts = ((bits & _RELEVANT_BITS) > 0) & ((bits & ~np.uint8(_RELEVANT_BITS)) > 0)
        single = np.left_shift(1, np.maximum(grades, 1) - 1)
        allowed = np.where(grades == 0, 15, np.where(conflicts, bits, single)).astype(np.uint8)
        return {
            "grades": grades, "dimensions": dimensions, "conflicts": conflicts,
            "decisive": decisive, "allowed": allowed,
        }  # fmt: skip

    def _deciding(self, standing: Sequence[Fired], grades: Any) -> tuple[Any, Any]:
        decisive = np.full(self.size, -1, np.int16)
        dimensions = np.zeros(self.size, np.int16)
        for at in range(len(self.rules) - 1, -1, -1):  # backwards, so that the first rule writes last
            rule, found = self.rules[at], standing[at]
            decides = _per_step(rule, found) == grades[found.rows]
            rows = found.rows[decides]
            decisive[rows] = at
            named = np.array([0, *(self.dimension_codes[s.dimension] for s in rule.ladder)], np.int16)
            codes = named[found.steps[decides]]
            dimensions[rows[codes > 0]] = codes[codes > 0]
        return decisive, dimensions


def _per_step(rule: Rule, found: Fired) -> npt.NDArray[np.int8]:
    grades = np.array([0, *(step.grade for step in rule.ladder)], np.int8)
    return grades[found.steps]


_frames: OrderedDict[tuple[int, int, int], tuple[Language, Frame]] = OrderedDict()
_lock = Lock()


def frame_of(language: Language, queries: pa.Table, items: pa.Table, folder: Path | None = None) -> Frame:
    """The frame of these very tables, kept with what was worked out over it: an editor asks with each keystroke."""
    key = (id(language), id(queries), id(items))  # held below, so that no other object takes their names
    with _lock:
        files = KeptFiles(folder, language.tables) if folder and language.tables is not None else None
        found = _frames.pop(key, None) or (language, Frame(queries, items, language.functions, files))
        _frames[key] = found
        while len(_frames) > FRAMES:
            _frames.popitem(last=False)
    return found[1]


def views_of(frame: Frame, pairs: tuple[Rows, Rows]) -> Iterator[tuple[int, View]]:
    """(first row, view) of each block; the only block of a small corpus is kept with its columns."""
    for start, query_rows, item_rows in _blocks(pairs):
        if len(pairs[0]) > BLOCK:
            yield start, View(frame, query_rows, item_rows)
        else:  # an array that is one already stays the same object, by which it is known again
            yield start, frame.whole(*(np.asarray(rows, np.int64) for rows in pairs))


def _blocks(pairs: tuple[Rows, Rows]) -> Iterator[tuple[int, Rows, Rows]]:
    query_rows, item_rows = (np.asarray(rows, np.int64) for rows in pairs)
    if query_rows.shape != item_rows.shape:
        raise ValueError("pairs: as many query rows as item rows")
    for start in range(0, len(query_rows), BLOCK):
        yield start, query_rows[start : start + BLOCK], item_rows[start : start + BLOCK]


def evaluate_pairs(
    rules: Sequence[Rule],
    yields: Mapping[str, frozenset[str]],
    language: Language,
    queries: pa.Table,
    items: pa.Table,
    pairs: tuple[Rows, Rows],
    known: Mapping[str, Fired],
    folder: Path | None = None,
    tick: Callable[[int], None] | None = None,
) -> PairVerdicts:
    """See Rulebook.evaluate_table."""
    frame = frame_of(language, queries, items, folder)
    names = ("", *sorted({s.dimension for rule in rules for s in rule.ladder} - {""}))
    codes = {name: at for at, name in enumerate(names)}
    parts: list[dict[str, Any]] = []
    fired: dict[str, list[Fired]] = {rule.code: [] for rule in rules}
    for start, view in views_of(frame, pairs):
        block = [_fired(rule, view, start, known) for rule in rules]
        resolver = Resolver(rules, len(view), codes)
        parts.append(resolver.verdicts(resolver.standing(block, yields)))
        for rule, found in zip(rules, block, strict=True):
            fired[rule.code].append(Fired(found.rows + start, found.steps))
        if tick is not None:
            tick(start + len(view))
    parts = parts or [Resolver(rules, 0, codes).verdicts([_NOWHERE] * len(rules))]
    return PairVerdicts(
        **{key: np.concatenate([part[key] for part in parts]) for key in parts[0]},
        dimension_names=names,
        codes=tuple(rule.code for rule in rules),
        fired={code: _joined(found) for code, found in fired.items()},
    )


def _fired(rule: Rule, view: View, start: int, known: Mapping[str, Fired]) -> Fired:
    earlier = known.get(rule.code)
    return fire(rule, view) if earlier is None else part_of(earlier, start, len(view))


def part_of(found: Fired, start: int, size: int) -> Fired:
    """The firings within one block, rows counted from its start."""
    low, high = np.searchsorted(found.rows, [start, start + size])
    return Fired(found.rows[low:high] - start, found.steps[low:high])


_NOWHERE = Fired(np.zeros(0, np.int64), np.zeros(0, np.int8))


def _joined(found: Sequence[Fired]) -> Fired:
    if not found:
        return _NOWHERE
    return Fired(np.concatenate([f.rows for f in found]), np.concatenate([f.steps for f in found]))
