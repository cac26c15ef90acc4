"""Many people at once, through real connections in threads and in processes that are killed: the ledger stays exact."""

import multiprocessing
import os
import random
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Count

from annotation import services
from annotation.models import Campaign, Slot
from annotation.selectors import effective_judgments
from catalog.models import Pair
from rules.models import Release
from webapp.common.models import User

from .conftest import pairs_make

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


def _process(name: str, campaign_id: int, person_id: int, release_id: int, seed: int) -> None:
    """The body of a worker process: its own connection to the test's database."""
    connections.close_all()
    connection.settings_dict["NAME"] = name
    work(campaign_id, person_id, release_id, seed)
    connections.close_all()
    os._exit(0)


def test_processes_killed_at_twenty_random_moments(shop: SimpleNamespace) -> None:
    pairs = pairs_make(shop.corpus, 40, text="red dress", colour="red")
    campaign = shop.campaign(pairs=[pair.pk for pair in pairs], redundancy=2)
    name, chance, people = connection.settings_dict["NAME"], random.Random(7), judges(4)
    context: Any = multiprocessing.get_context("fork")
    connections.close_all()
    for kill in range(20):
        person = people[kill % len(people)]
        child = context.Process(target=_process, args=(name, campaign.pk, person.pk, shop.release.pk, kill))
        child.start()
        time.sleep(chance.uniform(0.01, 0.25))
        os.kill(child.pid, signal.SIGKILL)
        child.join()
    Slot.objects.filter(state="leased").update(lease_until="2020-01-01T00:00:00Z")
    services.leases_expire()
    for seed, person in enumerate(people):
        work(campaign.pk, person.pk, shop.release.pk, 100 + seed)
    assert_exact(campaign, 2, pairs)
