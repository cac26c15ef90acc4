"""The champion's adherence as a publish check of a release in review."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from relevance.grades import Grade
from rules.models import PublishCheck, Release, ReleaseEntry, Rule, RuleVersion
from training_bridge.models import Alias, Evaluation, ModelVersion
from training_bridge.services import adherence_check
from training_bridge.services.adherence import CHECK
from training_bridge.snapshots.archive import snapshot_rows
from training_bridge.snapshots.build import SnapshotOptions, snapshot_build
from webapp.common.blobs import blob_put
from webapp.common.events import event_publish, events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job

WRONG_COLOUR = {"when": "query.color != item.color", "grade": "L2", "dimension": "colour", "reason": ""}


@pytest.fixture
def draft(judged: Corpus) -> Release:
    """A release in review with one rule: another colour than the asked one is L2."""
    release = Release.objects.create(corpus=judged, number=1, state=Release.State.IN_REVIEW)
    rule = Rule.objects.create(corpus=judged, code="R01")
    version = RuleVersion.objects.create(
        rule=rule, number=1, title="Wrong colour", dimension="colour", ladder=[WRONG_COLOUR], content_hash="x"
    )
    ReleaseEntry.objects.create(release=release, rule_version=version)
    return release


def champion_that_says(corpus: Corpus, grade: Grade | None, folder: Path) -> ModelVersion:
    """A promoted model whose stored held-out answers are all the same."""
    snapshot = snapshot_build(corpus=corpus, options=SnapshotOptions(), actor=None)
    rows = [
        {"pair": row["pair"], "query_id": row["query_id"], "subject": "model direct", "truth": row["grade"],
         "predicted": grade.name if grade else None}
        for row in snapshot_rows(snapshot, "eval")
    ]  # fmt: skip
    path = folder / "predictions.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    model = ModelVersion.objects.create(
        corpus=corpus, number=1, release=snapshot.release, uri="/models/1", content_hash="1",
        template_version="r1", serving_mode="direct",
    )  # fmt: skip
    Evaluation.objects.create(
        corpus=corpus, snapshot=snapshot, model_version=model, subject="model direct", mode="direct",
        predictions=blob_put(path, "application/vnd.apache.parquet"), metrics={},
    )  # fmt: skip
    Alias.objects.create(corpus=corpus, name="champion", model_version=model)
    return model


def test_a_champion_that_keeps_to_the_rules(judged: Corpus, draft: Release, tmp_path: Path) -> None:
    champion_that_says(judged, Grade.L2, tmp_path)
    check = adherence_check(release=draft)
    assert check is not None and check.ok and not check.blocking
    assert check.content["after"]["share"] == 1.0 and check.content["after"]["pairs"] > 5
    assert "keeps to these rules on 100.0%" in check.message


def test_a_champion_that_does_not_is_named_with_pairs_to_look_at(
    judged: Corpus, draft: Release, tmp_path: Path
) -> None:
    champion_that_says(judged, Grade.L4, tmp_path)
    check = adherence_check(release=draft)
    assert check is not None and check.content["after"]["share"] == 0.0
    assert len(check.content["after"]["outside"]) == min(20, check.content["after"]["pairs"])
    assert check.ok, "nothing in force fired before, so nothing fell"


def test_no_champion_says_nothing(draft: Release) -> None:
    assert adherence_check(release=draft) is None
    assert not PublishCheck.objects.filter(name=CHECK).exists()


def test_a_release_handed_in_is_checked_by_a_job(judged: Corpus, draft: Release, tmp_path: Path) -> None:
    champion_that_says(judged, None, tmp_path)
    event_publish(corpus=judged, kind="release.submitted", payload={"release": draft.pk})
    events_deliver()
    events_deliver()
    job = Job.objects.get(kind="training.adherence")
    assert job_run(job.pk) == Job.State.DONE
    assert PublishCheck.objects.get(release=draft, name=CHECK).content["after"]["share"] == 0.0
