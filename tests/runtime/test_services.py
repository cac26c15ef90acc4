"""The embedded PostgreSQL and broker under kill -9, races and stale notes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from runtime.broker import Broker
from runtime.embedded import Embedded, Share
from runtime.identity import Identity, identify
from runtime.keys import key_file
from runtime.postgres import UNSAFE_SETTINGS, Cluster, reachable
from tests.embedded import PREFIX, remove

START = (
    "from pathlib import Path; from runtime.postgres import *; from runtime.broker import Broker; import sys;"
    "home = Path(sys.argv[1]); Cluster(home / 'postgres', UNSAFE_SETTINGS).ensure(); Broker(home / 'broker').ensure()"
)


@pytest.fixture
def place() -> Iterator[Path]:
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    home.chmod(0o755)
    yield home
    remove(home)


def kill(service: Cluster | Broker) -> None:
    pid = service.pid()
    assert pid
    os.kill(pid, signal.SIGKILL)
    limit = time.monotonic() + 60
    while service.pid() and time.monotonic() < limit:
        time.sleep(0.01)


def rows(cluster: Cluster) -> int:
    with psycopg.connect(cluster.url()) as connection:
        found = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert found
    return int(found[0])


def test_a_killed_postgres_comes_back_with_every_committed_row(place: Path) -> None:
    cluster = Cluster(place / "postgres")  # as in earnest: with fsync and synchronous commit
    cluster.ensure()
    with psycopg.connect(cluster.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 100)")
    for round_number in range(3):
        kill(cluster)
        assert Embedded(place, cluster, None).revive() == ["PostgreSQL"]
        with psycopg.connect(cluster.url()) as connection:
            connection.execute("INSERT INTO kept VALUES (0)")
        assert rows(cluster) == 101 + round_number


def test_a_killed_broker_comes_back(place: Path) -> None:
    broker = Broker(place / "broker")
    broker.ensure()
    client = redis.Redis(unix_socket_path=str(broker.socket))
    client.set("kept", "1")
    client.close()
    kill(broker)
    assert Embedded(place, None, broker).revive() == ["the broker"]
    assert broker.alive()


def test_racing_starts_settle_on_one_server_each(place: Path) -> None:
    command = [sys.executable, "-c", START, str(place)]
    racers = [subprocess.Popen(command) for _ in range(4)]
    assert [racer.wait() for racer in racers] == [0, 0, 0, 0]
    assert Cluster(place / "postgres").alive()
    assert Broker(place / "broker").alive()


def test_a_stale_pid_file_of_a_stranger_does_not_keep_postgres_down(place: Path) -> None:
    cluster = Cluster(place / "postgres", UNSAFE_SETTINGS)
    cluster.ensure()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")
    assert not cluster.alive()
    cluster.ensure()
    assert cluster.alive()
    assert cluster.pid() != os.getpid()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops its privileges")
def test_as_root_below_a_closed_folder_the_cluster_moves_and_says_where(
    place: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "postgres", UNSAFE_SETTINGS)
    assert cluster.moved
    assert reachable(cluster.state.parent)
    cluster.ensure()
    assert str(cluster.state) in capfd.readouterr().err
    assert Cluster(closed / "postgres").state == cluster.state
    cluster.stop()
    subprocess.run(["rm", "-rf", str(cluster.state)], check=True)


def test_only_the_last_share_stops_the_services(place: Path) -> None:
    stopped: list[str] = []
    first, second = Share(place), Share(place)
    first.take()
    second.take()
    assert not first.leave(lambda: stopped.append("first"))
    assert second.leave(lambda: stopped.append("second"))
    assert stopped == ["second"]


def test_services_named_by_the_environment_are_left_alone(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/lore")
    monkeypatch.setenv("BROKER_URL", "amqp://elsewhere")
    services = Embedded.at(place)
    assert services.cluster is None
    assert services.broker is None
    assert {"DATABASE_URL", "BROKER_URL"}.isdisjoint(services.addresses())


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    key = key_file(tmp_path / "key")
    assert len(key) >= 40
    assert key_file(tmp_path / "key") == key
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_an_identity_tells_a_stranger_with_the_same_pid(tmp_path: Path) -> None:
    ours = identify(os.getpid(), "pytest")
    ours.write(tmp_path / "pid")
    assert Identity.read(tmp_path / "pid") == ours
    assert ours.alive()
    assert not Identity(os.getpid(), "another moment", "pytest").alive()
    (tmp_path / "pid").write_text("{half")
    assert Identity.read(tmp_path / "pid") is None
