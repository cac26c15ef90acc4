"""A turn of the loop through the ledger, with the process-edge trainer: stages, report, gate, promotion, adoption."""

import os
import signal
import threading
import time
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from training_bridge.models import Evaluation, Gate, ModelVersion, Promotion, TrainingJob, Turn
from training_bridge.runs import follow, run_path, trainer
from training_bridge.selectors import champion, turn_done
from training_bridge.services import turn_start
from training_bridge.services.registry import gate_evaluate
from webapp.common.errors import Conflict
from webapp.common.jobs import job_cancel, job_run
from webapp.common.models import AuditEntry, Corpus, Job, OutboxEvent, User

from .conftest import small_recipe

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow, "POLL_SECONDS", 0.05)


def start(corpus: Corpus, actor: User, **recipe: Any) -> Turn:
    turn = turn_start(corpus=corpus, actor=actor, recipe="tiny")
    turn.recipe_content = small_recipe(**recipe)
    turn.save(update_fields=["recipe_content"])
    return turn


def wait_for(found: Any, seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < limit, "it never came"
        time.sleep(0.02)


def in_thread(job: Job) -> threading.Thread:
    def work() -> None:
        try:
            job_run(job.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_the_first_turn_promotes_what_beats_the_majority(
    judged: Corpus, admin: User, fake_trainer: Path
) -> None:
    turn = start(judged, admin)
    assert job_run(turn.job_id) == "done"
    turn.refresh_from_db()
    assert [job.stage for job in turn.training_jobs.order_by("id")] == [
        "sft",
        "evaluate 1",
        "dpo",
        "evaluate 2",
    ]
    subjects = [row["subject"] for row in turn.report["rows"]]
    assert subjects[0] == "SFT, direct" and "SFT+DPO, direct" in subjects and "majority class" in subjects
    row = turn.report["rows"][0]
    assert 0.8 < row["acc4"] < 1 and row["intervals"]["acc4"][0] < row["acc4"] < row["intervals"]["acc4"][1]
    assert row["capabilities"]["visual"]["n"] == 0 and set(row["per_class_f1"]) == {"L1", "L2", "L3", "L4"}
    assert next(r for r in turn.report["rows"] if r["subject"] == "rules alone")["abstain_rate"] == 1
    assert turn.report["gate"]["passed"] and turn.report["promoted"]
    standing = champion(judged)
    assert standing is not None and standing.number == 2 and Path(standing.uri, "weights").is_file()
    assert OutboxEvent.objects.filter(kind="model.promoted").count() == 1
    assert AuditEntry.objects.filter(action="model.promote").count() == 1


def test_the_next_turn_measures_the_champion_on_the_same_pairs(
    judged: Corpus, admin: User, fake_trainer: Path
) -> None:
    job_run(start(judged, admin).job_id)
    turn = start(judged, admin)
    assert job_run(turn.job_id) == "done"
    turn.refresh_from_db()
    assert turn.report["champion_before_number"] == 2
    assert turn.report["rows"][0]["subject"] == "champion before, direct"
    assert Gate.objects.latest("id").champion_id is not None


def test_a_turn_that_is_run_again_goes_on_and_doubles_nothing(
    judged: Corpus, admin: User, fake_trainer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = start(judged, admin)

    def dies(*_: Any, **__: Any) -> None:
        raise OSError("the worker's machine went away")

    with monkeypatch.context() as patched:
        patched.setattr("training_bridge.turns.turn.gate_evaluate", dies)
        assert job_run(turn.job_id) == "queued"
    counts = (ModelVersion.objects.count(), Evaluation.objects.count(), TrainingJob.objects.count())
    Job.objects.filter(pk=turn.job_id).update(due_at=turn.created_at)
    assert job_run(turn.job_id) == "done"
    assert counts == (ModelVersion.objects.count(), Evaluation.objects.count(), TrainingJob.objects.count())
    assert Promotion.objects.count() == 1


def test_a_worker_that_lost_the_turn_promotes_nothing(
    judged: Corpus, admin: User, fake_trainer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = start(judged, admin)

    def taken_over(**asked: Any) -> Gate:
        found = gate_evaluate(**asked)
        Job.objects.filter(pk=turn.job_id).update(token=uuid.uuid4())
        return found

    monkeypatch.setattr("training_bridge.turns.turn.gate_evaluate", taken_over)
    assert job_run(turn.job_id) == "not mine"
    assert Gate.objects.get().passed and not Promotion.objects.exists()


def test_a_second_start_gives_the_report_of_the_turn_that_ended(
    judged: Corpus, admin: User, fake_trainer: Path
) -> None:
    turn, out = start(judged, admin), StringIO()
    assert turn_done(judged) is None
    job_run(turn.job_id)
    call_command("loop", corpus=judged.slug, once=True, stdout=out)
    assert f"turn {turn.pk} ended well before" in out.getvalue() and "SFT" in out.getvalue()
    assert judged.turns.count() == 1
    start(judged, admin)
    assert turn_done(judged) is None  # the one under way is to be followed


def test_one_turn_at_a_time(judged: Corpus, admin: User, fake_trainer: Path) -> None:
    turn = start(judged, admin)
    with pytest.raises(Conflict) as refusal:
        turn_start(corpus=judged, actor=admin, recipe="tiny")
    assert refusal.value.extra == {"turn": turn.pk}


def test_a_worker_that_takes_over_adopts_the_trainer(judged: Corpus, admin: User, fake_trainer: Path) -> None:
    turn = start(judged, admin, seed=1)
    first = in_thread(turn.job)
    wait_for(lambda: TrainingJob.objects.filter(stage="sft", status__step__gt=0).exists())
    path = run_path(TrainingJob.objects.get(stage="sft"))
    pid = trainer.trainer_find(path)
    # The first worker is as good as dead: it can no longer renew the lease, which has run out.
    Job.objects.filter(pk=turn.job_id).update(token=uuid.uuid4(), lease_until=turn.created_at)
    second = in_thread(turn.job)
    first.join(90)
    assert trainer.trainer_find(path) == pid is not None
    for run in ("sft", "dpo"):
        wait_for(lambda run=run: TrainingJob.objects.filter(stage=run).exists())
        run_path(TrainingJob.objects.get(stage=run)).mkdir(exist_ok=True, parents=True)
        wait_for(lambda run=run: (run_path(TrainingJob.objects.get(stage=run)) / "starts").exists())
        for training_job in TrainingJob.objects.all():
            (run_path(training_job) / "enough").touch()
        wait_for(lambda run=run: TrainingJob.objects.get(stage=run).state == "done")
        _let_evaluations_end(run)
    second.join(90)
    assert (path / "starts").read_text().split() == [str(pid)]
    assert Job.objects.get(pk=turn.job_id).state == "done"


def _let_evaluations_end(after: str) -> None:
    number = 1 if after == "sft" else 2
    wait_for(lambda: TrainingJob.objects.filter(stage=f"evaluate {number}").exists())
    path = run_path(TrainingJob.objects.get(stage=f"evaluate {number}"))
    wait_for(lambda: (path / "starts").exists())
    (path / "enough").touch()


def test_a_trainer_that_is_killed_is_started_again(judged: Corpus, admin: User, fake_trainer: Path) -> None:
    turn = start(judged, admin, seed=1, stages=["sft"])
    worker = in_thread(turn.job)
    wait_for(lambda: TrainingJob.objects.filter(stage="sft", status__step__gt=0).exists())
    path = run_path(TrainingJob.objects.get(stage="sft"))
    killed = trainer.trainer_find(path)
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: trainer.trainer_find(path) not in (None, killed))
    (path / "enough").touch()
    _let_evaluations_end("sft")
    worker.join(90)
    assert len((path / "starts").read_text().split()) == 2
    assert Job.objects.get(pk=turn.job_id).state == "done"


def test_a_cancel_ends_the_trainer(judged: Corpus, admin: User, fake_trainer: Path) -> None:
    turn = start(judged, admin, seed=1)
    worker = in_thread(turn.job)
    wait_for(lambda: TrainingJob.objects.filter(stage="sft", status__step__gt=0).exists())
    job_cancel(job=turn.job, actor=admin)
    worker.join(90)
    training_job = TrainingJob.objects.get(stage="sft")
    assert Job.objects.get(pk=turn.job_id).state == "cancelled" and training_job.state == "cancelled"
    assert trainer.trainer_find(run_path(training_job)) is None
    assert training_job.status["state"] == "stopped"


def test_a_trainer_that_gives_up_ends_the_turn_with_its_words(
    judged: Corpus, admin: User, fake_trainer: Path
) -> None:
    turn = start(judged, admin, seed=2)
    assert job_run(turn.job_id) == "failed"
    error = Job.objects.get(pk=turn.job_id).error
    assert "nothing to learn" in error and "out of ideas" in error
