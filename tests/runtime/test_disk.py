"""A home on a full, nearly full or read-only disk: one line that says what to do, and nothing started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import preflight
from runtime.errors import RuntimeFault
from runtime.paths import PROJECT
from tests.disks import SmallDisk, small_disk

__all__ = ["small_disk"]


def start(home: Path, *command: str) -> str:
    """What a start prints on standard error; it must fail with one line."""
    environment = {**os.environ, "LORE_HOME": str(home)}
    for name in ("DATABASE_URL", "BROKER_URL", "SECRET_KEY"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode not in (0, None)
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    return lines[0]


DEMO = ("-m", "runtime", "demo")
MANAGE = ("manage.py", "showmigrations", "common")


def test_a_nearly_full_disk(small_disk: SmallDisk) -> None:
    line = start(small_disk.path, *DEMO)
    assert "MB are free" in line and "set LORE_HOME" in line


@pytest.mark.parametrize("command", [DEMO, MANAGE], ids=["demo", "manage"])
def test_a_full_disk(small_disk: SmallDisk, command: tuple[str, ...]) -> None:
    small_disk.fill()
    line = start(small_disk.path, *command)
    assert "No space left on device" in line and str(small_disk.path) in line and "LORE_HOME" in line


@pytest.mark.parametrize("command", [DEMO, MANAGE], ids=["demo", "manage"])
@pytest.mark.parametrize("inside", ["", "home"])
def test_a_read_only_disk(small_disk: SmallDisk, command: tuple[str, ...], inside: str) -> None:
    small_disk.remount("ro")
    line = start(small_disk.path / inside, *command)
    assert "Read-only file system" in line and "LORE_HOME" in line


def test_the_check_says_which_of_the_two(small_disk: SmallDisk) -> None:
    preflight.home_check(small_disk.path, free_bytes=1)
    small_disk.fill()
    with pytest.raises(RuntimeFault, match="No space left"):
        preflight.home_check(small_disk.path, free_bytes=1)
