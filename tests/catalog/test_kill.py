"""kill -9 at five seeded moments of an import: each chunk is whole or absent, and the counts are exact afterwards."""

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from catalog.models import (
    CorpusCounter,
    ImportedRating,
    ImportRun,
    Item,
    ItemVersion,
    Pair,
    Query,
    SettledVerdict,
)
from catalog.services import import_start
from webapp.common.models import AuditEntry, Corpus, Job, OutboxEvent
from webapp.common.scratch import child_environment

KILLS, SEED = 5, 20261123
ITEMS, QUERIES, EACH = 2_000, 300, 50
PAIRS = QUERIES * EACH
CHUNKS = ITEMS // 250 + QUERIES // 100 + 2 * PAIRS // 500


def shop(folder: Path) -> Path:
    pairs = [(f"q{n}", f"p{(n * 7 + k) % ITEMS}", (n + k) % 4) for n in range(QUERIES) for k in range(EACH)]
    (folder / "products.csv").write_text(
        "product_id,title\n" + "".join(f"p{n},Thing {n}\n" for n in range(ITEMS))
    )
    (folder / "queries.csv").write_text(
        "query_id,query\n" + "".join(f"q{n},thing number {n}\n" for n in range(QUERIES))
    )
    (folder / "labels.csv").write_text(
        "query_id,product_id,grade\n"
        + "".join(f"{query},{item},{grade}\n" for query, item, grade in pairs)
        + "q0,gone,1\nq0,p0,3\n"
    )
    (folder / "ratings_by_rater.csv").write_text(
        "query_id,product_id,rater,grade\n"
        + "".join(f"{query},{item},ann,{grade}\n" for query, item, grade in pairs)
    )
    return folder


def attempt(job: Job, kill_after: int | None, pause: float) -> str:
    """Run the job in a child; kill it `pause` seconds after its n-th chunk. Its last line."""
    Job.objects.filter(pk=job.pk, state="running").update(lease_until=timezone.now() - timedelta(seconds=1))
    command = [sys.executable, "-m", "tests.catalog.kill_child", str(job.pk)]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, env=child_environment(), stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        last = ""
        for seen, line in enumerate(child.stdout, 1):
            last = line.strip()
            if seen == kill_after:
                time.sleep(pause)
                child.send_signal(signal.SIGKILL)
    return last


def clients() -> set[int]:
    """Process ids of the server's connections from clients, without what the server does by itself (autovacuum)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        return {pid for (pid,) in cursor.fetchall()}


def gone_wait(before: set[int]) -> None:
    """Until the server has noticed that its client is gone: what that had sent may still be committed."""
    limit = time.monotonic() + 60
    while clients() - before:
        assert time.monotonic() < limit, "the killed one's connection is still there"
        time.sleep(0.02)


def chunks_whole() -> None:
    """Whatever moment it was: no row without what was written together with it."""
    assert Item.objects.count() % 250 == 0 and Item.objects.filter(current=None).count() == 0
    assert ItemVersion.objects.count() == Item.objects.count()
    assert Query.objects.count() % 100 == 0
    assert SettledVerdict.objects.count() == Pair.objects.count()
    assert Pair.objects.count() % 500 == 0
    assert ImportedRating.objects.count() % 500 == 0


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_five_times_lands_whole(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    corpus = Corpus.objects.create(slug="killed", name="Killed")
    job = import_start(corpus=corpus, path=shop(tmp_path), actor=None)
    before = clients()
    moments = sorted(dice.randrange(1, CHUNKS) for _ in range(KILLS))
    for moment in moments:
        attempt(job, moment, dice.uniform(0, 0.05))
        gone_wait(before)
        chunks_whole()
        job.refresh_from_db()
        assert job.state == "running"
    assert attempt(job, None, 0) == "done"
    job.refresh_from_db()
    counts = (Item.objects.count(), Query.objects.count(), Pair.objects.count())
    assert counts == (ITEMS, QUERIES, PAIRS)
    assert SettledVerdict.objects.count() == ImportedRating.objects.count() == PAIRS
    assert ItemVersion.objects.count() == ITEMS
    counter = CorpusCounter.objects.get(corpus=corpus)
    assert (counter.items, counter.queries, counter.pairs, counter.settled) == (ITEMS, QUERIES, PAIRS, PAIRS)
    run = ImportRun.objects.get(job=job)
    assert run.rejected == 2 and run.accepted["judged"] == run.accepted["ratings"] == PAIRS
    assert job.deaths == KILLS and job.attempts == 0
    assert AuditEntry.objects.filter(action="import.finish").count() == 1
    assert OutboxEvent.objects.filter(kind="import.finished").count() == 1
