"""What a release says against people: told before it is published, judged again after it."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client

from annotation import services
from annotation.models import Judgment
from annotation.selectors.judgments import effective_judgments, stale_judgments
from annotation.services.stale import contradictions_check
from rules.models import Publication, PublishCheck, Release, ReleaseEntry, RuleVersion
from webapp.common.events import event_publish, events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Job, Notification

from .test_quality import judged

__all__ = ["judged"]


ClientFor = Callable[[Any], Client]


@pytest.fixture
def stricter(judged: SimpleNamespace) -> Release:
    """A draft after release 1: where colours differ it says L1, no longer L2."""
    old = RuleVersion.objects.get()
    ladder = [{**old.ladder[0], "grade": "L1"}]
    version = RuleVersion.objects.create(
        rule=old.rule, number=2, state="published", title=old.title, principle=old.principle, dimension="colour",
        scope=old.scope, ladder=ladder, content_hash="r2",
    )  # fmt: skip
    release = Release.objects.create(corpus=judged.corpus, number=2, dimensions=judged.release.dimensions)
    ReleaseEntry.objects.create(release=release, rule_version=version)
    return release


def test_judgments_contradicted_are_a_publish_check(judged: SimpleNamespace, stricter: Release) -> None:
    services.gold_set(pair=judged.pairs[1], grade=2, dimension="colour", actor=judged.people.admin)
    event_publish(corpus=judged.corpus, kind="release.submitted", payload={"release": stricter.pk})
    events_deliver()
    job = Job.objects.get(kind="annotation.contradictions")
    assert job_run(job.pk) == "done"
    check = PublishCheck.objects.get(release=stricter, name="judgments contradicted")
    assert not check.ok and not check.blocking and check.content["gold"] == 1
    assert check.content["first"][0]["pair"] == judged.pairs[1].pk and check.content["first"][0]["gold"]
    fires = [at for at in range(48) if at % 12 not in (3, 9)]  # all but the burgundy ones
    wrong = Judgment.objects.filter(pair__in=[judged.all[at] for at in fires]).exclude(grade=1).count()
    assert check.content["judgments"] == wrong and check.content["of"] == 120
    assert check.content["rules"] == [["R01", wrong]]
    assert sum(n for _, n in check.content["people"]) == wrong == sum(n for _, n in check.content["grades"])
    assert (
        f"{wrong} of 120 standing judgments" in check.message and "1 of the pairs are gold" in check.message
    )


def test_new_words_for_the_levels_are_said_to_make_every_judgment_stale(
    judged: SimpleNamespace, stricter: Release
) -> None:
    stricter.level_definitions = {"L4": "another definition"}
    stricter.save()
    check = contradictions_check(release=stricter)
    standing = effective_judgments(judged.corpus).count()
    assert check is not None and f"all {standing} standing judgments become stale" in check.message
    assert stale_judgments(judged.corpus, stricter).count() == standing


def test_reviewers_are_told_where_no_campaign_opens_by_itself(
    judged: SimpleNamespace, stricter: Release
) -> None:
    stricter.level_definitions = {"L4": "another definition"}
    stricter.save()
    made = Publication.objects.create(corpus=judged.corpus, release=stricter)
    services.quality_settings_set(
        corpus=judged.corpus, actor=judged.people.admin, thresholds={}, stale_campaigns=False, stale_most=500
    )
    assert services.stale_take_up(publication=made) is None
    told = Notification.objects.get(kind="annotation.stale")
    assert "48 pairs" in told.text and told.person == judged.people.reviewer and "which=stale" in told.url
    services.stale_take_up(publication=made)
    assert Notification.objects.filter(kind="annotation.stale").count() == 1


def test_a_stale_campaign_is_capped_and_gold_comes_first(judged: SimpleNamespace, stricter: Release) -> None:
    services.gold_set(pair=judged.all[40], grade=2, dimension="colour", actor=judged.people.admin)
    stricter.level_definitions = {"L4": "another definition"}
    stricter.save()
    services.quality_settings_set(
        corpus=judged.corpus, actor=judged.people.admin, thresholds={}, stale_campaigns=True, stale_most=5
    )
    made = Publication.objects.create(corpus=judged.corpus, release=stricter)
    campaign = services.stale_take_up(publication=made)
    assert campaign is not None and campaign.slots_total == 5 and campaign.release == stricter
    first = services.slot_lease(campaign=campaign, person=judged.people.annotator)
    assert first is not None and first.annotation_task.pair_id == judged.all[40].pk
    assert services.stale_take_up(publication=made) is None
