"""`python -m runtime demo`: the whole site from nothing, kept running, and one turn of the loop on the sample."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from runtime.children import Child, beat, end_all, model_server, trainers, wait_for, web, worker
from runtime.embedded import Embedded, Share
from runtime.environment import demo_lock, stop_all
from runtime.errors import RuntimeFault
from runtime.identity import Identity, end_group, identify
from runtime.locks import Hold
from runtime.paths import PROJECT, home
from runtime.preflight import address, database_check, home_check, port_check
from runtime.schema import schema_ensure
from runtime.supervisor import Supervisor

READY_SECONDS = 60.0
CHILDREN = {"web", "worker-interactive", "worker-training", "beat", "model-server"}


@dataclass
class Demo:
    """One demo of a home: made by `demo()`, which holds the lock that keeps a second one out."""

    place: Path
    host: str
    port: int
    services: Embedded
    leaving: threading.Event = field(default_factory=threading.Event)
    turn: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://{'127.0.0.1' if self.host == '0.0.0.0' else self.host}:{self.port}"

    def run(self) -> int:
        """Start everything, turn the loop once, stay until told to leave; the exit status."""
        serves_models = not os.environ.get("LORE_MODEL_SERVER_URL")
        children = self._children(serves_models)
        self.services.ensure()
        os.environ.update(self.services.addresses())
        if self.services.cluster:
            schema_ensure(self.services.cluster.asked)
        else:
            database_check(os.environ["DATABASE_URL"])
            self._manage("migrate", "--verbosity", "0")
        children[0].ensure()  # the web server comes up meanwhile; the others would only take its cores
        sign_ins = self._manage("sample_workspace")
        supervisor = Supervisor(self.services, children)
        try:
            return self._serve(supervisor, sign_ins)
        finally:
            supervisor.stop()

    def _serve(self, supervisor: Supervisor, sign_ins: str) -> int:
        if not wait_for(f"{self.url}/healthz", READY_SECONDS):
            raise RuntimeFault(f"the site does not answer: see {self.place / 'logs' / 'web.log'}")
        supervisor.start()
        print(f"ready {self.url}\n{sign_ins}", flush=True)
        status = self._turn()
        if os.environ.get("DEMO_EXIT") == "1" or self.leaving.is_set():
            return 0 if self.leaving.is_set() else status
        if status:
            print("the turn of the loop did not end well; the site stays up (Ctrl-C stops it)", flush=True)
        self.leaving.wait()
        return 0

    def _children(self, serves_models: bool) -> list[Child]:
        found = [
            web(self.place, self.host, self.port),
            worker(self.place, "worker-interactive", "interactive", 2),
        ]
        found += [worker(self.place, "worker-training", "training", 1), beat(self.place)]
        return [*found, model_server(self.place)] if serves_models else found

    def _manage(self, *arguments: str) -> str:
        """One command of the site, run to its end: what it printed."""
        command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
        self.turn = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
        output, _ = self.turn.communicate()
        if self.leaving.is_set():
            raise KeyboardInterrupt
        if self.turn.returncode:
            raise RuntimeFault(
                f"manage.py {arguments[0]} ended with status {self.turn.returncode}: see its lines above"
            )
        return output.strip("\n")

    def _turn(self) -> int:
        """The first turn of the loop on the sample, its progress lines and its report on our output; its exit status."""
        command = [sys.executable, str(PROJECT / "manage.py"), "loop", "--corpus", "sample", "--once"]
        self.turn = subprocess.Popen(command, text=True, cwd=PROJECT)
        return self.turn.wait()

    def leave(self, number: int, frame: FrameType | None) -> None:
        self.leaving.set()
        if self.turn and self.turn.poll() is None:
            self.turn.send_signal(signal.SIGTERM)


def demo() -> int:
    """The command; its exit status. RuntimeFault where something must be settled first."""
    place, (host, port) = home(), address()
    home_check(place)
    lock = Hold(demo_lock(place))
    if not lock.take():
        raise RuntimeFault(
            f"the demo of {place} is already running at {running(place)}: stop it with make stop"
        )
    share = Share(place)
    share.take()
    found = Demo(place, host, port, Embedded.at(place))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, found.leave)
    try:
        end_all(
            place, CHILDREN, patience=2
        )  # what a killed demo has left; its trainers work on and are adopted
        port_check(host, port)
        note_file(place).write_text(json.dumps({"url": found.url}))
        identify(os.getpid(), "demo").write(pid_file(place))
        return found.run()
    except KeyboardInterrupt:
        return 130
    finally:
        _leave(place, found, share, lock)


def _leave(place: Path, found: Demo, share: Share, lock: Hold) -> None:
    """Our children end now; the services too, unless a command still uses them."""
    end_all(place, CHILDREN)
    end_group(list(trainers(place).values()))
    share.leave(lambda: stop_all(place, found.services))
    pid_file(place).unlink(missing_ok=True)
    lock.release()


def pid_file(place: Path) -> Path:
    return place / "run" / "demo.identity"


def note_file(place: Path) -> Path:
    return place / "run" / "demo.json"


def running(place: Path) -> str:
    """Where the demo of a home is to be found."""
    try:
        return str(json.loads(note_file(place).read_text())["url"])
    except (OSError, ValueError, KeyError):
        return "an address not noted yet"


def stop() -> int:
    """`make stop`: the demo of this home, and whatever a killed one has left; its exit status."""
    place = home()
    noted = Identity.read(pid_file(place))
    if noted and noted.alive():
        os.kill(noted.pid, signal.SIGTERM)
        limit = time.monotonic() + 40
        while noted.alive() and time.monotonic() < limit:
            time.sleep(0.1)
    share = Share(place)
    share.take()
    ended: list[str] = []
    last = share.leave(lambda: ended.extend(stop_all(place, Embedded.at(place))))
    if not last:
        print(f"a command of {place} is still at work; it stops the services when it ends")
    elif ended:
        print(f"stopped what was left: {', '.join(ended)}")
    print(f"nothing of {place} is running" if last else "")
    return 0


def status() -> int:
    """Each part of this home on a line: up or down, and where its log lies."""
    place = home()
    services = Embedded.at(place)
    if services.cluster:
        up, where = services.cluster.pid(), services.cluster.data
        print(f"{'PostgreSQL':20}{'up' if up else 'down':6}{where}")
    if services.broker:
        print(f"{'broker':20}{'up' if services.broker.alive() else 'down':6}{services.broker.state}")
    for noted in sorted((place / "run").glob("*.pid")):
        found = Identity.read(noted)
        up = found is not None and found.alive()
        print(f"{noted.stem:20}{'up' if up else 'down':6}{place / 'logs' / (noted.stem + '.log')}")
    return 0
