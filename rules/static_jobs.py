"""Static analysis on the ledger: what the solver says of every two rules and every step, kept as the job's result."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from rules.chance_meetings import DRAWN, chance_conflicts
from rules.conflicts import JOB, RulesNow, conflicts_counted, field_types, rules_now
from rules.corpus_table import corpus_table
from rules.gaps import uncovered_counted
from rules.meetings import Meeting
from rules.models import Release
from rules.selectors import rulebook_for, versions_in
from rules.services.checks import meetings_check_write
from webapp.common.jobs import JobContext, job_kind
from webapp.common.models import Job


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
    told = _told(ctx)
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


@job_kind("rules.release_meetings", title="Rules of a release that can meet", lease_seconds=120)
def release_meetings(ctx: JobContext) -> dict[str, Any]:
    """Static analysis of the rules that a release holds, as its publish check; told all the same where it was published
    without it. What an earlier analysis said of two rules that have not changed since is taken over.
    """
    from rules.solver import Study, study_pairs  # noqa: PLC0415

    rows = Release.objects.select_related("corpus").filter(pk=ctx.arguments["release"], corpus=ctx.corpus)
    release = rows.first()
    if release is None:  # discarded meanwhile
        return {}
    ctx.progress(0, 0, "bringing queries and items together by chance")
    now = RulesNow(versions_in(release), rulebook_for(release), corpus_table(release.corpus), release)
    study = Study(now.rulebook.rules, now.rulebook.language, field_types(now.table))
    said = {"over": _read_over(release, study.types), "versions": {v.rule.code: v.pk for v in now.versions}}
    found = study_pairs(
        study, _told(ctx)("two rules at a time"), met=chance_conflicts(now), known=_known(ctx, said)
    )
    answers = [vars(answer) for answer in found]
    witnesses = [
        Meeting(a.left, a.right, a.query or {}, a.item or {}) for a in found if a.decided.value == "possible"
    ]
    counts = dict(Counter(answer.decided.value for answer in found))
    undecided = [(a.left, a.right) for a in found if a.decided.value == "not decided"]
    with ctx.fenced():
        release.refresh_from_db(fields=["state"])
        same = said["versions"] == {v.rule.code: v.pk for v in versions_in(release)}
        if release.state != Release.State.DRAFT and same:
            meetings_check_write(release, witnesses, counts, {"counts": counts, "undecided": undecided})
    return {**said, "counts": counts, "answers": answers}


def _read_over(release: Release, types: Mapping[str, str]) -> str:
    """A name for the tables and field types that an answer holds for."""
    content = json.dumps([release.tables, sorted(types.items())], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:20]


def _known(ctx: JobContext, said: dict[str, Any]) -> dict[tuple[str, str], Any]:
    """Answers of the newest analysis over the same tables about rules that are the same today."""
    from rules.solver import Decided, PairAnswer  # noqa: PLC0415

    rows = Job.objects.filter(corpus=ctx.corpus, kind="rules.release_meetings", state=Job.State.DONE)
    job = rows.filter(result__over=said["over"]).order_by("-finished_at").first()
    if job is None:
        return {}
    same = {code for code, pk in job.result["versions"].items() if said["versions"].get(code) == pk}
    return {
        (row["left"], row["right"]): PairAnswer(**{**row, "decided": Decided(row["decided"])})
        for row in job.result["answers"]
        if row["left"] in same and row["right"] in same
    }


def _told(ctx: JobContext) -> Callable[[str], Callable[[int, int], None]]:
    return lambda what: lambda done, total: ctx.progress(done, total, what)


def _reached(now: RulesNow) -> frozenset[tuple[str, int]]:
    """Steps that decide on a real pair."""
    fired = now.verdicts().fired
    return frozenset((code, int(step)) for code, found in fired.items() for step in set(found.steps.tolist()))
