"""The stages of a turn that run a trainer: training a model, measuring one."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from relevance.reasoning import TEMPLATE_VERSION
from training_bridge.errors import RunFailed
from training_bridge.figures.predictions import figures_of, predictions_read
from training_bridge.models import Evaluation, ModelVersion, Snapshot, TrainingJob, Turn
from training_bridge.predictions import SUBJECTS, pairs_of
from training_bridge.recipes import Recipe
from training_bridge.runs import run_follow, run_path
from training_bridge.runs.directory import data_drop, report_read
from training_bridge.services.registry import model_register
from training_bridge.trainer.options import MAJORITY, OVERLAP, RULES
from webapp.common.blobs import blob_put
from webapp.common.jobs import JobContext

NO_PAIRS = "no preference pairs"
WHOLE = 100


@dataclass
class Progress:
    """Where a turn stands: whole stages done, and the share of the one at work."""

    ctx: JobContext
    total: int
    done: int = 0
    name: str = ""

    def begin(self, name: str) -> None:
        self.name = name
        self.tick(0, 0, "starting")

    def end(self) -> None:
        self.done += 1
        self.tick(0, 0, "done")

    def tick(self, step: int, of: int, note: str) -> None:
        """Publish the ledger's progress; raises JobCancelled or LeaseLost."""
        share = int(WHOLE * min(step, of) / of) if of else 0
        words = f"{self.name}: {note}" + (f" {step} of {of}" if of else "")
        self.ctx.progress(min(self.done * WHOLE + share, self.total * WHOLE), self.total * WHOLE, words)


@dataclass
class Work:
    """What every stage of a turn is given."""

    ctx: JobContext
    turn: Turn
    recipe: Recipe
    snapshot: Snapshot
    progress: Progress
    pairs: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def model_train(work: Work, method: str, parent: ModelVersion | None) -> ModelVersion | None:
    """Train by one method and register the result. None where the method found nothing to learn from."""
    base = parent.folder if parent else work.recipe.base_model
    options = work.recipe.stage_options(method)
    training_job = _training_job(work, method, method, options, base, parent)
    if training_job.state == "skipped":
        return None
    try:
        path = _finished(work, training_job)
    except RunFailed as failure:
        if NO_PAIRS not in str(failure):
            raise
        TrainingJob.objects.filter(pk=training_job.pk).update(state="skipped")
        return None
    model = training_job.model_versions.first()
    if model is None:
        model = model_register(
            training_job=training_job, folder=path / "model", card=_card(work, training_job, path)
        )
        data_drop(path)
    return model


def model_measure(work: Work, model: ModelVersion, *, baselines: bool) -> None:
    """Evaluate a model on the snapshot's held-out pairs, and choose its serving mode on the dev split."""
    options = {**work.recipe.stage_options("evaluate"), "split": "", "baselines": baselines, "bootstrap": 1}
    training_job = _training_job(work, f"evaluate {model.number}", "evaluate", options, model.folder, model)
    if Evaluation.objects.filter(turn=work.turn, model_version=model).exists():
        return
    path = _finished(work, training_job)
    work.pairs = work.pairs or pairs_of(work.snapshot)
    found = predictions_read(path / "predictions.parquet", work.pairs)
    report = report_read(path)
    blob = blob_put(path / "predictions.parquet", "application/vnd.apache.parquet")
    rows = [
        Evaluation(
            corpus=work.turn.corpus, snapshot=work.snapshot, turn=work.turn, predictions=blob, subject=subject,
            model_version=None if subject in (MAJORITY, OVERLAP, RULES) else model,
            mode=next((mode for mode, name in SUBJECTS.items() if name == subject), ""),
            metrics={
                **figures_of(splits["test"], abstains=subject == RULES),
                "dev": _dev(figures_of(splits["dev"])),
                "sampled": report.get("sampled") if subject == SUBJECTS["reasoned"] else None,
            },
        )
        for subject, splits in found.items()
    ]  # fmt: skip
    with work.ctx.fenced():
        Evaluation.objects.bulk_create(rows)
        model.serving_mode = _better_mode(rows)
        ModelVersion.objects.filter(pk=model.pk).update(serving_mode=model.serving_mode)
    data_drop(path)


def _better_mode(rows: list[Evaluation]) -> str:
    """What did better on the dev queries, by Acc@2 and macro-F1 together; direct where they are level: it is cheaper."""
    scores = {
        row.mode: (row.metrics["dev"].get("acc2") or 0.0) + (row.metrics["dev"].get("macro_f1") or 0.0)
        for row in rows
        if row.mode
    }
    return "reasoned" if scores.get("reasoned", -1.0) > scores.get("direct", 0.0) else "direct"


def _dev(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: figures.get(name) for name in ("n", "acc2", "acc4", "macro_f1", "unparsable")}


def _training_job(
    work: Work, stage: str, method: str, options: Mapping[str, Any], base: str, parent: ModelVersion | None
) -> TrainingJob:
    """The stage's row: made once, whatever worker comes to it."""
    config = {
        "method": method,
        "recipe": dict(options),
        "seed": work.recipe.seed,
        "base_model": base,
        "lineage": {
            "corpus": work.turn.corpus.slug,
            "turn": work.turn.pk,
            "snapshot": work.snapshot.number,
            "snapshot_hash": work.snapshot.content_hash,
            "release": work.snapshot.release.number,
            "parent": parent.number if parent else None,
        },
        "template_version": TEMPLATE_VERSION,
        "verdict_position": parent.verdict_position if parent else work.recipe.verdict_position,
    }
    defaults = {
        "corpus": work.turn.corpus, "method": method, "snapshot": work.snapshot, "config": config,
        "parent": parent if method != "evaluate" else None, "created_by": work.turn.created_by, "run_uri": "",
    }  # fmt: skip
    found, _ = TrainingJob.objects.get_or_create(turn=work.turn, stage=stage, defaults=defaults)
    return found


def _finished(work: Work, training_job: TrainingJob) -> Path:
    if training_job.state == "done":
        return run_path(training_job)
    return run_follow(work.ctx, training_job, work.progress.tick)


def _card(work: Work, training_job: TrainingJob, path: Path) -> dict[str, Any]:
    """What a reader of the registry asks first: from what, by which recipe, on which rows, and how prompts are written."""
    pairs = path / "pairs.json"
    return {
        "recipe": work.recipe.name,
        "method": training_job.method,
        "options": training_job.config["recipe"],
        "seed": work.recipe.seed,
        "lineage": training_job.config["lineage"],
        "prompt": {
            "definitions": work.recipe.rows.definitions,
            "classifiers": work.snapshot.lineage.get("classifiers", ""),
        },
        "rows": asdict(work.recipe.rows),
        "preferences": _json(pairs) if pairs.is_file() else None,
        "steps": training_job.status.get("step"),
    }


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
