"""Pages judged item by item and as a whole, and two pages side by side: exactly once, append-only, double-blind."""

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
from annotation.models import Campaign, Judgment, ListSettings, PagePreference, PageVerdict, QualityFigure
from annotation.selectors import effective_judgments
from annotation.selectors.page_agreement import page_agreement
from annotation.selectors.page_reports import marks_of, sides_report
from annotation.selectors.page_sources import PageChoice, page_sources, pages_chosen
from annotation.selectors.pages import pages_for
from annotation.selectors.sides import left_page, sides_for
from annotation.services.page_campaigns import Asking, page_campaign_create, sides_campaign_create
from annotation.services.pages import ItemGrade, page_verdict_submit, page_verdict_undo
from annotation.services.quality import quality_due
from annotation.services.sides import preference_submit, preference_undo
from catalog.models import Page, SettledVerdict
from catalog.rankers import Candidate, by_verdict, by_words
from catalog.services.pages import pages_build, pages_put
from webapp.common.errors import Invalid, Refused

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


def test_marks_are_reported_with_an_interval(lists: SimpleNamespace) -> None:
    campaign = lists.campaign()
    for mark in (3, 2, 1):
        judged(lists, campaign, lists.people.annotator, mark)
    whole = marks_of(campaign)[0]
    assert (whole.good, whole.mid, whole.bad, whole.queries) == (1, 1, 1, 3)
    assert whole.low <= whole.rate <= whole.high and round(whole.rate, 3) == 0.667


def chosen(lists: SimpleNamespace, campaign: Campaign, person: Any, source: str) -> PagePreference:
    """She finds the list of `source` the better one, wherever it stands for her."""
    slot = services.slot_lease(campaign=campaign, person=person)
    assert slot is not None
    left = Page.objects.get(pk=left_page(slot.annotation_task, person.pk))
    return preference_submit(
        key=uuid.uuid4(),
        slot=slot,
        person=person,
        release=lists.release,
        left_by=1 if left.name == source else -1,
    )


def test_sides_are_drawn_per_person_and_recorded(lists: SimpleNamespace) -> None:
    campaign = lists.sides(redundancy=2)
    assert campaign.slots_total == 4 and campaign.list_settings.identical == 1
    rows = [chosen(lists, campaign, lists.people.annotator, "new") for _ in range(2)]
    for row in rows:
        better = row.page if row.preference == 1 else row.other_page
        assert better.name == "new" and row.left_page_id in (row.page_id, row.other_page_id)
    task = campaign.annotation_tasks.first()
    assert task is not None
    assert len({left_page(task, person) for person in range(40)}) == 2


def test_the_result_waits_for_the_end_and_names_go_to_admins(lists: SimpleNamespace) -> None:
    campaign = lists.sides()
    for _ in range(2):
        chosen(lists, campaign, lists.people.annotator, "new")
    with pytest.raises(Refused):
        sides_report(campaign, is_admin=True)
    services.campaign_close(campaign=campaign, actor=lists.people.admin)
    report = sides_report(campaign, is_admin=True)
    assert report.names == ("old", "new") and report.lines[0].worse == 2 and report.lines[0].rate == 0.0
    blind = sides_report(campaign, is_admin=False)
    assert blind.names == ("List A", "List B") and {blind.lines[0].rate} <= {0.0, 1.0}


def test_a_choice_can_be_taken_back_and_comes_as_it_was_seen(lists: SimpleNamespace) -> None:
    campaign, person = lists.sides(), lists.people.annotator
    row = chosen(lists, campaign, person, "old")
    preference_undo(campaign=campaign, person=person)
    slot = services.slots_hold(campaign=campaign, person=person, want=1)[0]
    subject = sides_for([slot], lists.release)[0]
    assert slot.pk == row.slot_id and subject.previous is not None
    seen = row.preference if row.left_page_id == row.page_id else -(row.preference or 0)
    assert subject.previous.left_by == seen
    campaign.refresh_from_db()
    assert campaign.slots_done == 0
    with pytest.raises(Invalid, match="which list is better"):
        preference_submit(key=uuid.uuid4(), slot=slot, person=person, release=lists.release, left_by=2)


def test_differences_between_the_lists_are_told(lists: SimpleNamespace) -> None:
    campaign = lists.sides()
    slot = services.slot_lease(campaign=campaign, person=lists.people.annotator)
    assert slot is not None
    subject = sides_for([slot], lists.release)[0]
    assert [item.move for item in subject.left] == [3, 1, -1, -3]


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


def test_agreement_on_pages_and_on_sides(lists: SimpleNamespace, client_for: Any) -> None:
    pages, sides = lists.campaign(redundancy=2), lists.sides(redundancy=2)
    for person, marks in ((lists.people.annotator, (3, 1, 2)), (lists.people.reviewer, (3, 1, 1))):
        for mark in marks:
            judged(lists, pages, person, mark)
    found = page_agreement(pages)
    assert found.figures.subjects == 3 and found.figures.alpha is not None and 0.5 < found.figures.alpha < 1
    assert [(row.answers, row.met, round(row.same or 0, 2)) for row in found.people] == [(3, 3, 0.67)] * 2
    for person in (lists.people.annotator, lists.people.reviewer):
        for _ in range(sides.slots_total // 2):
            chosen(lists, sides, person, "new")
    told = page_agreement(sides)
    assert told.figures.full == 1.0 and {row.same for row in told.people} == {1.0}
    client = client_for(lists.people.admin)
    for campaign, there in ((pages, True), (sides, False)):
        text = client.get(f"/c/shop/annotation/campaigns/{campaign.pk}/outcome/").content.decode()
        assert ("How far people agree" in text) is there  # nobody is told of sides before the end


def test_a_campaign_shows_the_figures_of_its_kind(lists: SimpleNamespace, client_for: Any) -> None:
    pairs = services.campaign_create(
        corpus=lists.corpus, name="Dresses", actor=lists.people.admin, pairs=[pair.pk for pair in lists.pairs]
    )
    for campaign, *expected in (
        (lists.campaign(), True, False, False),
        (lists.sides(), False, False, True),
        (pairs, True, True, False),
    ):
        text = client_for(lists.people.admin).get(f"/c/shop/annotation/campaigns/{campaign.pk}/").text
        shown = ("<h2>Answers by grade</h2>", "<h2>Agreement</h2>", "which list won is there to read")
        assert [words in text for words in shown] == expected


def test_who_answered_is_told_for_every_kind_and_kept_once_it_is_much(
    lists: SimpleNamespace, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, sides, person = lists.campaign(), lists.sides(), lists.people.annotator
    judged(lists, page, person, 3, 4, 1)
    slot = services.slot_lease(campaign=sides, person=person)
    assert slot is not None
    preference_submit(
        key=uuid.uuid4(), slot=slot, person=person, release=lists.release, left_by=1, seconds=8.0
    )
    runner = client_for(lists.people.reviewer)

    def told(campaign: Campaign) -> Any:
        state = runner.get(f"/api/v1/corpora/shop/campaigns/{campaign.pk}/progress/").json()
        text = runner.get(f"/c/shop/annotation/campaigns/{campaign.pk}/").text
        assert "Annotator" in text.partition("<h2>People</h2>")[2].partition("</section>")[0]
        return (
            [(row["name"], row["answers"]) for row in state["people"]],
            state["days"],
            state["day"],
            state["per_day"],
        )

    counted = [told(campaign) for campaign in (page, sides)]
    assert [found[0] for found in counted] == [[("Annotator", 1)]] * 2 and counted[0][3] == 1
    for module in ("campaigns", "dashboard"):
        monkeypatch.setattr(f"annotation.selectors.{module}.LIVE", 0)
    monkeypatch.setattr("annotation.services.list_quality.LIVE", 0)
    assert {campaign.pk for campaign in quality_due(lists.corpus) if campaign} == {page.pk, sides.pk}
    services.quality_compute(corpus=lists.corpus)
    assert [told(campaign) for campaign in (page, sides)] == counted
    text = runner.get(f"/c/shop/annotation/campaigns/{page.pk}/").text
    assert 'aria-label="Answers by grade: L1 50%' in text
    assert quality_due(lists.corpus) == []


def outcome_of(client: Any, campaign: Campaign) -> tuple[dict[str, Any], str, int]:
    """What a program is told, what the page says below its heading, and the page's number of statements."""
    told = client.get(f"/api/v1/corpora/shop/campaigns/{campaign.pk}/outcome/").json()
    with CaptureQueriesContext(connection) as spent:
        page = client.get(f"/c/shop/annotation/campaigns/{campaign.pk}/outcome/")
    return told, page.text.partition("<h1>")[2].partition("<footer")[0], len(spent)


def test_what_much_came_to_is_kept_and_is_the_same(
    lists: SimpleNamespace, client_for: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over so many answers the page reads what the job kept, in as many statements whatever the size."""
    pages, sides = lists.campaign(redundancy=2), lists.sides(redundancy=2)
    for person, marks in ((lists.people.annotator, (3, 1, 2)), (lists.people.reviewer, (3, 1, 1))):
        for mark in marks:
            judged(lists, pages, person, mark)
        for source in ("new", "old")[: sides.slots_total // 2]:
            chosen(lists, sides, person, source)
    clients = [client_for(person) for person in (lists.people.admin, lists.people.reviewer)]
    services.campaign_close(campaign=sides, actor=lists.people.admin)
    counted = [outcome_of(client, campaign)[0] for client in clients for campaign in (pages, sides)]
    assert [found["computed_at"] for found in counted] == [None] * 4
    services.campaign_open(campaign=sides, actor=lists.people.admin)
    for module in ("selectors.campaigns", "selectors.page_outcomes", "services.list_quality"):
        monkeypatch.setattr(f"annotation.{module}.LIVE", 0)
    told, text, _ = outcome_of(clients[0], pages)
    assert told["waiting"] and told["lines"] == [] and "Being worked out" in text
    services.quality_compute(corpus=lists.corpus)
    assert not QualityFigure.objects.filter(campaign=sides, metric__in=["wins", "agreement"]).exists()
    services.campaign_close(campaign=sides, actor=lists.people.admin)
    assert outcome_of(clients[0], sides)[0]["waiting"] and quality_due(lists.corpus) == [sides]
    services.quality_compute(corpus=lists.corpus)
    found = [outcome_of(client, campaign) for client in clients for campaign in (pages, sides)]
    without = ("computed_at", "waiting")
    plain = [[{k: v for k, v in told.items() if k not in without} for told in many]
             for many in (counted, [told for told, _, _ in found])]  # fmt: skip
    assert plain[0] == plain[1] and all(told["computed_at"] for told, _, _ in found)
    assert all("How far people agree" in text and "As of" in text for _, text, _ in found)
    assert quality_due(lists.corpus) == []
    shown = clients[1].get(f"/api/v1/corpora/shop/quality/?campaign={sides.pk}").json()["figures"]
    assert shown and "wins" not in {row["metric"] for row in shown}
    before = [spent for _, _, spent in found]
    for row in PageVerdict.objects.all():
        PageVerdict.objects.create(
            corpus=lists.corpus, page=row.page, slot=row.slot, person=lists.people.admin, release=lists.release, mark=3
        )  # fmt: skip
    services.quality_compute(corpus=lists.corpus)
    assert [outcome_of(client, campaign)[2] for client in clients for campaign in (pages, sides)] == before
    assert max(before) <= 12, before
