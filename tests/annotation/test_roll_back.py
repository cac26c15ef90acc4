"""A release goes and comes back: what people said stands, falls and stands again, and what fell is judged anew."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.db.utils import IntegrityError
from django.test import Client

from annotation import services
from annotation.models import Campaign, Judgment
from annotation.selectors import consensus_for, stale_among, stale_judgments
from annotation.selectors.sources import PairChoice, pairs_chosen
from annotation.services import quality_settings_set, stale_take_up
from rules import services as rules
from rules.models import Publication, Release, Rule, VerdictChange
from rules.publications import BEGINNING, END, LAST, NEVER, Course
from webapp.common.events import events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Job

from .conftest import Judge

RELEASES = "/c/shop/rules/releases/"
LADDER = [{"when": "item.colour != query.colour", "grade": "L1", "dimension": "colour", "reason": ""}]
ClientFor = Callable[[Any], Client]


def publish_second(shop: SimpleNamespace, client_for: ClientFor) -> Release:
    """Release 2 by the pages: where colours differ it says L1, no longer L2; and all that follows from it."""
    editor, reviewer = client_for(shop.people.editor), client_for(shop.people.reviewer)
    form = {
        "code": "R01", "title": "Another colour", "principle": "A named colour is what the person wants.",
        "dimension": "colour", "scope": "has(query.colour)", "ladder": LADDER,
    }  # fmt: skip
    rules.rule_edit(rule=Rule.objects.get(), form=form, actor=shop.people.editor)
    editor.post(RELEASES + "new/")
    editor.post(RELEASES + "2/submit/")
    events_deliver()
    assert job_run(Job.objects.get(kind="annotation.contradictions").pk) == "done"
    reviewer.post(RELEASES + "2/sign-off/")
    editor.post(RELEASES + "2/publish/")
    events_deliver()
    return Release.objects.get(number=2)


@pytest.fixture
def after(shop: SimpleNamespace, judge: Judge, client_for: ClientFor) -> SimpleNamespace:
    """A red dress for a burgundy one: L2 by the annotator under release 1; then release 2, which says L1, by the pages;
    then L1 by the reviewer.
    """
    people = shop.people
    quality_settings_set(
        corpus=shop.corpus, actor=people.admin, thresholds={}, stale_campaigns=True, stale_most=5
    )
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, people.annotator, grade=2, dimension="colour")
    shop.second = publish_second(shop, client_for)
    judge(campaign, people.reviewer, grade=1, dimension="colour", release=shop.second)
    return shop


def stale(shop: SimpleNamespace, release: Release) -> list[int | None]:
    """Grades of the stale answers; both readings of staleness agree on them."""
    found = stale_judgments(shop.corpus, release)
    few = stale_among(shop.corpus, list(Judgment.objects.filter(corpus=shop.corpus)), release)
    assert {row.pk for row in found} == few
    return [row.grade for row in found]


def back(shop: SimpleNamespace, client_for: ClientFor, number: int) -> None:
    response = client_for(shop.people.editor).post(
        f"{RELEASES}{number}/rollback/", {"reason": "it was wrong", "override": "it was wrong"}
    )
    assert response.status_code == 302
    events_deliver()


def test_an_answer_stands_again_when_its_release_comes_back(
    after: SimpleNamespace, client_for: ClientFor
) -> None:
    assert stale(after, after.second) == [2]
    back(after, client_for, 1)
    assert stale(after, after.release) == [1], "what was said under release 2 is overturned by the roll back"
    pair = after.pairs[0].pk
    assert consensus_for([pair], after.release)[pair].grade == 2
    assert consensus_for([pair], after.second)[pair].grade == 1, "as of release 2 nothing has moved"
    back(after, client_for, 2)
    assert stale(after, after.second) == [2]
    assert consensus_for([pair], after.second)[pair].grade == 1


def test_what_a_roll_back_overturns_is_judged_again(after: SimpleNamespace, client_for: ClientFor) -> None:
    opened = Campaign.objects.filter(release__isnull=False).order_by("pk")
    assert [row.name for row in opened.all()] == ["After release 2"]
    back(after, client_for, 1)
    assert [row.name for row in opened.all()] == ["After release 2", "After release 1"]
    again = opened.get(name="After release 1")
    assert list(again.annotation_tasks.values_list("pair", flat=True)) == [after.pairs[0].pk]
    back(after, client_for, 2)
    assert opened.count() == 3 and Publication.objects.count() == 4
    for publication in Publication.objects.all():  # an event comes twice
        stale_take_up(publication=publication)
    assert opened.count() == 3


def asked_again(shop: SimpleNamespace) -> list[int]:
    """Pairs that a campaign over what is stale would be about."""
    return [pair.pk for pair in pairs_chosen(shop.corpus, PairChoice("stale"))]


def test_a_pair_judged_again_is_not_asked_again_though_the_old_answer_is_stale(
    after: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    pair = after.pairs[0].pk
    assert asked_again(after) == [pair], "two people differ, so nothing is settled"
    renewed = Campaign.objects.get(name="After release 2")
    judge(renewed, after.people.editor, grade=1, dimension="colour", release=after.second)
    assert (stale(after, after.second), asked_again(after)) == ([2], [])
    form = {"which": "stale", "redundancy": "1", "blind_share": "0", "gold_share": "0"}
    preview = client_for(after.people.reviewer).get("/c/shop/annotation/campaigns/preview/", form).text
    assert "<dt>Pairs</dt><dd>0</dd>" in preview
    back(after, client_for, 1)
    assert asked_again(after) == [pair], "what is settled is what release 2 said"


def test_an_adjudicated_pair_is_not_asked_again(after: SimpleNamespace, client_for: ClientFor) -> None:
    pair = after.pairs[0]
    services.adjudication_record(
        pair=pair, actor=after.people.reviewer, release=after.second, grade=3, dimension="", reason="close"
    )
    assert (stale(after, after.second), asked_again(after)) == ([2], [])
    back(after, client_for, 1)
    assert asked_again(after) == [pair.pk]


def test_her_own_page_says_which_of_her_answers_fell(after: SimpleNamespace, client_for: ClientFor) -> None:
    mine = client_for(after.people.annotator)
    address = "/c/shop/annotation/history/"
    assert "stale: the rules changed" in mine.get(address).text
    back(after, client_for, 1)
    assert "stale: the rules changed" not in mine.get(address).text
    assert "stale: the rules changed" in client_for(after.people.reviewer).get(address).text


def test_each_publication_keeps_its_own_changes(after: SimpleNamespace, client_for: ClientFor) -> None:
    back(after, client_for, 1)
    back(after, client_for, 2)
    rows = VerdictChange.objects.filter(pair=after.pairs[0]).order_by("pk")
    assert [(row.before, row.after, row.reason) for row in rows] == [
        ("[L2-colour]", "[L1-colour]", "release 1 → 2"),
        ("[L1-colour]", "[L2-colour]", "release 2 → 1"),
        ("[L2-colour]", "[L1-colour]", "release 1 → 2"),
    ]
    with pytest.raises((IntegrityError, InternalError)), transaction.atomic():
        rows.update(after="[L4]")
    page = client_for(after.people.annotator).get(RELEASES + "2/").text
    assert page.count("It changed the verdict of") == 2


def test_a_release_that_says_nothing_of_a_pair_overturns_nothing(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(pairs=[shop.pairs[0].pk]), shop.people.annotator, grade=4)
    for number, (before, after) in enumerate([("[L2-colour]", "[L1]"), ("[L1]", "")], 2):
        release = Release.objects.create(
            corpus=shop.corpus, number=number, dimensions=shop.release.dimensions
        )
        made = Publication.objects.create(corpus=shop.corpus, release=release)
        VerdictChange.objects.create(publication=made, pair=shop.pairs[0], before=before, after=after)
        assert stale(shop, release) == ([4] if after else [])


def test_the_place_of_what_names_a_release_is_the_newest_publication_by_then() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    published = [(10, 1, start), (11, 2, start + day), (12, 1, start + 2 * day), (13, 9, start)]
    course = Course(published, [(1, False), (2, False), (3, False), (9, True)])
    assert course.place(1, start - day) == 10, "a clock that is behind"
    assert course.place(1, start + day) == 10, "she saw release 1 while release 2 came"
    assert course.place(1, start + 2 * day) == 12 and course.place(2, start + 9 * day) == 11
    assert course.place(9, start) == course.place(3, start) == NEVER
    assert (course.newest(1), course.newest(3), list(course.upto(11))) == (12, LAST, [10, 11])
    spans = course.spans(12)
    assert (1, BEGINNING, start + 2 * day, 10) in spans and (1, start + 2 * day, END, 12) in spans
    assert all(
        course.place(span.release, moment) == span.publication
        for span in spans
        for moment in (span.since, span.until - timedelta(microseconds=1))
    )
    assert not any(span.release == 9 for span in spans)
