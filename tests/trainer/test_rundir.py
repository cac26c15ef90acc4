"""The run directory: configuration, lock, status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trainer.material import make_run, sft_rows, small_sft
from training_bridge.trainer.__main__ import main
from training_bridge.trainer.options import OptionError
from training_bridge.trainer.rundir import RunDir, RunError, RunLocked


def test_unknown_option_is_named(tmp_path: Path) -> None:
    run = RunDir.at(str(make_run(tmp_path / "run", "sft", {"learning_rat": 1})))
    with pytest.raises(OptionError, match="learning_rat"):
        run.config()


@pytest.mark.parametrize(
    ("recipe", "named"),
    [
        ({"batch_size": "many"}, "batch_size"), ({"tiny": {"deep": 3}}, "tiny.deep"), ({"tiny": 3}, "tiny"),
        ({"learning_rate": -1.0}, "learning_rate"), ({"batch_size": True}, "batch_size"),
    ],
)  # fmt: skip
def test_ill_typed_option_is_named(tmp_path: Path, recipe: dict[str, object], named: str) -> None:
    run = RunDir.at(str(make_run(tmp_path / "run", "sft", recipe)))
    with pytest.raises(OptionError, match=named):
        run.config()


def test_unknown_method(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="distil"):
        RunDir.at(str(make_run(tmp_path / "run", "distil", {}))).config()


def test_uri_and_missing_folder(tmp_path: Path) -> None:
    made = make_run(tmp_path / "a run", "sft", {})
    assert RunDir.at(made.as_uri()).path == made
    with pytest.raises(RunError, match=r"config\.json"):
        RunDir.at(str(tmp_path / "none"))


def test_bad_line_is_named(tmp_path: Path) -> None:
    made = make_run(tmp_path / "run", "sft", {}, sft=sft_rows(1))
    with (made / "data" / "sft.jsonl").open("a") as file:
        file.write("{broken\n")
    with pytest.raises(RunError, match=r"sft\.jsonl line 3"):
        RunDir.at(str(made)).rows("sft")


def test_second_trainer_refuses(tmp_path: Path) -> None:
    made = make_run(tmp_path / "run", "sft", small_sft(), sft=sft_rows(4))
    run = RunDir.at(str(made))
    with run.locked():
        command = [sys.executable, "-m", "training_bridge.trainer", "run", str(made)]
        other = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
        assert other.returncode == 75
        assert "already at work" in other.stderr
        with pytest.raises(RunLocked), RunDir.at(str(made)).locked():
            pass
    with run.locked():
        assert not (made / "model").exists()


def test_failure_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_run(tmp_path / "run", "sft", small_sft())
    assert main(["run", str(made)]) == 64
    assert "no rows" in capsys.readouterr().err
    status = json.loads((made / "status.json").read_text())
    assert status["state"] == "failed" and "no rows" in status["message"] and status["heartbeat_at"]


def test_newest_whole_checkpoint(tmp_path: Path) -> None:
    run = RunDir.at(str(make_run(tmp_path / "run", "sft", {})))
    for step, whole in ((9, True), (10, True), (11, False)):
        folder = run.checkpoints / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        if whole:
            (folder / "trainer_state.json").write_text("{}")
    found = run.last_checkpoint()
    assert found and found.name == "checkpoint-10"


def test_remote_run_is_fetched_and_returned(tmp_path: Path) -> None:
    import fsspec

    from training_bridge.trainer.remote import fetched, is_remote

    made = make_run(tmp_path / "run", "sft", {}, sft=sft_rows(1))
    files = fsspec.filesystem("memory")
    files.put(f"{made}/", "/runs/1/", recursive=True)
    assert is_remote("memory://runs/1") and not is_remote(str(made)) and not is_remote(made.as_uri())
    with fetched("memory://runs/1") as local:
        run = RunDir.at(str(local))
        assert len(run.rows("sft")) == 2
        run.write_status({"state": "done"})
    assert json.loads(files.cat_file("/runs/1/status.json"))["state"] == "done"
    assert not local.exists()


def test_help_is_fast() -> None:
    code = "import sys; import training_bridge.trainer.__main__; print('torch' in sys.modules, 'django' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.strip() == "False False"
