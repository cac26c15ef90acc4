"""Evaluation: every subject on the same pairs, baselines fitted on the training pairs, unparsable counted."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from relevance.grades import Grade
from tests.trainer.material import eval_rows, make_run
from training_bridge.trainer import baselines
from training_bridge.trainer.__main__ import main

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated and will be removed in v6:FutureWarning")


def test_every_subject_on_the_same_pairs(tmp_path: Path, trained: Path) -> None:
    rows = eval_rows(40, "test") + eval_rows(10, "dev")
    recipe = {"bootstrap": 50, "sampled_pairs": 5, "samples": 2, "max_new_tokens": 70}
    base = str(trained / "model")
    made = make_run(tmp_path / "run", "evaluate", recipe, base, eval=rows, train_pairs=eval_rows(90, "train"))
    assert main(["run", str(made)]) == 0
    report = json.loads((made / "report.json").read_text())
    assert report["n"] == 40 and report["split"] == "test"
    assert set(report["subjects"]) == {
        "model direct", "model reasoned", "model direct, no rules", "majority class", "word overlap + LR", "rules alone",
    }  # fmt: skip
    for figures in report["subjects"].values():
        assert figures["n"] == 40
        assert set(figures["intervals"]) == {"acc2", "acc4", "macro_f1"}
        assert figures["capabilities"]["visual"] == {"n": 0}
        assert figures["capabilities"]["rules"]["n"] == 14
    assert report["subjects"]["rules alone"]["abstain_rate"] == 0.5
    assert report["subjects"]["rules alone"]["covered"] == {"n": 20, "acc2": 1.0, "acc4": 1.0}
    sampled = report["sampled"]
    assert sampled["n"] == 5 and sampled["pass@1"] <= sampled["pass@2"]
    table = pq.read_table(made / "predictions.parquet").to_pylist()
    assert len(table) == 40 * 6
    unread = sum(row["predicted"] is None for row in table if row["subject"] == "model reasoned") / 40
    assert report["subjects"]["model reasoned"]["unparsable"] == pytest.approx(unread)


def test_no_rows_of_the_split(tmp_path: Path, trained: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = make_run(tmp_path / "run", "evaluate", {}, str(trained / "model"), eval=eval_rows(3, "dev"))
    assert main(["run", str(made)]) == 64
    assert "no rows of split 'test'" in capsys.readouterr().err


def test_baselines() -> None:
    train = [{"grade": grade, "query": "red cup", "title": title, "text": title}
             for grade, title in [("L4", "red cup"), ("L1", "lamp")] * 10 + [("L4", "big red cup")]]  # fmt: skip
    rows = [
        {"grade": "L4", "query": "mug", "title": "green mug", "text": ""},
        {"query": "mug", "title": "chair"},
    ]
    assert baselines.majority(train, rows) == [Grade.L4] * 2
    assert baselines.majority([], rows) == [Grade.L4] * 2
    assert baselines.word_overlap(train, rows) == [Grade.L4, Grade.L1]
    assert baselines.rules_alone([{"rules_grade": "L2"}, {"rules_grade": None}]) == [Grade.L2, None]
