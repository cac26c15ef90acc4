"""Predictions of an evaluation, subject by subject, and the figures that follow from them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow.parquet as pq

from relevance.grades import Grade
from relevance.metrics import report
from training_bridge.figures.bootstrap import grade_or_none, intervals

Rows: TypeAlias = list[dict[str, Any]]


def predictions_read(path: Path, pairs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Rows]]:
    """subject -> split -> rows (pair, query_id, truth, predicted, capability) of predictions.parquet.

    `pairs` gives split and capability of each pair id.
    """
    columns = ["pair", "query_id", "subject", "truth", "predicted"]
    found: dict[str, dict[str, Rows]] = defaultdict(lambda: defaultdict(list))
    for row in pq.read_table(path, columns=columns).to_pylist():
        known = pairs.get(row["pair"])
        if known is not None:
            found[row["subject"]][str(known["split"])].append(
                {
                    "pair": row["pair"],
                    "query_id": row["query_id"],
                    "truth": Grade.parse(row["truth"]),
                    "predicted": grade_or_none(row["predicted"]),
                    "capability": str(known["capability"]),
                }
            )
    return found


def figures_of(rows: Sequence[Mapping[str, Any]], *, abstains: bool = False) -> dict[str, Any]:
    """Every figure of one subject on one split; a subject that may abstain is told apart from an unparsable one."""
    figures: dict[str, Any] = report(rows, n=1) if rows else {"n": 0}
    figures["intervals"] = intervals(rows)
    if abstains and rows:
        covered = [row for row in rows if row["predicted"] is not None]
        figures["abstain_rate"] = 1 - len(covered) / len(rows)
        figures["covered"] = {**_short(covered), "n": len(covered)}
        figures["unparsable"] = 0.0
    return figures


def _short(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    figures = report(rows, n=1) if rows else {}
    return {name: figures.get(name, 0.0) for name in ("acc2", "acc4", "macro_f1")}
