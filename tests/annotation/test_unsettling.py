"""What stands for a pair once the answers that settled it are taken back: what stood before, or nothing."""

import multiprocessing
import random
import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotation import services
from annotation.models import Campaign, Judgment
from catalog.models import ImportedVerdict, ItemVersion, Pair, SettledVerdict
from rules.corpus_table import corpus_table, settled_grades
from webapp.common.jobs import job_run
from webapp.common.models import Job, OutboxEvent, User

from .conftest import Judge
from .test_page_answers import judged, lists

ClientFor = Callable[[Any], Client]
JSON = {"Accept": "application/json"}
KIND = "application/json"
__all__ = ["lists"]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.LORE_HOME, settings.BLOB_ROOT = tmp_path / "home", tmp_path / "blobs"


def one(shop: SimpleNamespace, **values: Any) -> Campaign:
    """A campaign over the first pair alone."""
    made: Campaign = shop.campaign(pairs=[shop.pairs[0].pk], **values)
    return made


def standing(pair: Pair) -> tuple[int, str, str] | None:
    found = SettledVerdict.objects.filter(pair=pair).values_list("grade", "source", "method").first()
    return found and (found[0], found[1], found[2])


def undo(client: Client, campaign: Campaign) -> None:
    address = reverse("annotation:answer_undo", args=["shop", campaign.pk])
    assert client.post(address, {"have": "0"}, headers=JSON).status_code == 200


def again(campaign: Campaign, person: Any, release: Any, grade: int) -> None:
    """Answer what an undo brought back."""
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    services.judgment_submit(key=uuid.uuid4(), slot=slot, person=person, release=release, grade=grade)


def imported(shop: SimpleNamespace, client: Client, rating: int) -> None:
    """Settle the first pair by a file, through the page."""
    row = f"query,docid,rating\nburgundy dress,{shop.pairs[0].item.external_id},{rating}"
    sent = {"format": "csv", "file": SimpleUploadedFile("case.csv", row.encode()), "source": "A case"}
    assert client.post("/c/shop/annotation/imports/new/", sent).status_code == 302
    assert job_run(Job.objects.filter(kind="annotation.import").latest("created_at").pk) == "done"


def told(kind: str) -> list[tuple[int, str]]:
    rows = OutboxEvent.objects.filter(kind=kind).order_by("pk")
    return [(row.payload["grade"], row.payload["source"]) for row in rows]


@pytest.mark.parametrize("door", ["page", "api"])
def test_nothing_stands_once_the_one_answer_is_taken_back(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge, door: str
) -> None:
    campaign, me = one(shop), shop.people.annotator
    judge(campaign, me, grade=4)
    assert standing(shop.pairs[0]) == (4, "consensus", "majority of 1")
    client = client_for(me)
    if door == "page":
        undo(client, campaign)
    else:
        address = reverse("annotation_api:undo", args=["shop", campaign.pk])
        assert client.post(address, {}, KIND).status_code == 200
    assert standing(shop.pairs[0]) is None and campaign.annotation_tasks.get().outcome == ""
    assert (told("verdict.settled"), told("verdict.unsettled")) == ([(4, "consensus")], [(4, "consensus")])
    again(campaign, me, shop.release, 3)
    assert standing(shop.pairs[0]) == (3, "consensus", "majority of 1")


@pytest.mark.parametrize("redundancy", [2, 3])
def test_one_of_several_people_takes_hers_back(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge, redundancy: int
) -> None:
    campaign, people = one(shop, redundancy=redundancy), shop.people
    for person in (people.annotator, people.reviewer, people.admin)[:redundancy]:
        judge(campaign, person, grade=4)
    assert standing(shop.pairs[0]) == (4, "consensus", f"majority of {redundancy}")
    undo(client_for(people.reviewer), campaign)
    assert standing(shop.pairs[0]) is None
    undo(client_for(people.annotator), campaign)  # of a task that waits already: nothing more to take back
    assert told("verdict.unsettled") == [(4, "consensus")]


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_imported_verdict_stands_again(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge, when: str
) -> None:
    campaign, me, admin = one(shop), shop.people.annotator, client_for(shop.people.admin)
    if when == "before":
        imported(shop, admin, 3)
    judge(campaign, me, grade=1)
    if when == "after":
        imported(shop, admin, 3)
    found = SettledVerdict.objects.get()
    assert (found.grade, found.source) == (1, "consensus")
    beneath = ImportedVerdict.objects.get()
    undo(client_for(me), campaign)
    assert standing(shop.pairs[0]) == (beneath.grade, "import", beneath.method)
    assert told("verdict.settled")[-1] == (beneath.grade, "import") and not told("verdict.unsettled")
    again(campaign, me, shop.release, 1)
    imported(shop, admin, 1)  # a correction that comes while people's word stands
    undo(client_for(me), campaign)
    assert SettledVerdict.objects.get().grade == ImportedVerdict.objects.get().grade != beneath.grade


def test_imported_raters_speak_where_no_verdict_of_theirs_was_kept(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    """Settled here before anything was kept beneath: what most imported raters say."""
    pair, me = shop.pairs[0], shop.people.annotator
    for number, grade in enumerate((2, 2, 4)):
        rater = User.objects.create_user(f"r{number}@shop.invalid", f"r{number}", kind="rater")
        Judgment.objects.create(
            corpus=shop.corpus, pair=pair, item_version=pair.item.current, grade=grade, release=shop.release,
            person=rater, origin="import", dimension="unstated" if grade == 2 else "",
        )  # fmt: skip
    campaign = one(shop)
    judge(campaign, me, grade=1)
    undo(client_for(me), campaign)
    assert standing(pair) == (2, "import", "majority of 3 raters")


def test_what_was_adjudicated_stays(shop: SimpleNamespace, client_for: ClientFor, judge: Judge) -> None:
    campaign, people = one(shop, redundancy=2), shop.people
    judge(campaign, people.annotator, grade=1)
    judge(campaign, people.admin, grade=4)
    sent = {"pair": shop.pairs[0].pk, "grade": "L3", "reason": "burgundy is a red"}
    address = reverse("annotation_api:adjudications", args=["shop"])
    assert client_for(people.reviewer).post(address, sent, KIND).status_code == 201
    undo(client_for(people.annotator), campaign)
    assert standing(shop.pairs[0]) == (3, "adjudication", "adjudication")
    assert campaign.annotation_tasks.get().outcome == "adjudicated"
    again(campaign, people.annotator, shop.release, 4)
    assert standing(shop.pairs[0]) == (3, "adjudication", "adjudication")


def test_an_adjudication_stands_again_under_a_consensus_over_a_newer_item(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    pair, people = shop.pairs[0], shop.people
    services.adjudication_record(
        pair=pair, actor=people.reviewer, release=shop.release, grade=3, reason="burgundy is a red"
    )
    item = pair.item
    item.current = ItemVersion.objects.create(item=item, content_hash="newer", title="Evening dress, now red")
    item.save()
    campaign = one(shop)
    judge(campaign, people.annotator, grade=1)
    assert standing(pair) == (1, "consensus", "majority of 1")
    undo(client_for(people.annotator), campaign)
    assert standing(pair) == (3, "adjudication", "adjudication")
    assert SettledVerdict.objects.get().item_version_id != item.current_id


def test_gold_settles_nothing_and_takes_nothing_back(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    first = one(shop, name="First")
    judge(first, shop.people.annotator, grade=4)
    services.gold_set(pair=shop.pairs[0], grade=4, actor=shop.people.reviewer)
    campaign = one(shop, name="With gold", gold_share=0.5)
    assert campaign.annotation_tasks.get().is_gold
    judge(campaign, shop.people.reviewer, grade=1)
    undo(client_for(shop.people.reviewer), campaign)
    assert standing(shop.pairs[0]) == (4, "consensus", "majority of 1")


def test_two_campaigns_over_the_same_pair(shop: SimpleNamespace, client_for: ClientFor, judge: Judge) -> None:
    first, second = one(shop, name="First"), one(shop, name="Second")
    me, other = shop.people.annotator, shop.people.reviewer
    judge(first, me, grade=4)
    judge(second, other, grade=1)
    assert standing(shop.pairs[0]) == (1, "consensus", "majority of 1")
    undo(client_for(me), first)  # not what stands
    assert standing(shop.pairs[0]) == (1, "consensus", "majority of 1")
    assert len(told("verdict.settled")) == 2 and not told("verdict.unsettled")
    again(first, me, shop.release, 3)
    undo(client_for(me), first)
    assert standing(shop.pairs[0]) == (1, "consensus", "majority of 1")
    undo(client_for(other), second)
    assert standing(shop.pairs[0]) is None


def test_a_person_s_returned_answer_counts_no_more(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    campaign = one(shop)
    mine = judge(campaign, shop.people.annotator, grade=4).judgment
    address = reverse("annotation_api:judgment_review", args=["shop", mine.pk])
    sent = {"verdict": "return", "comment": "look at the colour"}
    assert client_for(shop.people.reviewer).post(address, sent, KIND).status_code in (200, 201)
    assert standing(shop.pairs[0]) is None and Judgment.objects.filter(grade=None).count() == 1


def test_an_answer_given_again_may_end_an_agreement(shop: SimpleNamespace, judge: Judge) -> None:
    people = shop.people
    for most, outcome in ((0, "disputed"), (3, "")):
        campaign = one(shop, name=f"Up to {most}", redundancy=2, redundancy_most=most)
        judge(campaign, people.annotator, grade=4)
        second = judge(campaign, people.reviewer, grade=4).judgment
        assert standing(shop.pairs[0]) == (4, "consensus", "majority of 2")
        services.judgment_submit(
            key=uuid.uuid4(), slot=second.slot_id, person=people.reviewer, release=shop.release, grade=1
        )
        task = campaign.annotation_tasks.get()
        assert task.outcome == outcome and standing(shop.pairs[0]) is None
        assert task.slots.filter(state="open").count() == (1 if most else 0)


def test_what_more_people_were_asked_for_is_taken_back_too(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    """Overlap was raised after the task had settled: its verdict stands until an answer behind it goes."""
    campaign, me = one(shop), shop.people.annotator
    judge(campaign, me, grade=4)
    services.campaign_edit(campaign=campaign, actor=shop.people.admin, redundancy=2)
    assert campaign.annotation_tasks.get().outcome == "" and standing(shop.pairs[0]) is not None
    undo(client_for(me), campaign)
    assert standing(shop.pairs[0]) is None


def test_a_page_taken_back_gives_up_what_its_items_settled(
    shop: SimpleNamespace, lists: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    me, pages = lists.people.annotator, lists.campaign()
    single = one(shop, name="One pair")
    judge(single, lists.people.reviewer, grade=3)
    verdict = judged(lists, pages, me, 3, 4, 4, 4)
    held = set(verdict.page.entries.values_list("pair_id", flat=True))
    assert lists.pairs[0].pk in held and SettledVerdict.objects.filter(pair__in=held).count() == 3
    undo(client_for(me), pages)
    assert list(SettledVerdict.objects.values_list("pair_id", "grade")) == [(lists.pairs[0].pk, 3)]
    assert len(told("verdict.unsettled")) == 2


def test_rules_are_measured_by_what_stands(
    shop: SimpleNamespace, client_for: ClientFor, judge: Judge
) -> None:
    """What the rules' figures keep between two pages notices a verdict that goes and one that comes back."""
    campaign, me, admin = one(shop), shop.people.annotator, client_for(shop.people.admin)
    table = corpus_table(shop.corpus)
    judge(campaign, me, grade=4)
    assert settled_grades(shop.corpus, table).sum() == 4
    undo(client_for(me), campaign)
    assert settled_grades(shop.corpus, table).sum() == 0
    imported(shop, admin, 3)
    beneath = SettledVerdict.objects.get().grade
    again(campaign, me, shop.release, 4)
    assert settled_grades(shop.corpus, table).sum() == 4
    undo(client_for(me), campaign)
    assert settled_grades(shop.corpus, table).sum() == beneath


def test_what_an_undo_costs(shop: SimpleNamespace, judge: Judge) -> None:
    """Of an answer that settled nothing what it has always cost, less one; the rest only where something stood."""

    def cost(campaign: Campaign) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            services.judgment_undo(campaign=campaign, person=shop.people.annotator)
        return len(found)

    waiting = one(shop, redundancy=2, name="Waiting")
    judge(waiting, shop.people.annotator)
    assert cost(waiting) == 10
    settled = one(shop, name="Settled")
    judge(settled, shop.people.annotator)
    assert cost(settled) == 16


def hesitate(name: str, path: Path, campaign_id: int, person_id: int, release: Any, seed: int) -> None:
    """The body of a process: answer and take back, again and again, and end with some answered and some not."""
    connections.close_all()
    connection.settings_dict["NAME"] = name
    chance, person = random.Random(seed), User.objects.get(pk=person_id)
    campaign = Campaign.objects.get(pk=campaign_id)
    try:
        for _ in range(120):
            held = services.slots_hold(campaign=campaign, person=person, want=1)
            if held:
                services.judgment_submit(
                    key=uuid.uuid4(),
                    slot=held[0],
                    person=person,
                    release=release,
                    grade=chance.choice((1, 3, 4)),
                )
            if not held or chance.random() < 0.5:
                services.judgment_undo(campaign=campaign, person=person)
        connections.close_all()
        path.write_text("done")
    except Exception as error:
        path.write_text(repr(error))
        raise


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_processes_that_settle_and_take_back_the_same_pairs(
    shop: SimpleNamespace, client_for: ClientFor, tmp_path: Path
) -> None:
    pairs = shop.pairs[:4]
    imported(shop, client_for(shop.people.admin), 2)
    campaigns = [shop.campaign(name=f"Campaign {n}", pairs=[pair.pk for pair in pairs]) for n in range(2)]
    people = (shop.people.annotator, shop.people.reviewer)
    context: Any = multiprocessing.get_context("fork")
    name, given = connection.settings_dict["NAME"], list(zip(campaigns, people, strict=True))
    connections.close_all()
    children = [
        context.Process(
            target=hesitate, args=(name, tmp_path / f"{n}.txt", campaign.pk, person.pk, shop.release, n)
        )
        for n, (campaign, person) in enumerate(given)
    ]
    for child in children:
        child.start()
    for child in children:
        child.join(timeout=240)
    assert [(tmp_path / f"{n}.txt").read_text() for n in range(2)] == ["done", "done"]
    for pair in pairs:
        heads = Judgment.objects.filter(pair=pair, superseded_by=None, slot__isnull=False).exclude(grade=None)
        grades, found = (
            set(heads.values_list("grade", flat=True)),
            SettledVerdict.objects.filter(pair=pair).first(),
        )
        if grades:
            assert found is not None and found.source == "consensus" and found.grade in grades
        elif pair == pairs[0]:
            assert found is not None and found.source == "import"
        else:
            assert found is None
