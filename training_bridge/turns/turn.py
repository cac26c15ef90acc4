"""The order of a turn: snapshot, champion measured, each method trained and measured, gate, promotion, report."""

from typing import Any

from training_bridge.models import Gate, ModelVersion, Turn
from training_bridge.recipe import recipe_read
from training_bridge.recipes import Recipe
from training_bridge.selectors import champion
from training_bridge.services.registry import gate_evaluate, model_promote
from training_bridge.snapshots import SnapshotOptions, snapshot_build
from training_bridge.turns.report import report_build
from training_bridge.turns.stages import Progress, Work, model_measure, model_train
from webapp.common.jobs import JobContext


def turn_run(ctx: JobContext, turn: Turn) -> dict[str, Any]:
    """Run what is left of a turn; returns the ledger's result. Safe to run again after any death."""
    recipe = recipe_read(turn.recipe_content)
    progress = Progress(ctx, total=2 * len(recipe.stages) + 3)
    work = _begin(ctx, turn, recipe, progress)
    before = _champion_before(turn)
    if before is not None:
        progress.begin(f"measuring champion {before.number}")
        model_measure(work, before, baselines=True)
    progress.end()
    trained = _train(work, baselines=before is None)
    progress.begin("gate")
    gate = _gate(work, trained[-1][1])
    promoted = _promote(work, gate)
    with ctx.fenced():
        turn.report = report_build(turn, work.snapshot, before, trained, gate, promoted)
        turn.save(update_fields=["report"])
    progress.end()
    return {
        "turn": turn.pk, "model": gate.challenger.number, "gate_passed": gate.passed, "promoted": promoted,
        "snapshot": work.snapshot.number,
    }  # fmt: skip


def _begin(ctx: JobContext, turn: Turn, recipe: Recipe, progress: Progress) -> Work:
    """The snapshot, and with it the champion that this turn is measured against: both fixed at its beginning."""
    if turn.snapshot is None:
        progress.begin("snapshot")
        snapshot = snapshot_build(
            corpus=turn.corpus, options=SnapshotOptions.of(recipe), actor=turn.created_by, tick=progress.tick
        )
        standing = champion(turn.corpus)
        with ctx.fenced():
            turn.snapshot = snapshot
            turn.report = {"champion_before": standing.pk if standing else None}
            turn.save(update_fields=["snapshot", "report"])
    progress.end()
    assert turn.snapshot is not None
    return Work(ctx, turn, recipe, turn.snapshot, progress)


def _champion_before(turn: Turn) -> ModelVersion | None:
    pk = turn.report.get("champion_before")
    return ModelVersion.objects.filter(pk=pk).first() if isinstance(pk, int) else None


def _train(work: Work, *, baselines: bool) -> list[tuple[str, ModelVersion]]:
    """Each method on the model of the one before; (method, model) of those that had something to learn from."""
    trained: list[tuple[str, ModelVersion]] = []
    for method in work.recipe.stages:
        parent = trained[-1][1] if trained else _start(work, method)
        work.progress.begin(f"training {method.upper()}")
        model = model_train(work, method, parent)
        work.progress.end()
        if model is not None:
            trained.append((method, model))
            work.progress.begin(f"measuring model {model.number} ({method.upper()})")
            model_measure(work, model, baselines=baselines and len(trained) == 1)
        work.progress.end()
    if not trained:
        raise RuntimeError(
            "The recipe's methods found nothing to learn from: no preference pair and no sample differs."
        )
    return trained


def _start(work: Work, method: str) -> ModelVersion | None:
    """SFT starts from the recipe's base model; a recipe that begins with DPO or GRPO goes on from the champion."""
    return None if method == "sft" else _champion_before(work.turn)


def _gate(work: Work, challenger: ModelVersion) -> Gate:
    """One gate for each turn, whatever worker comes to it."""
    known = Gate.objects.filter(
        challenger=challenger, snapshot=work.snapshot, created_at__gte=work.turn.created_at
    )
    found = known.order_by("-id").first()
    return found or gate_evaluate(challenger=challenger, snapshot=work.snapshot, actor=work.turn.created_by)


def _promote(work: Work, gate: Gate) -> bool:
    """Where the recipe says so and the gate opens against the champion of this moment."""
    standing = champion(work.turn.corpus)
    if standing is not None and standing.pk == gate.challenger_id:
        return True
    opens = gate.passed and gate.champion_id == (standing.pk if standing else None)
    if not work.recipe.promote or not opens:
        return False
    reason = f"turn {work.turn.pk}: gate passed"
    with work.ctx.fenced():  # a worker that lost the turn must not undo what a person has done since
        model_promote(model=gate.challenger, actor=work.turn.created_by, reason=reason)
    return True
