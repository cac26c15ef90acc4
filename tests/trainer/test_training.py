"""Each method through the command line's own door: every weight moves, a stopped run resumes, the result loads plainly."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from relevance.prompt import direct_prompt
from tests.trainer.material import grpo_rows, make_run, sft_rows, small_sft
from training_bridge.trainer.__main__ import main
from training_bridge.trainer.sft import curriculum

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated and will be removed in v6:FutureWarning")
DPO = {"max_steps": 6, "batch_size": 8, "sampled_prompts": 24, "samples_per_prompt": 2, "max_new_tokens": 70,
       "save_steps": 2, "learning_rate": 0.001}  # fmt: skip
GRPO = {"max_steps": 6, "prompts_per_step": 4, "generations": 4, "max_new_tokens": 70, "save_steps": 2,
        "learning_rate": 0.001, "temperature": 1.0}  # fmt: skip


def weights(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def assert_each_moved(before: Path, after: Path) -> None:
    old, new = weights(before), weights(after)
    assert old.keys() == new.keys()
    still = [name for name in old if bool((old[name] == new[name]).all())]
    assert not still, still


def test_sft_result_loads_with_plain_transformers(trained: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(trained / "model")
    tokenizer = AutoTokenizer.from_pretrained(trained / "model")
    assert model.config.model_type == "qwen3"
    assert tokenizer.decode(tokenizer("a cup [L2-colour] é")["input_ids"]) == "a cup [L2-colour] é"
    card = (trained / "model" / "README.md").read_text()
    assert "Figures stand in the evaluation reports" in card and "judged: 256" in card
    status = json.loads((trained / "status.json").read_text())
    assert status["state"] == "done" and status["step"] == status["total_steps"] > 0
    losses = [json.loads(line).get("loss") for line in (trained / "metrics.jsonl").read_text().splitlines()]
    known = [loss for loss in losses if loss is not None]
    assert known[-1] < known[0] / 2
    assert not list(trained.rglob("*.bin")) and not (trained / "checkpoints").exists()


def test_sft_moves_each_parameter(tmp_path: Path, strangers: dict[str, Path]) -> None:
    recipe = {"batch_size": 8, "learning_rate": 0.01, "warmup_steps": 0}
    for name, base in strangers.items():
        made = make_run(tmp_path / name, "sft", recipe, base=str(base), sft=sft_rows(32))
        assert main(["run", str(made)]) == 0
        assert_each_moved(base, made / "model")


def test_dpo_moves_each_parameter_and_counts_sources(tmp_path: Path, trained: Path) -> None:
    made = make_run(tmp_path / "dpo", "dpo", DPO, base=str(trained / "model"), grpo=grpo_rows(), dpo=ranked())
    assert main(["run", str(made)]) == 0
    assert_each_moved(trained / "model", made / "model")
    counts = json.loads((made / "pairs.json").read_text())
    assert counts["ranking"] == 2 and counts.get("judgment", 0) > 0


def ranked() -> list[dict[str, Any]]:
    row = grpo_rows(1)[0]
    bad = row["reference"].replace("verdict: [L", "verdict: [X")
    return [{"prompt": row["prompt"], "chosen": row["reference"], "rejected": bad, "source": "ranking"}] * 2


@pytest.mark.slow
def test_grpo_moves_each_parameter(tmp_path: Path, trained: Path) -> None:
    made = make_run(tmp_path / "grpo", "grpo", GRPO, base=str(trained / "model"), grpo=grpo_rows())
    assert main(["run", str(made)]) == 0
    assert_each_moved(trained / "model", made / "model")


def test_curriculum_is_repeatable_and_whole() -> None:
    rows = [
        {"stage": stage, "prompt": "x" * n, "completion": "y"}
        for n in range(50)
        for stage in ("judged", "knowledge")
    ]
    ordered = curriculum(rows, 8, 2, seed=3)
    assert ordered == curriculum(rows, 8, 2, seed=3) != curriculum(rows, 8, 2, seed=4)
    assert [row["stage"] for row in ordered] == ["knowledge"] * 100 + ["judged"] * 100
    assert sorted(len(row["prompt"]) for row in ordered) == sorted(len(row["prompt"]) for row in rows * 2)


def stopped_and_resumed(made: Path) -> None:
    """Start the run, end it by SIGTERM in the middle of its loop, start it again."""
    command = [sys.executable, "-m", "training_bridge.trainer", "run", str(made)]
    with (made / "log").open("wb") as log:
        first = subprocess.Popen(command, stdout=log, stderr=log)
        until = time.monotonic() + 180
        while time.monotonic() < until and first.poll() is None and not _step(made):
            time.sleep(0.05)
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=120) == 143, (made / "log").read_text()[-2000:]
    status = json.loads((made / "status.json").read_text())
    assert status["state"] == "stopped" and 0 < status["step"] < status["total_steps"]
    assert list((made / "checkpoints").glob("checkpoint-*"))
    assert not (made / "model").exists()
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert second.returncode == 0, second.stderr[-2000:]


def _step(made: Path) -> int:
    path = made / "status.json"
    return int(json.loads(path.read_text())["step"]) if path.is_file() else 0


def test_sft_stopped_and_resumed_is_as_if_never_stopped(tmp_path: Path) -> None:
    recipe = small_sft(epochs=16, save_steps=1000)
    whole = make_run(tmp_path / "whole", "sft", recipe, sft=sft_rows(64))
    parted = make_run(tmp_path / "parted", "sft", recipe, sft=sft_rows(64))
    stopped_and_resumed(parted)
    assert main(["run", str(whole)]) == 0
    one, other = weights(whole / "model"), weights(parted / "model")
    assert all(bool((one[name] == other[name]).all()) for name in one)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "recipe"), [("dpo", DPO), ("grpo", GRPO)])
def test_stopped_and_resumed(tmp_path: Path, trained: Path, method: str, recipe: dict[str, Any]) -> None:
    longer = {**recipe, "max_steps": 60, "save_steps": 1000}
    made = make_run(tmp_path / method, method, longer, base=str(trained / "model"), grpo=grpo_rows())
    stopped_and_resumed(made)
    assert (made / "model" / "model.safetensors").is_file()


def test_small_model_learns_the_direct_verdict(trained: Path) -> None:
    from training_bridge.trainer import models
    from training_bridge.trainer.scoring import Scorer

    rows = [row for row in sft_rows(128) if row["mode"] == "direct"]
    cue = len(direct_prompt(""))
    scorer = Scorer(*models.load(str(trained / "model")))
    found = scorer.direct([row["prompt"][:-cue] for row in rows])
    right = sum(
        one.grade is not None and one.grade.name == row["grade"] for one, row in zip(found, rows, strict=True)
    )
    assert right / len(rows) > 0.8
