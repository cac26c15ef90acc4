"""Children under kill -9, and what a start refuses with one line."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runtime import preflight
from runtime.children import Child, end_all, end_leftovers
from runtime.embedded import Embedded
from runtime.environment import demo_lock, needs
from runtime.errors import RuntimeFault
from runtime.identity import Identity, identify, started_at
from runtime.locks import Hold, is_held
from runtime.paths import PROJECT
from runtime.supervisor import Backoff, Supervisor

FOREVER = (sys.executable, "-c", "import time; time.sleep(600)")
WITH_MEMBER = """\
import subprocess, sys, time
member = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1], "w").write(str(member.pid))
time.sleep(600)
"""


def until(condition: Callable[[], object], seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited in vain"
        time.sleep(0.02)


def leader(child: Child) -> int:
    noted = Identity.read(child.pid_file)
    assert noted
    return noted.pid


def test_a_killed_child_is_started_again(tmp_path: Path) -> None:
    child, said = Child("sleeper", FOREVER, tmp_path), list[str]()
    supervisor = Supervisor(Embedded(tmp_path, None, None), [child], say=said.append)
    supervisor.start()
    first = leader(child)
    os.kill(first, signal.SIGKILL)
    until(lambda: child.alive() and leader(child) != first)
    supervisor.stop()
    assert "sleeper was gone" in said[0]
    assert end_all(tmp_path) == ["sleeper"]
    assert not child.alive()


def test_the_next_start_ends_what_a_killed_leader_left(tmp_path: Path) -> None:
    note = tmp_path / "member"
    child = Child("parent", (sys.executable, "-c", WITH_MEMBER, str(note)), tmp_path)
    child.ensure()
    until(lambda: note.exists() and note.read_text())
    member = int(note.read_text())
    os.kill(leader(child), signal.SIGKILL)
    until(lambda: not child.alive())
    assert started_at(member)
    end_leftovers(child.pid_file)
    until(lambda: started_at(member) is None)


def test_a_stranger_with_a_noted_pid_is_never_ended(tmp_path: Path) -> None:
    stranger = subprocess.Popen(FOREVER, start_new_session=True)
    child = Child("web", FOREVER, tmp_path)
    Identity(stranger.pid, "another moment", "gunicorn").write(child.pid_file)
    assert end_all(tmp_path) == []
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_two_starts_of_a_child_make_one(tmp_path: Path) -> None:
    child = Child("sleeper", FOREVER, tmp_path)
    assert child.ensure()
    assert not Child("sleeper", FOREVER, tmp_path).ensure()
    end_all(tmp_path)


def test_a_child_that_keeps_dying_is_started_less_and_less_often() -> None:
    backoff = Backoff(started=0.0)
    pauses = []
    for now in (1.0, 2.0, 3.0, 4.0):
        backoff.note_death(now)
        pauses.append(backoff.next_start - now)
        backoff.note_start(now)
    assert pauses == [0.5, 1.0, 2.0, 4.0]
    backoff.note_death(100.0)
    assert backoff.next_start == 100.0


def demo(home: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "LORE_HOME": str(home), **variables}
    command = [sys.executable, "-m", "runtime", "demo"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=60)


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2, done.stderr
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_a_second_demo_is_refused_and_told_where_the_first_is(tmp_path: Path) -> None:
    held = Hold(demo_lock(tmp_path))
    assert held.take()
    assert is_held(demo_lock(tmp_path))
    (tmp_path / "run" / "demo.json").write_text('{"url": "http://127.0.0.1:8017"}')
    assert "already running at http://127.0.0.1:8017" in one_line(demo(tmp_path))
    held.release()
    assert not is_held(demo_lock(tmp_path))


def test_a_port_in_use_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(demo(tmp_path, PORT=str(port)))
    assert str(port) in line
    assert "PORT=" in line


def test_nonsense_for_a_port_is_refused(tmp_path: Path) -> None:
    assert "PORT=eighty" in one_line(demo(tmp_path, PORT="eighty"))


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "set LORE_HOME" in one_line(demo(tmp_path / "file" / "home"))


def test_a_full_disk_is_named_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFault, match="MB are free"):
        preflight.home_check(tmp_path, free_bytes=1 << 60)


def test_commands_name_what_they_need() -> None:
    assert needs("loop") == {"worker", "model server"}
    assert needs("migrate") == frozenset()


def test_an_identity_of_a_dead_pid_is_gone() -> None:
    done = subprocess.Popen([sys.executable, "-c", ""])
    done.wait()
    assert not identify(done.pid, "python").alive()
