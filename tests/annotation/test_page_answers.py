"""Pages judged item by item and as a whole: exactly once, append-only, blind where they have to be."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from annotation import services
from annotation.errors import KeyTaken, NothingToUndo, SlotTaken
from annotation.models import Campaign, Judgment, ListSettings, PageVerdict
from annotation.selectors import effective_judgments
from annotation.selectors.page_sources import PageChoice, page_sources, pages_chosen
from annotation.selectors.pages import pages_for
from annotation.services.page_campaigns import Asking, page_campaign_create, sides_campaign_create
from annotation.services.pages import ItemGrade, page_verdict_submit, page_verdict_undo
from catalog.models import Page, SettledVerdict
from catalog.rankers import Candidate, by_verdict, by_words
from catalog.services.pages import pages_build, pages_put
from webapp.common.errors import Invalid

from .conftest import pairs_make

pytestmark = pytest.mark.django_db


@pytest.fixture
def lists(shop: SimpleNamespace) -> SimpleNamespace:
    """Three queries with four items each, and for each query a page of "old" and one of "new" (turned round)."""
    queries = [
        shop.pairs[:4],
        pairs_make(shop.corpus, 4, text="red skirt"),
        pairs_make(shop.corpus, 4, text="hat"),
    ]
    old = {pairs[0].query_id: [pair.pk for pair in pairs] for pairs in queries}
    new = {query: pairs[::-1] if number else pairs for number, (query, pairs) in enumerate(old.items())}
    pages = pages_put(corpus=shop.corpus, source="old", lists=old, actor=shop.people.admin)
    pages_put(corpus=shop.corpus, source="new", lists=new, actor=shop.people.admin)

    def campaign(name: str = "Pages", **asking: Any) -> Campaign:
        made = page_campaign_create(
            corpus=shop.corpus, name=name, actor=shop.people.admin, pages=[page.pk for page in pages],
            asking=Asking(**asking),
        )  # fmt: skip
        return services.campaign_open(campaign=made, actor=shop.people.admin)

    def sides(name: str = "Sides", **asking: Any) -> Campaign:
        made = sides_campaign_create(
            corpus=shop.corpus, name=name, actor=shop.people.admin, choice=PageChoice("old"), other_source="new",
            asking=Asking(**asking),
        )  # fmt: skip
        return services.campaign_open(campaign=made, actor=shop.people.admin)

    return SimpleNamespace(**{**vars(shop), "pages": pages, "campaign": campaign, "sides": sides})


def grades_for(slot: Any, *levels: int) -> list[ItemGrade]:
    pairs = slot.annotation_task.page.entries.order_by("position").values_list("pair_id", flat=True)
    return [
        ItemGrade(uuid.uuid4(), pair, level, "colour" if level == 2 else "")
        for pair, level in zip(pairs, levels, strict=False)
    ]


def judged(lists: SimpleNamespace, campaign: Campaign, person: Any, mark: int, *levels: int) -> PageVerdict:
    slot = services.slot_lease(campaign=campaign, person=person)
    assert slot is not None
    return page_verdict_submit(
        key=uuid.uuid4(),
        slot=slot,
        person=person,
        release=lists.release,
        mark=mark,
        grades=grades_for(slot, *levels),
    )


def test_a_page_is_one_row_and_its_items_ordinary_judgments(lists: SimpleNamespace) -> None:
    campaign = lists.campaign()
    row = judged(lists, campaign, lists.people.annotator, 2, 4, 2)
    judgments = Judgment.objects.filter(page=row.page)
    assert row.mark == PageVerdict.Mark.MID and {j.grade for j in judgments} == {4, 2}
    assert effective_judgments(lists.corpus).count() == 2
    assert {v.grade for v in SettledVerdict.objects.filter(pair__in=judgments.values("pair"))} == {4, 2}
    campaign.refresh_from_db()
    assert (campaign.slots_done, campaign.slots_total) == (1, 3)


def test_the_same_answer_sent_again_changes_nothing(lists: SimpleNamespace) -> None:
    campaign, person = lists.campaign(), lists.people.annotator
    slot = services.slot_lease(campaign=campaign, person=person)
    assert slot is not None
    sent: dict[str, Any] = {
        "key": uuid.uuid4(), "slot": slot, "person": person, "release": lists.release, "mark": 3,
        "grades": grades_for(slot, 4, 3),
    }  # fmt: skip
    assert page_verdict_submit(**sent) == page_verdict_submit(**sent)
    assert PageVerdict.objects.count() == 1 and Judgment.objects.count() == 2
    with pytest.raises(KeyTaken):
        page_verdict_submit(**{**sent, "person": lists.people.reviewer})


def test_a_second_answer_supersedes_and_withdraws_what_is_left_out(lists: SimpleNamespace) -> None:
    campaign, person = lists.campaign(), lists.people.annotator
    first = judged(lists, campaign, person, 3, 4, 4)
    again = page_verdict_submit(
        key=uuid.uuid4(), slot=first.slot_id, person=person, release=lists.release, mark=1,
        grades=grades_for(first.slot, 1),
    )  # fmt: skip
    assert again.supersedes == first
    assert [row.grade for row in effective_judgments(lists.corpus)] == [1]
    campaign.refresh_from_db()
    assert campaign.slots_done == 1


def test_undo_gives_the_page_back_with_all_its_grades(lists: SimpleNamespace) -> None:
    campaign, person = lists.campaign(), lists.people.annotator
    row = judged(lists, campaign, person, 3, 4, 2)
    page_verdict_undo(campaign=campaign, person=person)
    assert not effective_judgments(lists.corpus).exists()
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    subject = pages_for([slot], lists.release)[0]
    assert slot.pk == row.slot_id and subject.previous == row
    assert [item.previous.grade if item.previous else 0 for item in subject.items] == [4, 2, 0, 0]
    with pytest.raises(NothingToUndo):
        page_verdict_undo(campaign=campaign, person=person)


def test_what_is_no_answer_is_refused(lists: SimpleNamespace) -> None:
    campaign, person = lists.campaign(items=ListSettings.Items.REQUIRED), lists.people.annotator
    with pytest.raises(Invalid, match="2 of 4 are not yet"):
        judged(lists, campaign, person, 3, 4, 4)
    with pytest.raises(Invalid, match="Good, Mid or Bad"):
        judged(lists, campaign, person, 4)
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    other = ItemGrade(uuid.uuid4(), lists.pairs[11].pk, 4)
    with pytest.raises(Invalid, match="not on this page"):
        page_verdict_submit(
            key=uuid.uuid4(), slot=slot, person=person, release=lists.release, mark=3, grades=[other]
        )
    with pytest.raises(Invalid, match="name it"):
        page_verdict_submit(
            key=uuid.uuid4(), slot=slot, person=person, release=lists.release, mark=3,
            grades=[ItemGrade(uuid.uuid4(), slot.annotation_task.page.entries.first().pair_id, 2)],
        )  # fmt: skip
    assert not PageVerdict.objects.exists() and not Judgment.objects.exists()


def test_overlap_is_exact_and_a_late_answer_is_told(lists: SimpleNamespace) -> None:
    campaign = lists.campaign(redundancy=2)
    people = lists.people
    first = judged(lists, campaign, people.annotator, 3)
    for person in (people.reviewer,):
        page_verdict_submit(
            key=uuid.uuid4(), slot=first.slot_id, person=person, release=lists.release, mark=2
        )
    with pytest.raises(SlotTaken):
        page_verdict_submit(
            key=uuid.uuid4(), slot=first.slot_id, person=people.admin, release=lists.release, mark=1
        )
    assert PageVerdict.objects.filter(page=first.page).count() == 2


def test_verdicts_are_append_only(lists: SimpleNamespace) -> None:
    row = judged(lists, lists.campaign(), lists.people.annotator, 3)
    with pytest.raises(DatabaseError), transaction.atomic():
        PageVerdict.objects.filter(pk=row.pk).update(mark=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_benchmark_queries_and_gold_are_judged_blind(lists: SimpleNamespace) -> None:
    campaign = lists.campaign(name="Blind", blind_share=1.0)
    slot = services.slot_lease(campaign=campaign, person=lists.people.annotator)
    assert slot is not None
    subject = pages_for([slot], lists.release)[0]
    assert subject.blind and not any(item.rules for item in subject.items)
    services.gold_set(pair=lists.pairs[0], grade=4, actor=lists.people.reviewer)
    campaign = lists.campaign(name="Open")
    campaign.annotation_tasks.update(blind=False)
    slot = campaign.slots.get(annotation_task__page=lists.pages[0])
    items = pages_for([slot], lists.release)[0].items
    assert items[0].blind and not items[0].rules and not items[1].blind and items[1].rules


def test_pages_are_built_from_pairs_in_two_orders(shop: SimpleNamespace) -> None:
    made = pages_build(corpus=shop.corpus, source="word overlap", actor=shop.people.admin, size=5)
    assert [page.entries.count() for page in made] == [5]
    assert pages_build(corpus=shop.corpus, source="word overlap", actor=shop.people.admin) == []
    assert page_sources(shop.corpus) == [("word overlap", 1)]
    assert list(pages_chosen(shop.corpus, PageChoice("word overlap", queries=["Burgundy  dress"]))) == [
        made[0].query_id
    ]
    candidates = [Candidate(1, "a red hat", 1), Candidate(2, "a hat", 4), Candidate(3, "shoes", 1)]
    assert by_words("red hat", candidates) == [1, 2, 3]
    assert by_verdict("red hat", candidates) == by_verdict("red hat", candidates[::-1])


def test_pages_by_program(lists: SimpleNamespace, client_for: Any) -> None:
    admin, rater = client_for(lists.people.admin), client_for(lists.people.annotator)
    kind = "application/json"
    shown = [{"query": "burgundy dress", "items": [lists.pairs[3].item.external_id, "nobody knows it"]}]
    put = admin.post("/api/v1/corpora/shop/pages/", {"pages_from": "third", "pages": shown}, kind)
    assert put.json() == {"pages": 1, "unknown_items": 1}
    made = admin.post(
        "/api/v1/corpora/shop/campaigns/pages/",
        {"name": "By program", "pages_from": "old", "against": "new"},
        kind,
    )
    work = f"/api/v1/corpora/shop/campaigns/{made.json()['id']}/"
    answer = rater.post(work + "next/", {"count": 1}, kind)
    subject = answer.json()["subjects"][0]
    assert "old" not in answer.content.decode() and "source" not in answer.content.decode()
    sent = {
        "key": str(uuid.uuid4()),
        **{name: subject[name] for name in ("slot", "lease", "release")},
        "left_by": 1,
    }
    assert rater.post(work + "preferences/", sent, kind).status_code == 201
    assert rater.post(work + "undo/", {}, kind).json()["undone"] == sent["key"]
    assert admin.get(work + "outcome/").status_code == 403
    pages = admin.post(
        "/api/v1/corpora/shop/campaigns/pages/", {"name": "Grid", "pages_from": "third"}, kind
    ).json()
    work = f"/api/v1/corpora/shop/campaigns/{pages['id']}/"
    subject = rater.post(work + "next/", {"count": 1}, kind).json()["subjects"][0]
    grades = [
        {"key": str(uuid.uuid4()), "pair": subject["items"][0]["pair"], "grade": "L4", "rules_shown": ["R01"]}
    ]
    sent = {
        "key": str(uuid.uuid4()), **{name: subject[name] for name in ("slot", "lease", "release")}, "mark": "good",
        "grades": grades,
    }  # fmt: skip
    assert rater.post(work + "page-verdicts/", sent, kind).status_code == 201
    assert Judgment.objects.get().rules_shown == ["R01"]
    assert admin.get(work + "outcome/").json()["lines"][0]["good"] == 1


@pytest.mark.django_db(transaction=True)
def test_a_crowd_on_one_page_never_makes_one_answer_too_many(lists: SimpleNamespace) -> None:
    campaign = lists.campaign(redundancy=2)
    people = [lists.people.annotator, lists.people.reviewer, lists.people.editor, lists.people.admin]
    slot = campaign.slots.filter(number=1).order_by("pk").first()
    assert slot is not None
    start, key = Barrier(8), uuid.uuid4()

    def answer(number: int) -> str:
        person = people[number % 4]
        start.wait()
        try:
            page_verdict_submit(
                key=key if number % 4 == 0 else uuid.uuid4(), slot=slot.pk, person=person, release=lists.release,
                mark=2, grades=grades_for(slot, 4, 3),
            )  # fmt: skip
        except SlotTaken:
            return "taken"
        finally:
            connection.close()
        return "saved"

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(answer, range(8)))
    standing = PageVerdict.objects.filter(superseded_by=None)
    assert standing.count() == 2 and len(set(standing.values_list("person", flat=True))) == 2
    assert effective_judgments(lists.corpus).count() == 4
    campaign.refresh_from_db()
    assert campaign.slots_done == 2


def test_an_answer_takes_the_same_few_statements_for_any_page(lists: SimpleNamespace) -> None:
    """Ten items or four: the number of statements is the same, also where every verdict settles."""
    pairs = pairs_make(lists.corpus, 10, text="long list")
    pages_put(
        corpus=lists.corpus, source="old", lists={pairs[0].query_id: [pair.pk for pair in pairs]},
        actor=lists.people.admin,
    )  # fmt: skip
    counts = {}
    for number, page in enumerate(Page.objects.filter(corpus=lists.corpus, name="old")):
        made = page_campaign_create(
            corpus=lists.corpus,
            name=f"One {number}",
            actor=lists.people.admin,
            pages=[page.pk],
            asking=Asking(),
        )
        services.campaign_open(campaign=made, actor=lists.people.admin)
        slot = services.slots_hold(campaign=made, person=lists.people.annotator, want=1)[0]
        given = grades_for(slot, *[3] * page.entries.count())
        with CaptureQueriesContext(connection) as spent:
            page_verdict_submit(
                key=uuid.uuid4(),
                slot=slot,
                person=lists.people.annotator,
                release=lists.release,
                mark=2,
                grades=given,
            )
        counts.setdefault(len(spent), set()).add(len(given))
    assert list(counts.values()) == [{4, 10}], counts
    assert SettledVerdict.objects.filter(pair__in=pairs, grade=3).count() == 10
    assert max(counts) <= 26, counts


def test_a_clone_asks_the_same_of_the_same_pages(lists: SimpleNamespace) -> None:
    for campaign in (lists.campaign(items=ListSettings.Items.REQUIRED), lists.sides(five_grades=True)):
        made = services.campaign_clone(campaign=campaign, actor=lists.people.admin, name=f"{campaign} again")
        assert made.kind == campaign.kind and made.slots_total == campaign.slots_total
        told, was = ListSettings.objects.get(campaign=made), ListSettings.objects.get(campaign=campaign)
        assert (told.items, told.five_grades, told.source, told.other_source) == (
            was.items, was.five_grades, was.source, was.other_source
        )  # fmt: skip

        def asked(of: Campaign) -> set[frozenset[int | None]]:
            return {frozenset(pages) for pages in of.annotation_tasks.values_list("page_id", "other_page_id")}

        assert asked(made) == asked(campaign)
