"""What `manage.py` needs around a command: the services of this LORE_HOME, found or started, left as they were."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from runtime.children import Child, beat, end_all, model_server, wait_for, worker
from runtime.embedded import Embedded, Share
from runtime.errors import RuntimeFault
from runtime.locks import is_held
from runtime.paths import folder, home
from runtime.preflight import home_check
from runtime.schema import UNMIGRATED, schema_ensure
from runtime.supervisor import Supervisor

# Commands that speak to nothing.
ALONE = {"help", "version", "--help", "-h", "--version", "compilemessages", "makemessages", "startapp"}
# Commands that wait for what others do. Whatever is not alive is started for them, and watched while they run.
NEEDS: dict[str, frozenset[str]] = {
    "loop": frozenset({"worker", "model server"}),
    "score": frozenset({"model server"}),
}
MODEL_SERVER_SECONDS = 90.0


def needs(command: str) -> frozenset[str]:
    """What a command needs beside the database and the broker: "worker", "model server"."""
    return NEEDS.get(command, frozenset())


def demo_lock(place: Path) -> Path:
    """Held alone by the demo of a home for as long as it runs."""
    return folder(place / "run") / "demo.lock"


@contextmanager
def prepare(argv: list[str]) -> Iterator[None]:
    """Set the environment for the command line, start what it needs and is not alive, stop it when the last one leaves.

    Raises RuntimeFault with one line that says what to do.
    """
    if len(argv) < 2 or argv[1] in ALONE or {"--help", "-h"} & set(argv[2:]):
        _name_nothing()
        yield
        return
    place = home()
    home_check(place, free_bytes=0)
    services, share = Embedded.at(place), Share(place)
    serves_models = not os.environ.get("LORE_MODEL_SERVER_URL")
    signal.signal(signal.SIGTERM, _leave)
    share.take()
    supervisor: Supervisor | None = None
    try:
        services.ensure()
        os.environ.update(services.addresses())
        if services.cluster and argv[1] not in UNMIGRATED:
            schema_ensure(services.cluster.asked)
        if children := _children(place, needs(argv[1]), serves_models):
            supervisor = _start(place, services, children)
        yield
    finally:
        if supervisor:
            supervisor.stop()
        share.leave(lambda: stop_all(place, services))


def stop_all(place: Path, services: Embedded) -> list[str]:
    """End all children of the home, then the services; the names of the children ended."""
    ended = end_all(place)
    services.stop()
    return ended


def _children(place: Path, needed: frozenset[str], serves_models: bool) -> list[Child]:
    children: list[Child] = []
    if "worker" in needed:
        children += [worker(place, "worker", "interactive,training", 2), beat(place)]
    if "model server" in needed and serves_models:
        children.append(model_server(place))
    return children


def _start(place: Path, services: Embedded, children: list[Child]) -> Supervisor:
    """The children are ours to keep alive only while no demo of this home keeps its own."""
    supervisor = Supervisor(services, children, wanted=lambda: not is_held(demo_lock(place)))
    supervisor.start()
    serving = [child for child in children if child.name == "model-server"]
    if serving and not wait_for(f"{os.environ['LORE_MODEL_SERVER_URL']}/healthz", MODEL_SERVER_SECONDS):
        supervisor.stop()
        raise RuntimeFault(f"the model server does not answer: see {serving[0].log}")
    return supervisor


def _name_nothing() -> None:
    """Settings refuse to load without these; a command that speaks to nothing never uses them."""
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
    os.environ.setdefault("SECRET_KEY", "unused")


def _leave(number: int, frame: FrameType | None) -> None:
    """SIGTERM unwinds the command as Ctrl-C does, so that its share is given back."""
    sys.exit(128 + number)
