"""Stored predictions of evaluations, as rows that metrics read."""

from collections.abc import Mapping
from typing import Any

from training_bridge.figures.predictions import Rows, predictions_read
from training_bridge.models import Evaluation, ModelVersion, Snapshot
from training_bridge.snapshots.archive import snapshot_rows
from training_bridge.trainer.options import DIRECT, REASONED
from webapp.common.blobs import blob_path
from webapp.common.errors import Invalid

SUBJECTS = {"direct": DIRECT, "reasoned": REASONED}


def pairs_of(snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    """pair id -> its held-out row (split, capability)."""
    return {str(row["pair"]): row for row in snapshot_rows(snapshot, "eval")}


def rows_of_model(model: ModelVersion, snapshot: Snapshot, split: str = "test") -> Rows:
    """A model's answers in its serving mode. Raises Invalid where it was not evaluated on this snapshot."""
    subject = SUBJECTS[model.serving_mode]
    found = Evaluation.objects.filter(model_version=model, snapshot=snapshot, mode=model.serving_mode)
    row = found.exclude(predictions=None).order_by("-id").first()
    if row is None or row.predictions_id is None:
        raise Invalid(
            f"{model} was not evaluated on {snapshot}: run a turn that measures it.", code="not_evaluated"
        )
    return predictions_read(blob_path(row.predictions_id), pairs_of(snapshot))[subject][split]


def rows_of_baseline(snapshot: Snapshot, subject: str, split: str = "test") -> Rows:
    """A baseline's answers on a snapshot. Raises Invalid where it was not measured."""
    row = (
        Evaluation.objects.filter(snapshot=snapshot, subject=subject)
        .exclude(predictions=None)
        .order_by("-id")
        .first()
    )
    if row is None or row.predictions_id is None:
        raise Invalid(f"{subject} was not measured on {snapshot}.", code="not_evaluated")
    return predictions_read(blob_path(row.predictions_id), pairs_of(snapshot))[subject][split]
