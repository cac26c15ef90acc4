"""Long work of this room, on the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
from django.utils import timezone

from rules.beside import beside_of
from rules.corpus_table import CorpusTable, corpus_table, settled_grades
from rules.engine import Fired, Rulebook
from rules.gate import gate_of
from rules.impact import Tick
from rules.impact_kept import impact_marks
from rules.models import FiringStatistic, PublicationPlan, Release, RuleVersion
from rules.selectors import (
    latest_versions,
    rulebook_of,
    tables_release,
    version_form,
    versions_in,
)
from rules.services import publication_plan_run, release_publish, release_rollback
from rules.services.checks import checks_write
from webapp.common.errors import Conflict
from webapp.common.jobs import JobContext, job_kind
from webapp.common.models import Corpus

BATCH = 25  # rules evaluated between two signs of life


@job_kind("rules.statistics", title="Statistics of the rules", lease_seconds=120)
def statistics(ctx: JobContext) -> dict[str, Any]:
    """Firing figures of rule versions: those named, those of a release, or the newest of every rule."""
    if ctx.corpus is None:
        return {}
    versions = _versions(ctx.corpus, ctx.arguments)
    if versions:
        _table_ready(ctx)
    table = corpus_table(ctx.corpus)
    settled = settled_grades(ctx.corpus, table)
    for start in range(0, len(versions), BATCH):
        ctx.progress(start, len(versions), "counting where rules fire")
        rows = statistics_of(ctx.corpus, versions[start : start + BATCH], table, settled)
        with ctx.fenced():
            FiringStatistic.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["rule_version"],
                update_fields=["pairs", "fired", "per_step", "settled", "agreed", "computed_at"],
            )
    beside_of(
        ctx.corpus, table, tables_release(ctx.corpus)
    )  # writes the file that editors' counts begin with
    return {"rules": len(versions), "pairs": len(table)}


@job_kind("rules.release_impact", title="What a release would do", lease_seconds=120)
def impact(ctx: JobContext) -> dict[str, Any]:
    """Hold a release against the corpus; the outcome is the job's result, and the publish checks of one in review."""
    release = Release.objects.select_related("corpus").filter(
        pk=ctx.arguments["release"], corpus=ctx.corpus
    ).first()  # fmt: skip
    if release is None:  # discarded meanwhile
        return {}
    _table_ready(ctx)
    marks = impact_marks(release)
    gate = gate_of(release, _comparing(ctx))
    with ctx.fenced():
        release.refresh_from_db(fields=["state"])
        # where something has moved meanwhile, whoever moved it has asked for another look
        if release.state != Release.State.PUBLISHED and marks == impact_marks(release):
            checks_write(release, gate.impact, gate.lint)
    return {**gate.body(), "marks": marks}


def _comparing(ctx: JobContext) -> Tick:
    return lambda done, of: ctx.progress(done, of, "comparing verdicts before and after")


@job_kind("rules.release_publish", title="Publishing of a release", lease_seconds=120, max_attempts=2)
def publish(ctx: JobContext) -> dict[str, Any]:
    """Publish a release whose corpus is too large to be compared while a page waits."""
    release = Release.objects.select_related("corpus").get(pk=ctx.arguments["release"], corpus=ctx.corpus)
    if release.state == Release.State.PUBLISHED:  # an attempt before this one got through
        return {"release": release.number}
    _table_ready(ctx)
    with _refused_once():
        given = _given(ctx, "override", "accepted", "unchecked")
        release_publish(release=release, actor=ctx.actor, tick=_comparing(ctx), **given)
    return {"release": release.number}


@job_kind("rules.release_rollback", title="Roll back of a release", lease_seconds=120, max_attempts=2)
def rollback(ctx: JobContext) -> dict[str, Any]:
    """Put an earlier release in force again, where the comparison is too long for a page."""
    release = Release.objects.select_related("corpus").get(pk=ctx.arguments["release"], corpus=ctx.corpus)
    _table_ready(ctx)
    with _refused_once():
        given = _given(ctx, "override", "accepted")
        release_rollback(release=release, actor=ctx.actor, tick=_comparing(ctx), **given)
    return {"release": release.number}


def _given(ctx: JobContext, *names: str) -> dict[str, Any]:
    return {name: str(ctx.arguments.get(name, "")) for name in ("reason", *names)}


@contextmanager
def _refused_once() -> Iterator[None]:
    """A refusal is the outcome: asked again in a few seconds, it would be the same."""
    try:
        yield
    except Conflict as refusal:
        refusal.final = True
        raise


@job_kind("rules.release_planned", title="Planned release", lease_seconds=120)
def planned(ctx: JobContext) -> dict[str, Any]:
    """A planned publication whose time has come; a refusal is an outcome, not a failure of the job."""
    plan = PublicationPlan.objects.select_related("release__corpus", "actor").get(pk=ctx.arguments["plan"])
    _table_ready(ctx)
    ctx.progress(0, 1, "comparing verdicts before and after")
    plan = publication_plan_run(plan=plan)
    return {"release": plan.release.number, "state": plan.state, "outcome": plan.outcome}


def statistics_of(
    corpus: Corpus, versions: list[RuleVersion], table: CorpusTable, settled: npt.NDArray[np.int8]
) -> list[FiringStatistic]:
    """Unsaved statistics of versions over the table; `settled` (pairs,) holds grades, 0 for none."""
    # Named by version, not by code: two versions of one rule may be asked about at once.
    forms = [{**version_form(version), "code": f"v{version.pk}", "yields_to": []} for version in versions]
    rulebook = rulebook_of(tables_release(corpus), forms)
    fired = table.evaluate(rulebook).fired
    return [_statistic(version, rulebook, fired[f"v{version.pk}"], settled) for version in versions]


def _statistic(
    version: RuleVersion, rulebook: Rulebook, fired: Fired, settled: npt.NDArray[np.int8]
) -> FiringStatistic:
    ladder = rulebook.by_code[f"v{version.pk}"].ladder
    given = np.array([0, *(step.grade for step in ladder)], np.int8)[fired.steps]
    truth = settled[fired.rows]
    return FiringStatistic(
        rule_version=version,
        pairs=len(settled),
        fired=len(fired.rows),
        per_step=np.bincount(fired.steps, minlength=len(ladder) + 1)[1:].tolist(),
        settled=int((truth > 0).sum()),
        agreed=int(((truth > 0) & (truth == given)).sum()),
        computed_at=timezone.now(),
    )


def _versions(corpus: Corpus, arguments: dict[str, Any]) -> list[RuleVersion]:
    if numbers := arguments.get("versions"):
        rows = RuleVersion.objects.filter(pk__in=numbers, rule__corpus=corpus).select_related("rule")
        return list(rows.prefetch_related("examples"))
    if release := arguments.get("release"):
        return versions_in(Release.objects.get(pk=release, corpus=corpus))
    return latest_versions(corpus)


def _table_ready(ctx: JobContext) -> None:
    """Build the corpus's table with signs of life, so that a long read does not look like a dead worker."""
    if ctx.corpus is None:
        return
    ctx.progress(0, 0, "reading the corpus")
    corpus_table(ctx.corpus, lambda part, at: ctx.progress(at, 0, f"reading the corpus, part {part} of 2"))
