"""Who is behind a pid: a pid alone may have been handed to a stranger since, so its start time goes with it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Identity:
    """A pid with the moment it was started (an opaque string) and the command line it was started with."""

    pid: int
    started: str
    command: str

    def alive(self) -> bool:
        """Whether this very program still runs: not a zombie, and not a stranger with its pid."""
        return started_at(self.pid) == self.started

    def write(self, path: Path) -> None:
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(self.__dict__), encoding="utf-8")
        draft.replace(path)

    @classmethod
    def read(cls, path: Path) -> "Identity | None":
        """The identity noted in a pid file; None where there is none, or a half-written one."""
        try:
            noted = json.loads(path.read_text(encoding="utf-8"))
            return cls(int(noted["pid"]), str(noted["started"]), str(noted["command"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None


def identify(pid: int, command: str) -> Identity:
    return Identity(pid, started_at(pid) or "gone", command)


def started_at(pid: int) -> str | None:
    """When the program behind the pid was started; None where there is none, or only a zombie."""
    if sys.platform == "linux":
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in "ZX" else f"{_boot()}:{fields[19]}"
    found = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True)
    state, _, moment = found.stdout.strip().partition(" ")
    return moment.strip() if state and not state.startswith("Z") else None


def _boot() -> str:
    """The start time in /proc counts from boot, so a reboot must be told apart."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]


def command_line(pid: int) -> str:
    """The command line behind the pid, empty where there is none."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True).stdout


def reap(pid: int) -> None:
    """Collect the pid if it is a dead child of ours; leave it alone if it is anything else."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def end_group(identities: list[Identity], *, patience: float = 10.0) -> None:
    """SIGTERM to the groups these lead, then SIGKILL to what is left of them after `patience` seconds."""
    for identity in identities:
        if identity.alive():
            _signal_group(identity.pid, signal.SIGTERM)
    limit = time.monotonic() + patience
    while time.monotonic() < limit and any(_still_there(identity) for identity in identities):
        time.sleep(0.05)
    for identity in identities:
        _signal_group(identity.pid, signal.SIGKILL) if identity.alive() else None


def _still_there(identity: Identity) -> bool:
    reap(identity.pid)
    return identity.alive()


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return
