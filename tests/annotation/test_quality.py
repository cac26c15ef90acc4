"""Stored figures, alarms, drift, the model beside people, contradictions; their pages in a fixed number of queries."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotation import services
from annotation.figures.alarms import THRESHOLDS, alarms_of, thresholds_of
from annotation.figures.answers import answers_read
from annotation.figures.rows import Figure
from annotation.models import Judgment, PairBelief, QualityAlarm, QualityFigure, QualityRun, RaterModel
from annotation.selectors.dashboard import finish_of
from annotation.selectors.judgments import effective_judgments, stale_judgments
from annotation.selectors.quality import report_for
from annotation.services.quality import quality_due, scope_compute
from annotation.services.stale import contradictions_check
from annotation.services.suggestions import Suggested, suggestions_record
from rules.models import Publication, PublishCheck, Release, ReleaseEntry, RuleVersion
from webapp.common.errors import Conflict, Invalid
from webapp.common.events import event_publish, events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Job, Membership, Notification, Role, User

from .conftest import pairs_make

ClientFor = Callable[[Any], Client]
RATERS = ("annotator", "reviewer", "admin")


def url(name: str, *args: Any) -> str:
    return reverse(f"annotation:{name}", args=["shop", *args])


def say(shop: SimpleNamespace, person: User, pair: Any, grade: int, **values: Any) -> Judgment:
    """A standing judgment, without a campaign around it."""
    return Judgment.objects.create(
        id=uuid.uuid4(), corpus=shop.corpus, pair=pair, item_version=pair.item.current, person=person,
        release=shop.release, grade=grade, **values,
    )  # fmt: skip


@pytest.fixture
def judged(shop: SimpleNamespace) -> SimpleNamespace:
    """Four queries of twelve pairs, judged by three people; the third one errs on every third pair, where R01 fires."""
    more = [pairs_make(shop.corpus, 12, text=f"dress {n}", colour="burgundy") for n in range(3)]
    shop.all = [*shop.pairs, *(pair for pairs in more for pair in pairs)]
    for at, pair in enumerate(shop.all):
        truth = 1 + at % 4
        for name in RATERS:
            odd = name == "admin" and at % 3 == 0
            say(shop, getattr(shop.people, name), pair, 1 + (truth + 1) % 4 if odd else truth, seconds=5.0)
    return shop


def test_answers_are_read_as_columns(judged: SimpleNamespace) -> None:
    pair = judged.pairs[0]
    late = say(judged, judged.people.annotator, pair, 4, at=timezone.now() + dt.timedelta(hours=1))
    withdrawn = say(judged, judged.people.editor, pair, 4)
    Judgment.objects.create(
        id=uuid.uuid4(), corpus=judged.corpus, pair=pair, item_version=pair.item.current, grade=None,
        person=judged.people.editor, release=judged.release, supersedes=withdrawn,
    )  # fmt: skip
    found = answers_read(judged.corpus)
    assert len(found) == 48 * 3 and set(found.people) == {getattr(judged.people, n).pk for n in RATERS}
    mine = (found.person == list(found.people).index(late.person_id)) & (found.pairs[found.pair] == pair.pk)
    assert found.grade[mine].tolist() == [4]  # the newest of two
    assert found.seconds[mine].tolist() == [-1.0] and np.isclose(found.seconds[~mine], 5.0).all()
    assert len(answers_read(judged.people.outsider.memberships.get().corpus)) == 0


def test_alpha_where_a_rule_version_fires(judged: SimpleNamespace) -> None:
    services.quality_compute(corpus=judged.corpus)
    report = report_for(judged.corpus)
    assert report.overall is not None and report.overall.n == 48 and report.overall.detail["queries"] == 4
    low, high = report.overall.low, report.overall.high
    assert low is not None and high is not None and low <= (report.overall.value or 0) <= high
    rule = report.by_rule[0]
    assert rule.key == "R01 v1" and rule.n == 40 and rule.label == "R01 v1: Another colour"
    assert [row.key for row in report.by_dimension] == ["colour"]
    assert len(report.by_week) == 1 and len(report.two) == 3
    perfect = next(row for row in report.two if "Admin" not in row.label)
    assert perfect.value == pytest.approx(1.0) and perfect.n == 48


def test_dawid_and_skene_find_who_errs(judged: SimpleNamespace) -> None:
    services.quality_compute(corpus=judged.corpus)
    accuracy = dict(RaterModel.objects.values_list("person__display_name", "accuracy"))
    assert accuracy["Annotator"] > 0.95 and accuracy["Admin"] < 0.8
    assert PairBelief.objects.count() == 48
    at = {pair.pk: number for number, pair in enumerate(judged.all)}
    assert all(row.grade == 1 + at[row.pair_id] % 4 for row in PairBelief.objects.all())


def test_only_what_is_new_is_worked_out_again(judged: SimpleNamespace) -> None:
    assert quality_due(judged.corpus) == [None]
    assert services.quality_compute(corpus=judged.corpus)["scopes"] == 1
    assert quality_due(judged.corpus) == []
    assert services.quality_compute(corpus=judged.corpus) == {"scopes": 0, "answers": 0}
    campaign = judged.campaign(pairs=[judged.pairs[0].pk])
    slot = services.slot_lease(campaign=campaign, person=judged.people.annotator)
    assert slot is not None
    services.judgment_submit(
        key=uuid.uuid4(), slot=slot, person=judged.people.annotator, release=judged.release, grade=4
    )
    assert quality_due(judged.corpus) == [None, campaign]
    services.quality_compute(corpus=judged.corpus)
    assert QualityRun.objects.get(campaign=campaign).answers == 1
    assert not QualityFigure.objects.filter(campaign=campaign, metric="alpha").exists()


def test_answers_of_years_ago_that_come_in_today_are_worked_in(
    judged: SimpleNamespace, client_for: ClientFor, settings: Any, tmp_path: Path
) -> None:
    """An import keeps the time an answer was given at, so the newest answer's time does not tell of it."""
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path / "home", tmp_path / "blobs"
    services.quality_compute(corpus=judged.corpus)
    pair = judged.pairs[0]
    row = {"query": pair.query.text, "docid": pair.item.external_id, "grade": "L4", "person": "Old", "at": ""}
    file = SimpleUploadedFile("old.jsonl", json.dumps({**row, "at": "2019-05-01T10:00:00Z"}).encode())
    admin = client_for(judged.people.admin)
    sent = admin.post("/api/v1/corpora/shop/judgments/imports/", {"format": "jsonl", "file": file}).json()
    assert job_run(sent["id"]) == "done" and Judgment.objects.order_by("at")[0].person.display_name == "Old"
    assert quality_due(judged.corpus) == [None]
    assert services.quality_compute(corpus=judged.corpus) == {"scopes": 1, "answers": 145}
    assert quality_due(judged.corpus) == []


def test_what_becomes_gold_is_counted_by_the_next_run(judged: SimpleNamespace) -> None:
    services.quality_compute(corpus=judged.corpus)
    assert report_for(judged.corpus).of("gold", "person") == []
    services.gold_set(pair=judged.pairs[0], grade=1, actor=judged.people.reviewer)
    assert quality_due(judged.corpus) == [None]
    services.quality_compute(corpus=judged.corpus)
    assert {row.label: row.value for row in report_for(judged.corpus).of("gold", "person")} == {
        "Annotator": 1.0, "Reviewer": 1.0, "Admin": 0.0,
    }  # fmt: skip


def test_grades_of_imported_answers_are_shown_though_they_have_no_shift(
    shop: SimpleNamespace, client_for: ClientFor
) -> None:
    for at, pair in enumerate(shop.pairs):
        for name in RATERS[:2]:
            say(shop, getattr(shop.people, name), pair, 1 + at % 4, origin="import")
    services.quality_compute(corpus=shop.corpus)
    row = report_for(shop.corpus).drift[0]
    assert (row.slice, sum(row.detail["all"]), row.value, sum(row.detail["after"])) == (
        "overall",
        24,
        None,
        0,
    )
    page = client_for(shop.people.reviewer).get(url("agreement_detail")).content.decode()
    assert 'aria-label="All answers: L1 25%' in page


def test_the_job_writes_the_figures_and_one_waits_at_a_time(judged: SimpleNamespace) -> None:
    assert services.quality_refresh_due() == 1
    job = services.quality_refresh_start(corpus=judged.corpus, actor=judged.people.admin)
    assert Job.objects.filter(kind="annotation.quality").count() == 1
    assert job_run(job.pk) == "done" and QualityFigure.objects.exists()
    assert services.quality_refresh_due() == 0


def test_alarms_are_raised_once_told_and_end_by_themselves(judged: SimpleNamespace) -> None:
    services.quality_settings_set(
        corpus=judged.corpus, actor=judged.people.admin, stale_campaigns=False, stale_most=500,
        thresholds={"fast_seconds": 6.0, "fast_answers": 20, "constant_answers": 1000},
    )  # fmt: skip
    services.quality_compute(corpus=judged.corpus)
    fast = QualityAlarm.objects.filter(kind="fast", resolved_at=None)
    assert fast.count() == 3 and Notification.objects.filter(kind="annotation.alarm").count() >= 3
    services.quality_compute(corpus=judged.corpus, everything=True)
    assert fast.count() == 3  # not twice
    alarm = fast.first()
    assert alarm is not None
    services.alarm_resolve(alarm=alarm, actor=judged.people.reviewer, resolution="talked it over")
    with pytest.raises(Conflict):
        services.alarm_resolve(alarm=alarm, actor=judged.people.reviewer)
    services.quality_compute(corpus=judged.corpus, everything=True)
    assert fast.count() == 2  # dealt with: not raised again over the same answers
    services.quality_settings_set(
        corpus=judged.corpus, actor=judged.people.admin, thresholds={}, stale_campaigns=False, stale_most=500
    )
    services.quality_compute(corpus=judged.corpus, everything=True)
    assert fast.count() == 0 and QualityAlarm.objects.filter(resolution="It has passed.").count() == 2
    with pytest.raises(Invalid):
        services.quality_settings_set(
            corpus=judged.corpus,
            actor=judged.people.admin,
            thresholds={"mood": 1},
            stale_campaigns=False,
            stale_most=1,
        )


def habit(**detail: Any) -> Figure:
    base = {"lately": 60, "top_grade": 4, "top_share": 0.5, "others_share": 0.4, "median_lately": 5.0,
            "timed_lately": 60, "skip_streak": 0, "imported": False}  # fmt: skip
    return Figure("answers", "person", "7", "Nora", 60, 60.0, detail={**base, **detail})


@pytest.mark.parametrize(
    ("figure", "kinds"),
    [
        (habit(), []),
        (habit(median_lately=0.9), ["fast"]),
        (habit(median_lately=0.9, timed_lately=5), []),
        (habit(top_share=0.98), ["constant"]),
        (habit(top_share=0.98, others_share=0.95), []),  # the pairs are like that
        (habit(skip_streak=9), ["skips"]),
        (habit(imported=True, median_lately=0.1), []),
        (Figure("gold", "person", "7", "Nora", 12, 0.5, detail={"right": 6}), ["gold"]),
        (Figure("gold", "person", "7", "Nora", 5, 0.2, detail={"right": 1}), []),
        (Figure("kappa", "person", "7", "Nora", 80, 0.1), ["kappa"]),
        (Figure("grades", "stratum", "head", "head", 400, 0.4,
                detail={"before": [50, 50, 50, 50], "after": [5, 5, 10, 180], "p": 1e-9}), ["drift"]),
        (Figure("grades", "stratum", "head", "head", 400, 0.4,
                detail={"before": [5, 5, 5, 5], "after": [5, 5, 10, 180], "p": 1e-9}), []),
    ],
)  # fmt: skip
def test_what_crosses_a_threshold(figure: Figure, kinds: list[str]) -> None:
    assert [alarm.kind for alarm in alarms_of([figure], thresholds_of({}))] == kinds
    assert set(thresholds_of({"kappa": 0.7, "mood": 1})) == set(THRESHOLDS)


def test_a_shift_of_grades_is_seen_with_its_n(judged: SimpleNamespace) -> None:
    me, now = judged.people.editor, timezone.now()
    for at, pair in enumerate(judged.all[:40]):
        say(judged, me, pair, 1 + at % 2, at=now - dt.timedelta(days=60))
    services.quality_compute(corpus=judged.corpus)
    row = next(row for row in report_for(judged.corpus).drift if row.slice == "overall")
    assert sum(row.detail["before"]) == 40 and sum(row.detail["after"]) == 144
    assert (row.value or 0) > 0.2 and row.detail["p"] < 0.01


def test_the_model_is_measured_where_nobody_saw_its_word(judged: SimpleNamespace) -> None:
    rows = [
        Suggested(pair=pair.pk, item_version=pair.item.current_id, grade=1 + at % 4)
        for at, pair in enumerate(judged.all)
    ]
    suggestions_record(corpus=judged.corpus, release=judged.release, model_name="m1", rows=rows)
    services.quality_compute(corpus=judged.corpus)
    found = {(row.slice, row.key): row for row in QualityFigure.objects.filter(metric="model")}
    assert found["person", str(judged.people.annotator.pk)].value == pytest.approx(1.0)
    assert (found["person", str(judged.people.admin.pk)].value or 1) < 0.8
    assert found["rule", "R01 v1"].n == 120 and found["dimension", "colour"].n == 120
    assert found["peers", "annotators"].value == found["peers", "reviewers"].value == pytest.approx(1.0)
    assert found["peers", "others"].n == 48 and (found["peers", "others"].value or 1) < 0.8


def test_the_model_with_one_person_is_read_beside_the_model_with_her_peers(
    judged: SimpleNamespace, client_for: ClientFor
) -> None:
    """Where the model disagrees with her alone, it is not the model."""
    Membership.objects.create(user=judged.people.admin, corpus=judged.corpus, role=Role.ANNOTATOR)
    rows = [
        Suggested(pair=pair.pk, item_version=pair.item.current_id, grade=1 + at % 4)
        for at, pair in enumerate(judged.all)
    ]
    suggestions_record(corpus=judged.corpus, release=judged.release, model_name="m1", rows=rows)
    services.quality_compute(corpus=judged.corpus)
    found = {row.key: row for row in QualityFigure.objects.filter(metric="model", slice="person")}
    odd, even = found[str(judged.people.admin.pk)], found[str(judged.people.annotator.pk)]
    assert odd.detail["group"] == even.detail["group"] == "annotators"
    assert odd.detail["peers"] == pytest.approx(1.0) and even.detail["peers"] == pytest.approx(odd.value)
    assert found[str(judged.people.reviewer.pk)].detail["peers"] is None  # nobody beside her
    page = client_for(judged.people.reviewer).get(url("agreement_detail")).content.decode()
    assert "other annotators 1.00" in page


def test_a_figure_leads_to_the_answers_behind_it(judged: SimpleNamespace, client_for: ClientFor) -> None:
    """The administrator errs on every third pair: those are the pairs, everybody's, hers, and where the rule fires."""
    services.quality_compute(corpus=judged.corpus)
    client, people = client_for(judged.people.reviewer), judged.people
    odd = {pair.pk for pair in judged.all[::3]}
    figures = client.get(url("agreement_detail")).content.decode()
    hers, theirs = f"{people.annotator.pk}:{people.admin.pk}", f"{people.annotator.pk}:{people.reviewer.pk}"
    hers = hers if f"with={hers.replace(':', '%3A')}" in figures else ":".join(reversed(hers.split(":")))
    for query in ("", f"?with={hers}", "?rule=R01"):
        assert f"{url('apart_list')}{query.replace(':', '%3A')}" in figures
        lines = client.get(url("apart_list") + query).context["lines"]
        found = {line.pair.pk for line in lines}
        assert found == odd if query != "?rule=R01" else found and found < odd
        assert all(len(line.answers) == 3 for line in lines)
    same = client.get(url("apart_list") + f"?with={theirs}").content.decode()
    assert "No pair here has answers that differ." in same
    assert "holds no rule R99" in client.get(url("apart_list") + "?rule=R99").content.decode()
    assert client.get(url("apart_list") + f"?with={people.outsider.pk}:{people.admin.pk}").status_code == 404
    campaign = judged.campaign(pairs=[judged.all[0].pk, judged.all[1].pk])
    lines = client.get(url("apart_list") + f"?campaign={campaign.pk}").context["lines"]
    assert [line.pair.pk for line in lines] == [judged.all[0].pk]


def test_no_answers_no_figures(shop: SimpleNamespace, client_for: ClientFor) -> None:
    assert quality_due(shop.corpus) == [] and scope_compute(corpus=shop.corpus, campaign=None) == 0
    assert (
        "No pair has been judged"
        in client_for(shop.people.reviewer).get(url("agreement_detail")).content.decode()
    )


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("agreement_detail", 16),
        ("apart_list", 14),
        ("alarm_list", 13),
        ("person_detail", 24),
        ("campaign_list", 12),
    ],
)
def test_pages_ask_a_fixed_number_of_queries(
    judged: SimpleNamespace, client_for: ClientFor, name: str, most: int
) -> None:
    client = client_for(judged.people.reviewer)
    address = url(name, *([judged.people.admin.pk] if name == "person_detail" else []))
    counts = []
    for round_ in range(2):
        services.quality_compute(corpus=judged.corpus, everything=True)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
        for person in ("editor", "reviewer"):
            for pair in pairs_make(judged.corpus, 12, text=f"more {round_} {person}"):
                say(judged, getattr(judged.people, person), pair, 4, seconds=0.5)
    assert counts[0] == counts[1] <= most


def test_one_person_s_work(judged: SimpleNamespace, client_for: ClientFor) -> None:
    services.gold_set(pair=judged.pairs[0], grade=1, actor=judged.people.admin)
    services.quality_compute(corpus=judged.corpus)
    client, her = client_for(judged.people.reviewer), judged.people.admin
    found = client.get(url("person_detail", her.pk))
    body, (row, *_) = found.content.decode(), found.context["page"].rows
    assert "Dawid–Skene" in body and "Admin" in body and f'data-pair="{row.pair_id}"' in body
    for shown, n in (("wrong", 1), ("gold", 1), ("fast", 0), ("against", 0), ("returned", 0)):
        page = client.get(url("person_detail", her.pk) + f"?show={shown}").context["page"]
        assert len(page.rows) == n, shown
    assert client.get(url("person_detail", judged.people.outsider.pk)).status_code == 404


def test_reviewing_by_the_page(shop: SimpleNamespace, client_for: ClientFor) -> None:
    campaign, me = shop.campaign(pairs=[shop.pairs[0].pk]), shop.people.annotator
    slot = services.slot_lease(campaign=campaign, person=me)
    assert slot is not None
    done = services.judgment_submit(key=uuid.uuid4(), slot=slot, person=me, release=shop.release, grade=4)
    client = client_for(shop.people.reviewer)
    sent = {"verdict": "returned", "comment": "look again", "back": "https://elsewhere.example/"}
    response = client.post(url("answer_review", done.judgment.pk), sent)
    assert response.status_code == 302 and response["Location"] == url("person_detail", me.pk)
    mine = client_for(me)
    assert "look again" in mine.get(url("history_list")).content.decode()
    assert "1 new notice" in mine.get(url("annotation_home")).content.decode()
    mine.post(url("notices_read"))
    assert "1 new notice" not in mine.get(url("annotation_home")).content.decode()


def test_when_a_campaign_will_be_done() -> None:
    today = dt.date(2026, 6, 30)
    steady = [(today - dt.timedelta(days=n), 10) for n in range(10)]
    found = finish_of(steady, 100, today)
    assert found is not None and found.day == today + dt.timedelta(days=10) and found.per_day == 10
    assert found.early < found.day and found.late is not None and found.late > found.day
    erratic = finish_of([(today, 1), (today - dt.timedelta(days=9), 1)], 5, today)
    assert erratic is not None and erratic.late is None
    assert finish_of([], 10, today) is None and finish_of(steady, 0, today) is None


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
