"""The champion's verdicts for annotation: whose pairs, which texts, and once."""

import uuid
from typing import Any

import pytest

from annotation.models import AnnotationTask, Campaign, Slot, Suggestion
from catalog.models import Pair, SettledVerdict
from tests.serving.conftest import FakeModelServer, champion, model_server
from training_bridge.models import ModelVersion
from training_bridge.services import suggestions_ask
from webapp.common.errors import Conflict, Invalid
from webapp.common.events import event_publish, events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job

__all__ = ["champion", "model_server"]


def open_campaign(corpus: Corpus, shows: bool) -> Campaign:
    """An open campaign over the corpus's first ten pairs."""
    campaign = Campaign.objects.create(
        corpus=corpus, name=f"shows {shows}", state=Campaign.State.OPEN, shows_suggestions=shows
    )
    for pair in Pair.objects.filter(corpus=corpus).order_by("pk")[:10]:
        task = AnnotationTask.objects.create(campaign=campaign, pair=pair)
        Slot.objects.create(campaign=campaign, annotation_task=task, number=1)
    return campaign


def run(corpus: Corpus, unjudged: int = 0) -> dict[str, Any]:
    job = suggestions_ask(corpus=corpus, actor=None, unjudged=unjudged, cause=uuid.uuid4().hex)
    assert job_run(job.pk) == Job.State.DONE
    return dict(Job.objects.get(pk=job.pk).result)


def test_pairs_of_campaigns_that_show_them_are_asked_once(
    judged: Corpus, champion: ModelVersion, model_server: FakeModelServer
) -> None:
    open_campaign(judged, shows=True)
    assert run(judged) == {"asked": 10, "kept": 10}
    assert {body["mode"] for body in model_server.asked} == {"direct", "reasoned"}
    row = Suggestion.objects.order_by("pk")[0]
    assert (row.model_name, row.reasoning, len(row.probabilities)) == ("model 1", "five steps", 4)
    model_server.asked.clear()
    assert run(judged) == {"asked": 0, "kept": 0} and not model_server.asked


def test_a_campaign_without_suggestions_costs_nothing(
    judged: Corpus, champion: ModelVersion, model_server: FakeModelServer
) -> None:
    open_campaign(judged, shows=False)
    assert run(judged) == {"asked": 0, "kept": 0} and not model_server.asked


def test_unjudged_pairs_are_asked_for_verdicts_alone(
    judged: Corpus, champion: ModelVersion, model_server: FakeModelServer
) -> None:
    SettledVerdict.objects.filter(pair__in=Pair.objects.order_by("pk")[:7]).delete()
    assert run(judged, unjudged=5) == {"asked": 5, "kept": 5}
    assert {body["mode"] for body in model_server.asked} == {"direct"}
    assert run(judged, unjudged=50) == {"asked": 2, "kept": 2}


def test_a_promotion_asks_by_itself_and_once(
    judged: Corpus, champion: ModelVersion, model_server: FakeModelServer
) -> None:
    open_campaign(judged, shows=True)
    event_publish(corpus=judged, kind="model.promoted", payload={"model_id": champion.pk})
    events_deliver()
    events_deliver()
    job = Job.objects.get(kind="training.suggest")
    assert job_run(job.pk) == Job.State.DONE and Suggestion.objects.count() == 10


def test_a_model_server_that_refuses_fails_the_job_in_words(
    judged: Corpus, champion: ModelVersion, model_server: FakeModelServer
) -> None:
    open_campaign(judged, shows=True)
    model_server.refuses = True
    job = suggestions_ask(corpus=judged, actor=None)
    job_run(job.pk)
    assert "does not load" in Job.objects.get(pk=job.pk).error
    assert not Suggestion.objects.exists()


def test_no_champion_and_too_many(judged: Corpus) -> None:
    with pytest.raises(Conflict, match="run a turn"):
        suggestions_ask(corpus=judged, actor=None)
    with pytest.raises(Invalid):
        suggestions_ask(corpus=judged, actor=None, unjudged=10**7)
