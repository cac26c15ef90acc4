"""A real small disk: a tmpfs that can be filled, made read-only and given room again. Needs the right to mount."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDisk:
    def __init__(self, path: Path, size: str) -> None:
        self.path = path
        path.mkdir()
        self._mount("-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(path))

    def _mount(self, *arguments: str) -> None:
        mount = shutil.which("mount")
        if mount is None:
            pytest.skip("no mount on this machine: a real small disk cannot be made")
        done = subprocess.run([mount, *arguments], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")

    def fill(self) -> None:
        with (self.path / "filler").open("wb", buffering=0) as out:
            try:
                while True:
                    out.write(b"x" * 4096)
            except OSError:
                return

    def remount(self, options: str) -> None:
        """`ro`, `rw`, `size=64m`."""
        self._mount("-o", f"remount,{options}", str(self.path))

    def drop(self) -> None:
        subprocess.run(["umount", "-l", str(self.path)], check=False)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[SmallDisk]:
    disk = SmallDisk(tmp_path / "disk", "4m")
    yield disk
    disk.drop()
