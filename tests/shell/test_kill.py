"""kill -9 at twenty seeded moments, of every process there is, during an import, a burst of judgments and a turn.

Afterwards the counts are exact, no run directory ever had two trainers, and every job has ended by itself.
"""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from runtime.children import Child, beat, end_all, model_server, trainers, wait_for, web, worker
from runtime.embedded import Embedded, Share
from runtime.identity import Identity
from runtime.paths import PROJECT
from runtime.supervisor import Supervisor
from tests.shell import kill_scene

KILLS, SEED, ANSWERS = 20, 20261122, 240
PATIENCE = 420.0


def program(place: Path, what: str) -> dict[str, object]:
    command = [sys.executable, "-m", "tests.shell.kill_scene", what, str(place)]
    subprocess.run(command, check=True, cwd=PROJECT, timeout=180)
    return json.loads((place / f"{what}.json").read_text())


class Burst:
    """People who answer until each of their answers is acknowledged, whatever happens to the site meanwhile."""

    def __init__(self, url: str, scene: dict[str, object]) -> None:
        self.base = f"{url}/api/v1/corpora/kill/campaigns/{scene['campaign']}"
        self.keys = scene["keys"]
        self.acknowledged: set[str] = set()

    def run(self, key: str, answers: int) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=5) as client:
            while len(self.acknowledged) < answers:
                subject = self._post(client, "next/", {"count": 1})["subjects"]
                if not subject:
                    return
                self._answer(client, subject[0])

    def _answer(self, client: httpx.Client, subject: dict[str, object]) -> None:
        key = str(uuid.uuid4())
        body = {name: subject[name] for name in ("slot", "lease", "release", "item_version")}
        saved = self._post(client, "judgments/", {**body, "key": key, "grade": "L4"})
        self._post(
            client, "judgments/", {**body, "key": key, "grade": "L4"}
        )  # a double submit changes nothing
        assert saved["judgment"]["id"] == key
        self.acknowledged.add(key)

    def _post(self, client: httpx.Client, path: str, body: dict[str, object]) -> dict[str, object]:
        deadline = time.monotonic() + 120
        while True:
            try:
                response = client.post(f"{self.base}/{path}", json=body)
                if response.status_code < 500:
                    assert response.status_code in {200, 201}, response.text
                    return response.json()
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, "the site did not come back"
            time.sleep(0.3)


class TrainerWatch(threading.Thread):
    """Looks all the time whether two trainers hold one run directory."""

    def __init__(self, place: Path) -> None:
        super().__init__(daemon=True)
        self.place, self.stop, self.doubled, self.seen = place, threading.Event(), [], set()

    def run(self) -> None:
        while not self.stop.wait(0.1):
            leaders = [row for row in trainers(self.place).values() if os.getpgid(row.pid) == row.pid]
            runs = Counter(row.command.split()[-1] for row in leaders)
            self.seen |= set(runs)
            self.doubled += [run for run, count in runs.items() if count > 1]


def kill_one(rng: random.Random, place: Path, services: Embedded, children: list[Child]) -> str:
    """One victim, drawn from what is alive."""
    victims = {
        child.name: noted.pid
        for child in children
        if (noted := Identity.read(child.pid_file)) and noted.alive()
    }
    victims |= {f"trainer {at}": row.pid for at, row in enumerate(trainers(place).values())}
    if services.cluster and (pid := services.cluster.pid()):
        victims["PostgreSQL"] = pid
    if services.broker and (pid := services.broker.pid()):
        victims["broker"] = pid
    name = rng.choice(sorted(victims))
    try:
        os.kill(victims[name], signal.SIGKILL)
    except ProcessLookupError:
        return f"{name} (gone by itself)"
    return name


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def services(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Embedded]:
    """PostgreSQL and the broker of a home of its own, migrated; all that runs there ends with the test."""
    for name in (
        "DATABASE_URL",
        "BROKER_URL",
        "SECRET_KEY",
        "LORE_MODEL_SERVER_URL",
        "LORE_MODEL_SERVER_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)
    place = Path(tempfile.mkdtemp(prefix="lore-kill-"))
    place.chmod(0o755)  # as root, the database runs under another account
    failed, services, share = request.session.testsfailed, Embedded.at(place), Share(place)
    share.take()
    services.ensure()
    for name, value in services.addresses().items():
        monkeypatch.setenv(name, value)
    try:
        migrate = [sys.executable, "manage.py", "migrate", "-v0"]
        subprocess.run(migrate, check=True, cwd=PROJECT, timeout=180)
        yield services
    finally:
        end_all(place)
        share.leave(services.stop)
    if request.session.testsfailed == failed:  # else the logs stay
        shutil.rmtree(place, ignore_errors=True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_lose_nothing_and_double_nothing(services: Embedded) -> None:
    _play(services.home, services)


def _play(place: Path, services: Embedded) -> None:
    scene = program(place, "set")
    port = free_port()
    children = [web(place, "127.0.0.1", port), worker(place, "worker-interactive", "interactive", 2)]
    children += [worker(place, "worker-training", "training", 1), beat(place), model_server(place)]
    supervisor, watch = Supervisor(services, children), TrainerWatch(place)
    supervisor.start()
    watch.start()
    try:
        assert wait_for(f"http://127.0.0.1:{port}/healthz", 180)
        burst = _disturb(place, services, children, f"http://127.0.0.1:{port}", scene)
        found = _settled(place)
    finally:
        watch.stop.set()
        supervisor.stop()
    _check(found, burst, watch)


def _disturb(place, services, children, url, scene) -> Burst:
    rng, burst = random.Random(SEED), Burst(url, scene)
    people = [threading.Thread(target=burst.run, args=(key, ANSWERS)) for key in burst.keys]
    [person.start() for person in people]
    killed = []
    for _ in range(KILLS):
        time.sleep(rng.uniform(0.5, 4.0))
        killed.append(kill_one(rng, place, services, children))
    [person.join(timeout=PATIENCE) for person in people]
    print(f"killed: {Counter(killed)}")
    return burst


def _settled(place: Path) -> dict[str, object]:
    deadline = time.monotonic() + PATIENCE
    while True:
        found = program(place, "tally")
        if not found["unfinished"] or time.monotonic() > deadline:
            return found
        time.sleep(3)


def _check(found: dict[str, object], burst: Burst, watch: TrainerWatch) -> None:
    print(found)
    assert found["unfinished"] == 0 and found["failed"] == 0, found["jobs"]
    assert found["items"] == kill_scene.MANY_ITEMS
    assert found["pairs"] == found["settled"] == kill_scene.MANY_QUERIES * kill_scene.MANY_PER_QUERY
    assert len(burst.acknowledged) >= ANSWERS
    assert found["judgments"] == found["slots"] == found["counter"] == len(burst.acknowledged)
    assert watch.doubled == [] and watch.seen, "two trainers on one run, or none at all"
    assert found["models"] >= 1
