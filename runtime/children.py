"""The site's children: what each is started with, and its pid file and log under LORE_HOME."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from runtime.embedded import model_server_port, model_server_token_file
from runtime.identity import Identity, command_line, end_group, identify, reap, started_at
from runtime.locks import exclusive
from runtime.paths import PROJECT, folder

LOG_BYTES = 20 * 1024 * 1024
ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class Child:
    """One program of the site, the leader of its own group, so that it ends with all it has started."""

    name: str
    command: tuple[str, ...]
    home: Path

    @property
    def pid_file(self) -> Path:
        return folder(self.home / "run") / f"{self.name}.pid"

    @property
    def log(self) -> Path:
        return folder(self.home / "logs") / f"{self.name}.log"

    def alive(self) -> bool:
        noted = Identity.read(self.pid_file)
        if noted is None:
            return False
        reap(noted.pid)
        return noted.alive()

    def ensure(self) -> bool:
        """Start it where it is not running; True if it was started now. Races settle on one start."""
        with exclusive(self.pid_file.with_suffix(".lock")):
            if self.alive():
                return False
            end_leftovers(self.pid_file)
            self._start()
            return True

    def _start(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                self.command,
                cwd=PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        identify(started.pid, " ".join(self.command)).write(self.pid_file)
        started.returncode = 0  # watched by its pid file from here on, also by commands that did not start it


def end_leftovers(pid_file: Path) -> None:
    """End the group of a leader that was killed: its members may still work on. Never a stranger's group."""
    noted = Identity.read(pid_file)
    if noted is None or noted.alive() or started_at(noted.pid) is not None:
        return
    # While a member lives, the kernel hands the group's number to nobody else.
    try:
        os.killpg(noted.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return


def end_all(home: Path, names: set[str] | None = None, *, patience: float = 10.0) -> list[str]:
    """End the children noted under the home (those named; or all, and their trainers); the names ended."""
    found: dict[str, Identity] = {}
    for pid_file in sorted((home / "run").glob("*.pid")):
        if names is not None and pid_file.stem not in names:
            continue
        noted = Identity.read(pid_file)
        if noted and noted.alive():
            found[pid_file.stem] = noted
        end_leftovers(pid_file)
    found |= trainers(home) if names is None else {}
    end_group(list(found.values()), patience=patience)
    for pid_file in (home / "run").glob("*.pid"):
        if names is None or pid_file.stem in names:
            pid_file.unlink(missing_ok=True)
    return list(found)


def trainers(home: Path) -> dict[str, Identity]:
    """The trainers at work on this home's run directories: they outlive a worker that is killed."""
    found: dict[str, Identity] = {}
    if sys.platform != "linux":
        return found
    for entry in Path("/proc").iterdir():
        words = command_line(int(entry.name)) if entry.name.isdigit() else ""
        if "training_bridge.trainer" in words and f"{home}/" in words and " run " in words:
            found[f"trainer {entry.name}"] = identify(int(entry.name), words)
    return found


def web(home: Path, host: str, port: int) -> Child:
    options = ["--bind", f"{host}:{port}", "--worker-class", "gthread", "--workers", "2", "--threads", "4"]
    options += ["--timeout", "60", "--graceful-timeout", "5", "--no-control-socket", "--preload"]
    return Child("web", (sys.executable, "-m", "gunicorn", "webapp.wsgi:application", *options), home)


def worker(home: Path, name: str, queues: str, slots: int) -> Child:
    options = (
        "-Q",
        queues,
        "-c",
        str(slots),
        "-n",
        f"{name}@%h",
        "--without-gossip",
        "--without-mingle",
        "-l",
        "INFO",
    )
    return Child(name, (sys.executable, "-m", "celery", "-A", "webapp.celery", "worker", *options), home)


def beat(home: Path) -> Child:
    return Child(
        "beat",
        (sys.executable, "-m", "celery", "-A", "webapp.celery", "beat", "--pidfile=", "-l", "WARNING"),
        home,
    )


def model_server(home: Path) -> Child:
    options = ("--port", str(model_server_port(home)), "--token-file", str(model_server_token_file(home)))
    return Child("model-server", (sys.executable, "-m", "training_bridge.trainer", "serve", *options), home)


def answers(url: str) -> bool:
    """Whether the address answers a GET with a status below 500."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


def wait_for(url: str, seconds: float) -> bool:
    """Wait until the address answers; False when it has not within the time."""
    limit = time.monotonic() + seconds
    while not answers(url):
        if time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return True
