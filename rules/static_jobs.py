"""Static analysis on the ledger: what the solver says of every two rules and every step, kept as the job's result."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from rules.chance_meetings import DRAWN, chance_conflicts
from rules.conflicts import JOB, RulesNow, conflicts_counted, field_types, rules_now
from rules.gaps import uncovered_counted
from webapp.common.jobs import JobContext, job_kind


@job_kind(JOB, title="Conflicts beyond the corpus", lease_seconds=120)
def static_conflicts(ctx: JobContext) -> dict[str, Any]:
    """Conflicts and settled pairs without a rule, counted on the corpus; pairs of rules under the solver (bounded in
    time, "not decided" counted) that chance has not brought together before; and steps that nothing reaches.
    """
    # The solver takes 30 MB: only a worker that runs it loads it.
    from rules.solver import Study, study_pairs, study_steps  # noqa: PLC0415

    if ctx.corpus is None:
        return {}
    ctx.progress(0, 0, "counting conflicts on real pairs")
    now = rules_now(ctx.corpus, near=False)
    counted = conflicts_counted(now)
    study = Study(now.rulebook.rules, now.rulebook.language, field_types(now.table))
    told = partial(_told, ctx)
    pairs = study_pairs(study, told("two rules at a time"), met=chance_conflicts(now))
    steps = study_steps(study, told("steps that nothing reaches"), reached=_reached(now))
    return {
        "versions": sorted(version.pk for version in now.versions),
        "base": now.reading,
        "counted": counted,
        "uncovered": uncovered_counted(ctx.corpus, now),
        "counts": dict(Counter(answer.decided.value for answer in pairs)),
        "drawn": DRAWN,
        "pairs": [
            {"left": a.left, "right": a.right, "decided": a.decided.value, "query": a.query, "item": a.item}
            for a in pairs if a.decided.value != "impossible"
        ],
        "steps": [{"rule": s.code, "step": s.step, "decided": s.decided.value} for s in steps],
    }  # fmt: skip


def _told(ctx: JobContext, what: str) -> Callable[[int, int], None]:
    return lambda done, total: ctx.progress(done, total, what)


def _reached(now: RulesNow) -> frozenset[tuple[str, int]]:
    """Steps that decide on a real pair."""
    fired = now.verdicts().fired
    return frozenset((code, int(step)) for code, found in fired.items() for step in set(found.steps.tolist()))
