"""Stored figures, the model beside people, one person's work; their pages in a fixed number of queries."""

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
from annotation.figures.answers import answers_read
from annotation.models import Judgment, PairBelief, QualityFigure, QualityRun, RaterModel
from annotation.selectors.dashboard import finish_of
from annotation.selectors.quality import report_for
from annotation.services.quality import quality_due, scope_compute
from annotation.services.suggestions import Suggested, suggestions_record
from webapp.common.jobs import job_run
from webapp.common.models import Job, Membership, Role, User

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
        lines = client.get(url("apart_list") + query).context["found"].lines
        found = {line.pair.pk for line in lines}
        assert found == odd if query != "?rule=R01" else found and found < odd
        assert all(len(line.answers) == 3 for line in lines)
    same = client.get(url("apart_list") + f"?with={theirs}").content.decode()
    assert "No pair here has answers that differ." in same
    assert "holds no rule R99" in client.get(url("apart_list") + "?rule=R99").content.decode()
    assert client.get(url("apart_list") + f"?with={people.outsider.pk}:{people.admin.pk}").status_code == 404
    campaign = judged.campaign(pairs=[judged.all[0].pk, judged.all[1].pk])
    lines = client.get(url("apart_list") + f"?campaign={campaign.pk}").context["found"].lines
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
