"""The trainer's process: found by the run directory it works on, started in a session of its own, told to leave."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from training_bridge.runs.directory import LOG

COMMAND = (sys.executable, "-m", "training_bridge.trainer")
PROJECT = Path(__file__).resolve().parent.parent.parent
LEAVE_SECONDS = 60.0
# Secrets of the site have no business in the trainer's environment.
WITHHELD = ("DATABASE_URL", "BROKER_URL", "SECRET_KEY", "LORE_MODEL_SERVER_TOKEN")


def trainer_find(path: Path) -> int | None:
    """The pid of a live trainer whose command line names this run directory, whoever started it."""
    for pid, words in _command_lines():
        if words[-2:] == ["run", str(path)] and pid != os.getpid():
            return pid
    return None


def trainer_start(path: Path) -> "subprocess.Popen[bytes]":
    """Start a trainer that outlives this worker. The run directory's own lock refuses a second one."""
    environment = {name: value for name, value in os.environ.items() if name not in WITHHELD}
    with (path / LOG).open("ab") as log:
        return subprocess.Popen(
            [*COMMAND, "run", str(path)],
            cwd=PROJECT,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def trainer_end(path: Path, patience: float = LEAVE_SECONDS) -> None:
    """Ask the trainer of a run to checkpoint and leave; one that does not leave in time is killed."""
    limit, asked = time.monotonic() + patience, False
    while (pid := trainer_find(path)) is not None:
        late = time.monotonic() > limit
        if late or not asked:
            _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
            asked = True
        time.sleep(0.1)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _command_lines() -> list[tuple[int, list[str]]]:
    proc = Path("/proc")
    if not (proc / "self/cmdline").exists():
        return _ps_lines()
    found = []
    for entry in proc.iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")[:-1]
            except OSError:  # it ended meanwhile; a zombie's line is empty
                continue
            found.append((int(entry.name), words))
    return found


def _ps_lines() -> list[tuple[int, list[str]]]:
    output = subprocess.run(
        ["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.split() for line in output.splitlines()]
    return [(int(words[0]), words[1:]) for words in lines if words and words[0].isdigit()]
