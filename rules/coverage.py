"""Where one rule fires over the corpus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from relevance.grades import Verdict
from rules.accuracy import Grades, RuleFigures, Share, given_grades, rule_figures, share_over_queries
from rules.beside import Neighbour, beside_of
from rules.corpus_table import (
    CorpusTable,
    Rows,
    Settled,
    corpus_table_near,
    settled_of,
)
from rules.engine import Fired, Rulebook, boundary
from rules.pair_selectors import PairShown, pairs_shown
from rules.selectors import rulebook_of, tables_release
from webapp.common.models import Corpus

PAGE = 12


@dataclass(frozen=True)
class StepCount:
    """One rung: on how many pairs it fires, and how many of those with a settled verdict agree."""

    number: int
    verdict: str
    grade: int
    dimension: str
    fired: int
    settled: int
    agreed: int


@dataclass(frozen=True)
class Coverage:
    """`otherwise` counts pairs whose settled grade is another one. `meets` are the other rules, in force or in the making,
    that fire on the same pairs. `figures` are weak supervision's own (see rules.accuracy) among all of them, with the
    accuracy on judgments made blind apart from those made with the rules in sight.
    """

    pairs: int
    fired: int
    queries: int
    otherwise: int
    steps: list[StepCount]
    rows: list[PairShown]
    next_page: int | None
    meets: list[Neighbour]
    figures: RuleFigures
    blind: Share | None
    sighted: Share | None

    @property
    def share(self) -> float | None:
        return self.fired / self.pairs if self.pairs else None


def coverage_of(
    corpus: Corpus,
    form: Mapping[str, Any],
    *,
    step: int = 0,
    wrong: bool = False,
    outside: bool = False,
    page: int = 0,
) -> Coverage:
    """Where the rule of `form` fires now. Raises RulebookError.

    `step` narrows the page of pairs to one rung, `wrong` to pairs whose settled grade is another one; `outside` shows
    those on which the rule nearly fires. The page begins with the pairs nearest the boundary; among those as near it
    goes round the queries.
    """
    table = corpus_table_near(corpus)
    code = str(form["code"])
    base = tables_release(corpus)
    rulebook = rulebook_of(base, [dict(form)])
    fired = table.evaluate(rulebook).fired[code]
    others = beside_of(corpus, table, base)
    settled, given = settled_of(corpus, table), given_grades(rulebook, code, fired)
    truth = settled.grades[fired.rows]
    otherwise = (truth > 0) & (truth != given)
    kept = (fired.steps == step) if step else np.ones(len(fired.rows), bool)
    near = _at_the_edge(
        rulebook, code, table, fired, None if outside else kept & otherwise if wrong else kept
    )
    shown = near[page * PAGE : (page + 1) * PAGE]
    return Coverage(
        pairs=len(table),
        fired=len(fired.rows),
        queries=len(np.unique(table.query_rows[fired.rows])),
        otherwise=int((otherwise & kept).sum()),
        steps=_steps(rulebook, code, fired, settled.grades),
        rows=_rows(corpus, table, fired, shown),
        next_page=page + 1 if len(near) > (page + 1) * PAGE else None,
        meets=others.neighbours(code, fired, given),
        figures=rule_figures(
            code, fired, given, others.met(code, fired, given), settled.grades, table.query_rows
        ),
        blind=_accuracy(fired, given, settled, table, blind=True),
        sighted=_accuracy(fired, given, settled, table, blind=False),
    )


def _at_the_edge(
    rulebook: Rulebook, code: str, table: CorpusTable, fired: Fired, kept: npt.NDArray[np.bool_] | None
) -> Rows:
    """Rows of pairs, those nearest the rule's boundary first: of the firings that are `kept` (n,), or of the pairs just
    outside for None. Those alike to two digits go round their queries.
    """
    edge = rulebook.by_code[code], rulebook.language, (table.queries, table.items, table.pairs)
    if kept is None:
        rows, costs = boundary.outside(*edge, fired)
    else:
        rows, costs = fired.rows[kept], boundary.inside(*edge, fired)[kept]
    around = _round_robin(np.arange(len(rows)), table.query_rows[rows])
    return rows[around[np.argsort(np.round(costs[around], 2), kind="stable")]]


def _rows(corpus: Corpus, table: CorpusTable, fired: Fired, shown: Rows) -> list[PairShown]:
    """The pairs of some rows for the page, each with the step that fires, if any."""
    steps = dict(zip(fired.rows.tolist(), fired.steps.tolist(), strict=True))
    notes = {
        int(table.pair_ids[row]): f"step {steps[row]}" if row in steps else "does not fire"
        for row in shown.tolist()
    }
    return pairs_shown(corpus, notes, notes)


def _accuracy(
    fired: Fired, given: Grades, settled: Settled, table: CorpusTable, *, blind: bool
) -> Share | None:
    """How often the rule gives the settled grade, over verdicts reached blind or with the rules in sight."""
    truth = settled.grades[fired.rows]
    here = (truth > 0) & (settled.blind[fired.rows] == blind)
    return share_over_queries((truth == given)[here], table.query_rows[fired.rows[here]])


def _round_robin(rows: npt.NDArray[np.int64], queries: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """`rows` with the first of every query first, then the second of every query; queries (all rows,)."""
    if not len(rows):
        return rows
    mine = queries[rows]
    order = np.argsort(mine, kind="stable")
    starts = np.flatnonzero(np.diff(mine[order], prepend=mine[order][0] - 1))
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    return rows[order[np.argsort(rank, kind="stable")]]


def _steps(rulebook: Rulebook, code: str, fired: Any, settled: Any) -> list[StepCount]:
    found = []
    truth = settled[fired.rows]
    for number, step in enumerate(rulebook.by_code[code].ladder, 1):
        here = fired.steps == number
        found.append(
            StepCount(
                number=number,
                verdict=str(Verdict(step.grade, step.dimension)),
                grade=int(step.grade),
                dimension=step.dimension,
                fired=int(here.sum()),
                settled=int((here & (truth > 0)).sum()),
                agreed=int((here & (truth == step.grade)).sum()),
            )
        )
    return found
