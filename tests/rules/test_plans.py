"""A release planned for a time: published then, refused in time, and once only."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from rules import services
from rules.models import (
    Publication,
    PublicationPlan,
    Release,
)
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT
from tests.rules.test_review_services import shop, signed
from webapp.common.errors import Conflict, Invalid
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job, Notification

__all__ = ["shop"]


def test_a_planned_time_is_clear_about_its_zone():
    assert services.due_time("2026-12-01T09:00", "Europe/Berlin") == datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert services.due_time("2026-07-01T09:00", "America/New_York") == datetime(2026, 7, 1, 13, tzinfo=UTC)
    for local, zone in (
        ("2026-03-29T02:30", "Europe/Berlin"),
        ("soon", "UTC"),
        ("2026-12-01T09:00", "Mars/Base"),
        ("2026-12-01T09:00", "../../etc/passwd"),
    ):
        with pytest.raises(Invalid):
            services.due_time(local, zone)


def planned(corpus, people, release):
    plan = services.publication_plan_create(
        release=release,
        due_at=timezone.now() + timedelta(minutes=5),
        time_zone="Europe/Berlin",
        actor=people.editor,
        reason="on time",
    )
    assert job_run(plan.job.pk) == "not mine", "its time has not come"
    Job.objects.filter(pk=plan.job.pk).update(due_at=timezone.now())
    return plan


def test_a_plan_publishes_at_its_time(corpus, people, shop):
    plan = planned(corpus, people, signed(corpus, people, BRAND))
    assert job_run(plan.job.pk) == "done"
    plan.refresh_from_db()
    assert plan.state == "done" and release_current(corpus).number == 1
    assert Publication.objects.get().reason == "on time"
    assert "in force, as planned" in Notification.objects.filter(kind="rules.planned").get().text


def test_a_plan_that_is_refused_at_its_time_is_told_and_audited(corpus, people, shop):
    other = signed(corpus, people, BRAND)
    plan = planned(corpus, people, signed(corpus, people, EXACT))
    services.release_publish(release=other, actor=people.admin)
    assert job_run(plan.job.pk) == "done"
    plan.refresh_from_db()
    assert plan.state == "refused" and "signed off" in plan.outcome and release_current(corpus) == other
    entry = AuditEntry.objects.get(action="release.plan_refused")
    assert entry.data["code"] == "base_moved"
    assert (
        "was not published as planned" in Notification.objects.filter(kind="rules.planned").latest("id").text
    )


def test_plans_are_refused_in_time(corpus, people, shop):
    release = signed(corpus, people, BRAND)
    soon = timezone.now() + timedelta(hours=1)
    plain = {"release": release, "time_zone": "UTC", "actor": people.editor}
    with pytest.raises(Invalid, match="passed"):
        services.publication_plan_create(due_at=timezone.now(), **plain)
    services.publication_plan_create(due_at=soon, **plain)
    with pytest.raises(Conflict, match="planned already"):
        services.publication_plan_create(due_at=soon, **plain)
    assert services.publication_plan_cancel(release=release, actor=people.admin)
    assert not services.publication_plan_cancel(release=release, actor=people.admin)
    assert job_run(PublicationPlan.objects.get().job.pk) == "not mine"
    draft = services.release_create(corpus=corpus, actor=people.editor)
    with pytest.raises(Conflict, match="sign this release off"):
        services.publication_plan_create(**{**plain, "release": draft, "due_at": soon})


@pytest.mark.django_db(transaction=True)
def test_a_plan_and_a_person_publish_at_the_same_instant(corpus, people, shop):
    mine, other = signed(corpus, people, BRAND), signed(corpus, people)
    plan = planned(corpus, people, mine)
    start, outcomes = threading.Barrier(2), []

    def person():
        try:
            start.wait()
            services.release_publish(release=other, actor=people.admin)
            outcomes.append("published")
        except Conflict as conflict:
            outcomes.append(conflict.code)
        finally:
            connection.close()

    def worker():
        try:
            start.wait()
            job_run(plan.job.pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=person), threading.Thread(target=worker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    plan.refresh_from_db()
    assert (outcomes, plan.state) in ((["published"], "refused"), (["base_moved"], "done"))
    assert Publication.objects.count() == 1 and Release.objects.filter(state="published").count() == 1
