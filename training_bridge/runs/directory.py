"""Run directories as files: config and data written once, status, metrics and result read back."""

import json
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from training_bridge.models import TrainingJob
from training_bridge.snapshots import snapshot_unpack

POINTS = 300
LOG = "trainer.log"
NEEDED = {"sft": ("sft",), "dpo": ("dpo", "grpo"), "grpo": ("grpo",), "evaluate": ("eval", "train_pairs")}


def run_path(training_job: TrainingJob) -> Path:
    return Path(settings.RUN_ROOT) / str(training_job.pk)


def run_prepare(training_job: TrainingJob) -> Path:
    """The run directory of a training job, made whole or not at all; one that stands already is left as it is."""
    path = run_path(training_job)
    if (path / "config.json").is_file():
        return path
    fresh = path.with_name(f".{path.name}.making")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    snapshot_unpack(training_job.snapshot, fresh / "data", NEEDED.get(training_job.method, ()))
    (fresh / "config.json").write_text(json.dumps(training_job.config, indent=1, ensure_ascii=False), "utf-8")
    shutil.rmtree(path, ignore_errors=True)
    fresh.rename(path)
    return path


def status_read(path: Path) -> dict[str, Any]:
    """The trainer's last word; {} before its first."""
    try:
        found = json.loads((path / "status.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def report_read(path: Path) -> dict[str, Any]:
    """report.json of an evaluation. Raises OSError or ValueError where there is none."""
    return dict(json.loads((path / "report.json").read_text("utf-8")))


def metrics_read(path: Path) -> list[dict[str, Any]]:
    """metrics.jsonl thinned to at most POINTS lines, the last one kept; a line under way is left out."""
    try:
        lines = (path / "metrics.jsonl").read_text("utf-8").splitlines()
    except OSError:
        return []
    step = max(1, -(-len(lines) // POINTS))
    return [point for line in reversed(lines[::-1][::step]) if (point := _point(line))]


def _point(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def log_tail(path: Path, lines: int = 12) -> str:
    """The last lines that the trainer wrote to its output."""
    try:
        text = (path / LOG).read_text("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.rstrip().splitlines()[-lines:])


def data_drop(path: Path) -> None:
    """After success: the rows are in the snapshot's archive, so the run need not keep a copy."""
    shutil.rmtree(path / "data", ignore_errors=True)
