"""Consensus and agreement: small tables by hand, and the published figures of three real raters."""

import csv
import os
from collections import defaultdict
from collections.abc import Callable, Hashable
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import Client

from annotation import services
from annotation.agreement import agreement_of
from annotation.consensus import Opinion, consensus_of
from annotation.keys import dimension_keys
from annotation.models import Campaign
from annotation.selectors import consensus_for, effective_judgments, stale_judgments
from annotation.selectors.agreement import agreement_for
from annotation.services import quality_compute
from catalog.models import Pair
from catalog.services import import_start
from relevance.grades import DIMENSIONS
from rules.models import Publication, Release, VerdictChange
from webapp.common.events import event_publish, events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Notification, User

from .conftest import Judge

DATA = Path(os.environ.get("LORE_DATA_DIR") or Path(__file__).resolve().parents[3] / "shared" / "data")
RATINGS = DATA / "chorus_electronics" / "ratings_by_rater.csv"


@pytest.mark.skipif(not RATINGS.exists(), reason="the Chorus ratings are not on this machine (LORE_DATA_DIR)")
def test_the_figures_of_three_real_raters() -> None:
    grades: dict[Hashable, dict[Hashable, int]] = defaultdict(dict)
    with RATINGS.open(newline="") as rows:
        for row in csv.DictReader(rows):
            grades[row["rater"]][row["query_id"], row["product_id"]] = int(row["grade"]) + 1
    found = agreement_of(grades)
    assert found.subjects == 2626 and found.answers == 7878
    assert round(100 * (found.full or 0), 1) == 70.9 and round(100 * (found.two_of_three or 0), 1) == 24.9
    assert round(found.alpha or 0, 3) == 0.759 and round(found.alpha_interval or 0, 3) == 0.759
    kappas = sorted(round(kappa.value or 0, 2) for kappa in found.kappas)
    assert kappas[0] == 0.72 and kappas[-1] == 0.79


@pytest.mark.slow
@pytest.mark.skipif(not RATINGS.exists(), reason="the Chorus ratings are not on this machine (LORE_DATA_DIR)")
@pytest.mark.django_db(transaction=True)  # committed: the thread that renews the job's lease must see it
def test_the_same_figures_on_the_page_after_an_import(
    corpus: Corpus, people: SimpleNamespace, client_for: Callable[[User], Client]
) -> None:
    job = import_start(corpus=corpus, path=RATINGS.parent, actor=people.admin)
    assert job_run(job.pk) == "done"
    events_deliver()
    found = agreement_for(corpus, origin="import").agreement
    assert (found.subjects, found.answers, round(found.alpha or 0, 3)) == (2626, 7878, 0.759)
    quality_compute(corpus=corpus)
    body = client_for(people.reviewer).get("/c/shop/annotation/agreement/").content.decode()
    assert ".759" in body and "70.9 %" in body and "24.9 %" in body
    assert {row.release.number for row in effective_judgments(corpus).select_related("release")[:50]} == {0}


def test_nothing_to_measure_is_none_and_not_a_figure() -> None:
    assert agreement_of({}).alpha is None
    same: dict[Hashable, dict[Hashable, int]] = {"a": {1: 4, 2: 4}, "b": {1: 4, 2: 4}}
    found = agreement_of(same)
    assert found.alpha is None and found.full == 1.0 and found.kappas[0].value is None


@pytest.mark.parametrize(
    ("grades", "expected"),
    [
        ([4], 4),
        ([4, 4], 4),
        ([4, 3], None),
        ([4, 4, 1], 4),
        ([4, 3, 2], None),
        ([1, 1, 4, 4], None),
        ([], None),
    ],
)
def test_majority_or_nothing(grades: list[int], expected: int | None) -> None:
    assert consensus_of([Opinion(grade) for grade in grades]).grade == expected


def test_the_winners_name_the_dimension() -> None:
    found = consensus_of(
        [Opinion(2, "colour"), Opinion(2, "brand"), Opinion(2, "colour", True), Opinion(1, "size")]
    )
    assert (found.grade, found.dimension, found.agreed, found.total) == (2, "colour", 3, 4)
    assert not found.picture_decided


def test_every_dimension_has_its_own_letter() -> None:
    keys = dimension_keys(DIMENSIONS)
    letters = [letter for letter, _ in keys]
    assert len(set(letters)) == len(DIMENSIONS) and keys[0] == ("c", "category")
    assert dimension_keys([f"x{n}" for n in range(30)])[-1][0] == ""


def next_release(shop: SimpleNamespace) -> Release:
    return Release.objects.create(corpus=shop.corpus, number=2, dimensions=shop.release.dimensions)


def in_force(release: Release, *changes: tuple[Pair, str, str]) -> Publication:
    """A publication of a release that changed these verdicts: (pair, before, after)."""
    made = Publication.objects.create(corpus=release.corpus, release=release)
    for pair, before, after in changes:
        VerdictChange.objects.create(publication=made, pair=pair, before=before, after=after)
    return made


def test_staleness_is_derived_and_agreeing_answers_are_spared(shop: SimpleNamespace, judge: Judge) -> None:
    campaign = shop.campaign(redundancy=2, pairs=[shop.pairs[0].pk])
    judge(campaign, shop.people.annotator, grade=4)
    judge(campaign, shop.people.reviewer, grade=2, dimension="colour")
    release = next_release(shop)
    made = in_force(release, (shop.pairs[0], "[L4]", "[L2-colour]"))
    assert [row.grade for row in stale_judgments(shop.corpus, release)] == [4]
    assert not stale_judgments(shop.corpus, shop.release).exists()
    as_was, as_is = (consensus_for([shop.pairs[0].pk], r)[shop.pairs[0].pk] for r in (shop.release, release))
    assert as_was.grade is None and (as_is.grade, as_is.total) == (2, 1)
    event_publish(corpus=shop.corpus, kind="release.published", payload={"publication": made.pk})
    events_deliver()
    again = Campaign.objects.get(name="After release 2")
    assert again.state == "open" and again.slots_total == 1
    told = Notification.objects.get(person=shop.people.reviewer, kind="annotation.stale")
    assert (
        told.text == "release 2 overturned people's answers: After release 2 is open, to judge 1 pair again."
    )
    assert services.stale_campaign_open(publication=made) is None


def test_changed_definitions_make_all_stale(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator)
    release = next_release(shop)
    release.level_definitions = {"L4": "something else"}
    release.save()
    assert stale_judgments(shop.corpus, release).count() == 1


def test_an_adjudication_is_the_consensus(shop: SimpleNamespace, judge: Judge) -> None:
    judge(shop.campaign(), shop.people.annotator, grade=4)
    services.adjudication_record(
        pair=shop.pairs[0],
        actor=shop.people.reviewer,
        release=shop.release,
        grade=1,
        reason="not a dress at all",
    )
    found = consensus_for([shop.pairs[0].pk, shop.pairs[1].pk], shop.release)
    assert found[shop.pairs[0].pk].grade == 1 and shop.pairs[1].pk not in found
