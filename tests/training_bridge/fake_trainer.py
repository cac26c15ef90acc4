"""A trainer at the process edge: keeps the run directory's contract, trains nothing, and can be told how to end.

`recipe.seed` of config.json chooses: 0 does its work in two tenths of a second; 1 works until it is told to leave;
2 gives up with an error. An evaluation answers each pair with its truth, for one in ten with the grade below.
"""

import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

SUBJECTS = ("model direct", "model direct, no rules", "majority class", "word overlap + LR", "rules alone")


def write(path: Path, **status: Any) -> None:
    rest = path / ".status"
    rest.write_text(json.dumps({"heartbeat_at": "", "pid": os.getpid(), "message": "", **status}))
    rest.replace(path / "status.json")


def evaluate(path: Path) -> None:
    import pyarrow as pa  # noqa: PLC0415  (training runs start without it)
    import pyarrow.parquet as pq  # noqa: PLC0415

    rows = [json.loads(line) for line in (path / "data/eval.jsonl").read_text().splitlines()]
    table = [
        {
            "pair": row["pair"], "query_id": row["query_id"], "subject": subject, "truth": row["grade"],
            "predicted": answer(subject, row, number), "dimension": "", "reasoning": None,
        }
        for subject in SUBJECTS
        for number, row in enumerate(rows)
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(table), path / "predictions.parquet")
    (path / "report.json").write_text(json.dumps({"subjects": {}, "sampled": None}))


def answer(subject: str, row: dict[str, Any], number: int) -> str | None:
    if subject == "majority class":
        return "L2"
    if subject == "rules alone":
        return row["rules_grade"]
    return "L1" if number % 10 == 0 else str(row["grade"])


def train(path: Path, config: dict[str, Any]) -> None:
    model = path / "model"
    model.mkdir(exist_ok=True)
    (model / "config.json").write_text(json.dumps({"model_type": "fake", "method": config["method"]}))
    (model / "weights").write_text(config["method"] + config["base_model"])


def work(path: Path) -> int:
    lock = (path / "lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 75
    with (path / "starts").open("a") as starts:
        starts.write(f"{os.getpid()}\n")
    config = json.loads((path / "config.json").read_text())
    signal.signal(signal.SIGTERM, lambda *_: leave(path))
    step = 0
    while config["seed"] == 1 and not (path / "enough").exists() or step < 2:
        step += 1
        write(path, state="running", step=step, total_steps=2)
        with (path / "metrics.jsonl").open("a") as metrics:
            metrics.write(json.dumps({"step": step, "loss": 1 / step}) + "\n")
        time.sleep(0.1)
    if config["seed"] == 2:
        print("out of ideas", file=sys.stderr)
        write(path, state="failed", message="ValueError: nothing to learn")
        return 1
    (evaluate(path) if config["method"] == "evaluate" else train(path, config))
    write(path, state="done", step=2, total_steps=2)
    return 0


def leave(path: Path) -> None:
    write(path, state="stopped", message="stopped; starting again resumes")
    os._exit(143)


if __name__ == "__main__":
    sys.exit(work(Path(sys.argv[2])))
