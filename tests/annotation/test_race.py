"""Many people at once, through real connections in threads and in processes that are killed: the ledger stays exact."""

import json
import multiprocessing
import os
import random
import signal
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count, QuerySet

from annotation import services
from annotation.models import Campaign, Judgment, PagePreference, PageVerdict, Ranking, Slot
from annotation.selectors import effective_judgments
from annotation.selectors.page_sources import PageChoice
from annotation.services.page_campaigns import Asking, page_campaign_create, sides_campaign_create
from annotation.services.pages import ItemGrade, page_verdict_submit
from annotation.services.sides import preference_submit
from catalog.models import Pair
from catalog.services.pages import pages_put
from rules.models import Release
from webapp.common.models import User

from .conftest import pairs_make, reasonings_make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def work(campaign_id: int, person_id: int, release_id: int, seed: int) -> int:
    """Lease and answer until nothing is left; now and then undo, send twice, or let a lease lie."""
    chance = random.Random(seed)
    person, release = User.objects.get(pk=person_id), Release.objects.get(pk=release_id)
    done = 0
    while (campaign := Campaign.objects.get(pk=campaign_id)).state == "open":
        slot = services.slot_lease(campaign=campaign, person=person)
        if slot is None:
            held = services.slots_hold(campaign=campaign, person=person, want=1)
            if not held:
                return done
            slot = held[0]
        key = uuid.uuid4()
        sent = {"key": key, "slot": slot, "lease": slot.lease, "person": person, "release": release}
        services.judgment_submit(**sent, grade=chance.randint(3, 4))
        if chance.random() < 0.2:
            services.judgment_submit(**sent, grade=4)
        if chance.random() < 0.05:
            services.judgment_undo(campaign=campaign, person=person)
        done += 1
    return done


def assert_exact(campaign: Campaign, redundancy: int, pairs: list[Pair]) -> None:
    campaign.refresh_from_db()
    assert campaign.slots_done == campaign.slots_total == redundancy * len(pairs)
    assert not Slot.objects.filter(campaign=campaign).exclude(state="done").exists()
    standing = effective_judgments(campaign.corpus).filter(slot__campaign=campaign)
    per_pair = standing.values("pair").annotate(n=Count("pk"), people=Count("person", distinct=True))
    assert {(row["n"], row["people"]) for row in per_pair} == {(redundancy, redundancy)}
    assert standing.count() == standing.values("slot").distinct().count() == campaign.slots_total


def judges(count: int) -> list[User]:
    return [User.objects.create_user(f"judge{n}@example.org", f"Judge {n}") for n in range(count)]


def test_threads_racing_for_slots(shop: SimpleNamespace) -> None:
    pairs = pairs_make(shop.corpus, 30, text="red dress", colour="red")
    campaign = shop.campaign(pairs=[pair.pk for pair in pairs], redundancy=3)

    def run(person: User, seed: int) -> int:
        try:
            return work(campaign.pk, person.pk, shop.release.pk, seed)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(run, judges(8), range(8)))
    assert sum(answers) >= 90
    assert_exact(campaign, 3, pairs)


def test_a_crowd_adds_a_person_only_where_the_others_leave_it_unsure(shop: SimpleNamespace) -> None:
    """Eight at once on few pairs: the last answers of a task meet, and still each further place had its reason."""
    pairs = pairs_make(shop.corpus, 25, text="red dress", colour="red")
    campaign = shop.campaign(pairs=[pair.pk for pair in pairs], redundancy=2, redundancy_most=4)

    def run(person: User, seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(200):
                slot = services.slot_lease(campaign=campaign, person=person)
                if slot is None and campaign.annotation_tasks.exclude(outcome="").count() == len(pairs):
                    return
                if slot is not None:
                    services.judgment_submit(
                        key=uuid.uuid4(), slot=slot, lease=slot.lease, person=person, release=shop.release,
                        grade=chance.choice((1, 3, 4)),
                    )  # fmt: skip
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, judges(8), range(8)))
    campaign.refresh_from_db()
    assert campaign.slots_done == campaign.slots_total == campaign.slots.count()
    assert not campaign.slots.exclude(state="done").exists()
    sizes = set()
    for task in campaign.annotation_tasks.all():
        grades = [
            row.grade for row in Judgment.objects.filter(slot__annotation_task=task).order_by("slot__number")
        ]
        alike = Counter(grades[: len(grades) - 1]).most_common(1)[0][1]
        assert len(grades) == 2 or alike * 2 <= len(grades) - 1, grades  # the last one was still needed
        assert len(grades) == 4 or Counter(grades).most_common(1)[0][1] * 2 > len(grades), grades
        sizes.add(len(grades))
    assert sizes == {2, 3, 4}


KILLS, SEED, AT_ONCE = 24, 7, 4
EVERY = 20  # answers let through before each kill: 480 of 660, so that however slow the machine is, none comes late
LISTS, ON_A_PAGE = 10, 3


class Diary:
    """What one process was about to send and what was acknowledged, on disk: its kill leaves both behind."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def note(self, word: str, **values: Any) -> None:
        os.write(self.file, (json.dumps({"word": word, **values}) + "\n").encode())


def answer_send(values: Mapping[str, Any]) -> None:
    """One answer as a browser's queue keeps it; sending it again is safe."""
    slot = Slot.objects.select_related("annotation_task__campaign").get(pk=values["slot"])
    person, release = User.objects.get(pk=values["person"]), Release.objects.get(pk=values["release"])
    sent = {"key": uuid.UUID(values["key"]), "slot": slot, "person": person, "release": release}
    sent["lease"], task = uuid.UUID(values["lease"]), slot.annotation_task
    if task.campaign.kind == Campaign.Kind.PAIR:
        services.judgment_submit(**sent, grade=values["grade"])
    elif task.campaign.kind == Campaign.Kind.RANKING:
        best, *rest = task.reasonings.order_by("pk").values_list("pk", flat=True)
        services.ranking_submit(**sent, tiers=[[best], rest])
    elif task.campaign.kind == Campaign.Kind.PAGE_PAIR:
        preference_submit(**sent, left_by=values["grade"] - 3)
    else:
        pairs = task.page.entries.order_by("position").values_list("pair_id", flat=True)
        grades = [ItemGrade(uuid.uuid5(sent["key"], str(pair)), pair, values["grade"]) for pair in pairs]
        page_verdict_submit(**sent, mark=2, grades=grades)


def labour(
    campaigns: list[int], person_id: int, release_id: int, seed: int, diary: Diary, leave: Any = None
) -> None:
    """Judge, rank, grade pages and compare them, one beside the other, until nothing is left.

    `leave`, a semaphore, is waited for before each answer.
    """
    chance, person = random.Random(seed), User.objects.get(pk=person_id)
    left = {pk: Campaign.objects.get(pk=pk) for pk in campaigns}
    while left:
        if leave:
            leave.acquire()
        campaign = chance.choice(list(left.values()))
        held = services.slots_hold(campaign=campaign, person=person, want=1)
        if not held:
            del left[campaign.pk]
            continue
        sent = {"key": str(uuid.uuid4()), "slot": held[0].pk, "lease": str(held[0].lease), "person": person_id,
                "release": release_id, "grade": chance.randint(3, 4)}  # fmt: skip
        diary.note("sent", **sent)
        answer_send(sent)
        diary.note("saved", key=sent["key"])
        if chance.random() < 0.2:
            answer_send(sent)


def process(name: str, path: Path, *work: Any) -> None:
    """The body of a worker process: its own connection to the test's database."""
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        labour(*work[:-1], Diary(path), work[-1])
        connections.close_all()
    except Exception:
        path.with_suffix(".error").write_text(traceback.format_exc())
        raise
    os._exit(0)


def diaries(place: Path) -> tuple[dict[str, dict[str, Any]], set[str]]:
    """(what was sent by key, keys acknowledged) over all processes; a line cut off by a kill was never sent."""
    sent, saved = {}, set()
    for path in place.glob("*.jsonl"):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            if row.pop("word") == "sent":
                sent[row["key"]] = row
            else:
                saved.add(row["key"])
    return sent, saved


def test_processes_killed_at_random_moments_end_in_an_exact_ledger(
    shop: SimpleNamespace, tmp_path: Path
) -> None:
    pairs = pairs_make(shop.corpus, 250, text="burgundy gown")
    judging = shop.campaign(pairs=[pair.pk for pair in pairs], redundancy=2)
    lists = [(pair, reasonings_make(3)) for pair in pairs[:60]]
    ranking = services.ranking_campaign_create(corpus=shop.corpus, name="Lists", lists=lists, redundancy=2)
    services.campaign_open(campaign=ranking, actor=shop.people.admin)
    pages, sides = list_campaigns(shop)
    campaigns, people = [judging.pk, ranking.pk, pages.pk, sides.pk], judges(AT_ONCE)
    killed_at_random(tmp_path, campaigns, people, shop.release)
    sent = finished(tmp_path, campaigns, people, shop.release)
    answers = (
        Judgment.objects.filter(page=None),
        Ranking.objects,
        PageVerdict.objects,
        PagePreference.objects,
    )
    in_ledger = {str(pk) for rows in answers for pk in rows.values_list("pk", flat=True)}
    print(f"{KILLS} kills, {len(sent)} answers sent, {len(in_ledger)} in the ledger")
    assert in_ledger == sent
    assert_exact(judging, 2, pairs)
    assert_once(ranking, Ranking.objects.filter(superseded_by=None, withdrawn=False), "pair", 120)
    assert_once(pages, PageVerdict.objects.filter(superseded_by=None).exclude(mark=None), "page", 2 * LISTS)
    preferences = PagePreference.objects.filter(superseded_by=None).exclude(preference=None)
    assert_once(sides, preferences, "page", 2 * LISTS)
    graded = effective_judgments(shop.corpus).exclude(page=None)
    assert graded.count() == graded.values("pair", "person").distinct().count() == 2 * LISTS * ON_A_PAGE


def killed_at_random(place: Path, campaigns: list[int], people: Sequence[User], release: Release) -> None:
    """Processes at work side by side, one after the other killed and begun anew; what they sent lies in their diaries."""
    name, chance = connection.settings_dict["NAME"], random.Random(SEED)
    context: Any = multiprocessing.get_context("fork")
    leave = context.Semaphore(0)
    connections.close_all()

    def start(number: int, turn: int) -> Any:
        path = place / f"{number}-{turn}.jsonl"
        arguments = (name, path, campaigns, people[number].pk, release.pk, 100 * turn + number, leave)
        child = context.Process(target=process, args=arguments)
        child.start()
        return child

    children = [start(number, 0) for number in range(AT_ONCE)]
    for turn in range(1, KILLS + 1):
        for _ in range(EVERY):
            leave.release()
        time.sleep(chance.uniform(0, 0.1))
        number = chance.randrange(AT_ONCE)
        assert children[number].exitcode is None, [path.read_text() for path in place.glob("*.error")]
        os.kill(children[number].pid, signal.SIGKILL)
        children[number].join()
        children[number] = start(number, turn)
    for _ in range(100 * EVERY):
        leave.release()
    for child in children:
        child.join(timeout=240)
        assert child.exitcode == 0


def finished(place: Path, campaigns: list[int], people: Sequence[User], release: Release) -> set[str]:
    """What was sent and not heard of goes out again, and all that is left is done; returns every key that was sent."""
    sent, saved = diaries(place)
    for key in sent.keys() - saved:  # what a killed one had not heard of: its queue sends it again
        answer_send(sent[key])
    Slot.objects.filter(state="leased").update(lease_until="2020-01-01T00:00:00Z")
    services.leases_expire()
    for number, person in enumerate(people):
        labour(campaigns, person.pk, release.pk, 9000 + number, Diary(place / f"last-{number}.jsonl"))
    return set(diaries(place)[0])


def assert_once(campaign: Campaign, standing: QuerySet[Any], subject: str, answers: int) -> None:
    campaign.refresh_from_db()
    assert campaign.slots_done == campaign.slots_total == answers == standing.count()
    assert standing.values("slot").distinct().count() == answers
    assert standing.values(subject, "person").distinct().count() == answers


def list_campaigns(shop: SimpleNamespace) -> tuple[Campaign, Campaign]:
    """Pages judged by two people each, and the same queries' pages against those turned round."""
    rows = [pairs_make(shop.corpus, ON_A_PAGE, text=f"hat {number}") for number in range(LISTS)]
    lists = {pairs[0].query_id: [pair.pk for pair in pairs] for pairs in rows}
    admin, twice = shop.people.admin, Asking(redundancy=2)
    pages = pages_put(corpus=shop.corpus, source="old", lists=lists, actor=admin)
    turned = {query: pairs[::-1] for query, pairs in lists.items()}
    pages_put(corpus=shop.corpus, source="new", lists=turned, actor=admin)
    made = (
        page_campaign_create(
            corpus=shop.corpus, name="Pages", actor=admin, pages=[page.pk for page in pages], asking=twice
        ),
        sides_campaign_create(
            corpus=shop.corpus, name="Sides", actor=admin, choice=PageChoice("old"), other_source="new",
            asking=twice,
        ),
    )  # fmt: skip
    for campaign in made:
        services.campaign_open(campaign=campaign, actor=admin)
    return made
