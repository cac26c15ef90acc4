"""The report of a turn: every subject on the same held-out pairs, with what it would have to beat beside it."""

from typing import Any

from training_bridge.models import Evaluation, Gate, ModelVersion, Snapshot, Turn
from training_bridge.trainer.options import DIRECT, MAJORITY, NO_RULES, OVERLAP, REASONED, RULES

BASELINES = (MAJORITY, OVERLAP, RULES)
MODES = {DIRECT: "direct", REASONED: "reasoned", NO_RULES: "direct, empty rules section"}
Trained = list[tuple[str, ModelVersion]]


def report_build(
    turn: Turn, snapshot: Snapshot, before: ModelVersion | None, trained: Trained, gate: Gate, promoted: bool
) -> dict[str, Any]:
    """As JSON: `rows` in the order of a table, then gate and outcome. Figures are of the test split."""
    rows: list[dict[str, Any]] = []
    if before is not None:
        rows += _model_rows(turn, before, "champion before")
    done: list[str] = []
    for method, model in trained:
        done.append(method.upper())
        rows += _model_rows(turn, model, "+".join(done))
    rows += _baseline_rows(turn)
    return {
        "corpus": turn.corpus.slug,
        "turn": turn.pk,
        "recipe": turn.recipe,
        "release": snapshot.release.number,
        "snapshot": {"number": snapshot.number, "hash": snapshot.content_hash, "counts": snapshot.counts},
        "split": "test",
        "n": rows[0]["n"] if rows else 0,
        "queries": rows[0].get("queries", 0) if rows else 0,
        "champion_before": before.pk if before else None,
        "champion_before_number": before.number if before else None,
        "models": [
            {"method": method, "model": model.number, "mode": model.serving_mode} for method, model in trained
        ],
        "preferences": _preferences(trained),
        "rows": rows,
        "gate": {"passed": gate.passed, "thresholds": gate.thresholds, **gate.outcome},
        "promoted": promoted,
    }


def _model_rows(turn: Turn, model: ModelVersion, stage: str) -> list[dict[str, Any]]:
    found = {row.subject: row for row in Evaluation.objects.filter(turn=turn, model_version=model)}
    return [
        {
            "subject": f"{stage}, {mode}",
            "stage": stage,
            "model": model.number,
            "mode": mode,
            "serves": mode == model.serving_mode,
            **found[subject].metrics,
        }
        for subject, mode in MODES.items()
        if subject in found
    ]


def _baseline_rows(turn: Turn) -> list[dict[str, Any]]:
    found = {row.subject: row for row in Evaluation.objects.filter(turn=turn, model_version=None)}
    return [
        {
            "subject": name,
            "stage": "baseline",
            "model": None,
            "mode": "",
            "serves": False,
            **found[name].metrics,
        }
        for name in BASELINES
        if name in found
    ]


def _preferences(trained: Trained) -> dict[str, Any]:
    """Preference pairs by source, as DPO trained on them."""
    return next(
        (dict(model.card.get("preferences") or {}) for method, model in trained if method == "dpo"), {}
    )
