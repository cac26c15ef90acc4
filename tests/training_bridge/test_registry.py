"""Gate, promotion, rollback and refresh policy, at the services."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from relevance.grades import Grade
from rules.models import Release
from training_bridge.errors import GateNotPassed
from training_bridge.figures.bootstrap import difference, intervals
from training_bridge.figures.gate import Thresholds, gate_decide
from training_bridge.models import (
    Gate,
    ModelVersion,
    Promotion,
    RefreshPolicy,
    Snapshot,
    TrainingJob,
    Turn,
)
from training_bridge.selectors import champion
from training_bridge.services import model_promote, model_rollback, policies_apply, refresh_policy_set
from training_bridge.services.registry import model_register
from webapp.common.blobs import blob_put
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import AuditEntry, Corpus, Job, OutboxEvent, User

from .conftest import settle


def answers(shift: int, every: int, capability: str = "knowledge") -> list[dict[str, Any]]:
    """200 answers of 40 queries: right but for one in `every`, which is off by `shift`."""
    found = []
    for number in range(200):
        truth = 1 + number % 4
        wrong = number % every == 0
        predicted = 1 + (truth - 1 + shift) % 4 if wrong else truth
        found.append(
            {
                "pair": str(number), "query_id": str(number // 5), "truth": Grade(truth),
                "predicted": Grade(predicted), "capability": capability,
            }
        )  # fmt: skip
    return found


def majority() -> list[dict[str, Any]]:
    return [{**row, "predicted": Grade.L1} for row in answers(1, 200)]


@pytest.fixture
def models(corpus: Corpus, release: Release) -> list[ModelVersion]:
    return [
        ModelVersion.objects.create(
            corpus=corpus, number=number, release=release, uri=f"/models/{number}", content_hash=str(number),
            template_version="r1",
        )
        for number in (1, 2, 3)
    ]  # fmt: skip


def test_a_model_is_found_where_its_home_was_moved_to(models, settings, tmp_path):
    model = models[0]
    assert model.folder == "/models/1"  # not in this home's store: where it was said to be
    settings.LORE_HOME = tmp_path
    (tmp_path / "models" / model.content_hash).mkdir(parents=True)
    assert model.folder == str(tmp_path / "models" / "1")


@pytest.fixture
def snapshot(corpus: Corpus, release: Release) -> Snapshot:
    return Snapshot.objects.create(
        corpus=corpus, number=1, content_hash="x", archive=blob_put(b"x", "text/plain"), release=release,
        consensus_policy="import", split_seed="shop:1",
    )  # fmt: skip


def gate(snapshot: Snapshot, challenger: ModelVersion, against: ModelVersion | None, passed: bool) -> Gate:
    return Gate.objects.create(
        corpus=snapshot.corpus, snapshot=snapshot, challenger=challenger, champion=against, thresholds={},
        outcome={"conditions": [{"name": "acc2 against the champion", "holds": passed}]}, passed=passed,
    )  # fmt: skip


def test_intervals_hold_the_figure_and_a_paired_difference_is_narrow() -> None:
    rows = answers(2, 10)
    low, high = intervals(rows)["acc4"]
    assert low < 0.9 < high and high - low < 0.2
    same = difference(rows, rows, "macro_f1")
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_the_gate_opens_for_better_and_shuts_for_worse() -> None:
    good, bad = answers(2, 10), answers(2, 3)
    assert gate_decide(Thresholds(), good, majority(), bad).passed
    shut = gate_decide(Thresholds(), bad, majority(), good)
    assert {row.name for row in shut.conditions if not row.holds} >= {
        "acc2 against the champion",
        "acc2 on knowledge",
    }
    assert not gate_decide(Thresholds(), majority(), majority(), None).passed


def test_a_slice_that_falls_shuts_the_gate_though_the_whole_gains() -> None:
    before = answers(2, 5, "rules")[:100] + answers(2, 2, "knowledge")[100:]
    after = answers(2, 2, "rules")[:100] + answers(2, 200, "knowledge")[100:]
    shut = gate_decide(Thresholds(), after, majority(), before)
    assert [row.name for row in shut.conditions if not row.holds] == ["acc2 on rules"]


def test_unparsable_answers_shut_the_gate() -> None:
    rows = [{**row, "predicted": None} if int(row["pair"]) % 10 == 0 else row for row in answers(1, 200)]
    assert not gate_decide(Thresholds(), rows, majority(), None).passed


def test_promotion_needs_a_passed_gate_or_a_reason(
    models: list[ModelVersion], snapshot: Snapshot, admin: User
) -> None:
    one, two, _ = models
    with pytest.raises(GateNotPassed):
        model_promote(model=one, actor=admin)
    gate(snapshot, one, None, True)
    model_promote(model=one, actor=admin)
    gate(snapshot, two, None, True)  # passed, but against no champion: another stands now
    with pytest.raises(GateNotPassed):
        model_promote(model=two, actor=admin)
    gate(snapshot, two, one, False)
    promotion = model_promote(model=two, actor=admin, override_reason="the sale starts today")
    assert promotion.override_reason and champion(two.corpus) == two
    assert AuditEntry.objects.filter(action="model.promote").count() == 2
    assert OutboxEvent.objects.filter(kind="model.promoted").count() == 2
    with pytest.raises(Conflict):
        model_promote(model=two, actor=admin, override_reason="again")


@pytest.mark.django_db(transaction=True)
def test_of_two_promotions_at_once_one_is_measured_against_the_other(
    models: list[ModelVersion], snapshot: Snapshot
) -> None:
    one, two, three = models
    model_promote(model=one, actor=None, override_reason="the first")
    for model in (two, three):
        gate(snapshot, model, one, True)
    both = threading.Barrier(2)

    def promote(model: ModelVersion) -> str:
        try:
            both.wait(30)
            return str(model_promote(model=model, actor=None).model_version)
        except GateNotPassed:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(promote, (two, three)))
    assert outcomes.count("refused") == 1 and str(champion(one.corpus)) in outcomes


@pytest.mark.django_db(transaction=True)
def test_a_run_that_two_workers_finish_is_registered_once(snapshot: Snapshot, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text("{}")
    run = TrainingJob.objects.create(
        corpus=snapshot.corpus, snapshot=snapshot, method="sft", run_uri=tmp_path.as_uri()
    )
    both = threading.Barrier(2)

    def register(_: int) -> int:
        try:
            both.wait(30)
            return model_register(training_job=run, folder=tmp_path / "model", card={}).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(register, range(2)))) == 1


def test_roll_back_goes_one_step_at_a_time_and_rewrites_nothing(
    models: list[ModelVersion], admin: User
) -> None:
    for model in models:
        model_promote(model=model, actor=admin, override_reason="test")
    corpus = models[0].corpus
    with pytest.raises(Invalid):
        model_rollback(corpus=corpus, actor=admin, reason=" ")
    model_rollback(corpus=corpus, actor=admin, reason="complaints")
    assert champion(corpus) == models[1]
    model_rollback(corpus=corpus, actor=admin, reason="still")
    assert champion(corpus) == models[0]
    with pytest.raises(Conflict):
        model_rollback(corpus=corpus, actor=admin, reason="further")
    assert Promotion.objects.count() == 5


def test_a_policy_starts_a_turn_after_so_many_verdicts(judged: Corpus, admin: User) -> None:
    with pytest.raises(Invalid):
        refresh_policy_set(corpus=judged, actor=admin, enabled=True)
    refresh_policy_set(corpus=judged, actor=admin, enabled=True, after_verdicts=1)
    assert policies_apply() == 0
    query = judged.queries.order_by("id")[0]
    settle(query, judged.items.exclude(pairs__query=query).order_by("id")[0], 1)
    assert policies_apply() == 1 and Turn.objects.get().cause == "policy"
    assert policies_apply() == 0, "it counts from the turn that it started"
    Job.objects.update(state="done")
    refresh_policy_set(corpus=judged, actor=admin, enabled=True, every_hours=1)
    RefreshPolicy.objects.update(last_started_at="2020-01-01T00:00:00Z")
    assert policies_apply() == 1
