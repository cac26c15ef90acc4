"""A command in a home where nothing was ever set up: its tables are made first, once."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.schema import ROOT

COUNT = "from webapp.common.models import Corpus; print('corpora:', Corpus.objects.count())"


@pytest.fixture
def place() -> Iterator[Path]:
    found = Path(tempfile.mkdtemp(prefix="lore-"))
    yield found
    shutil.rmtree(found, ignore_errors=True)


def manage(place: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    mine = {"DATABASE_URL", "BROKER_URL", "SECRET_KEY", "LORE_MODEL_SERVER_URL", "LORE_MODEL_SERVER_TOKEN"}
    env = {name: value for name, value in os.environ.items() if name not in mine} | {"LORE_HOME": str(place)}
    return subprocess.run(
        [sys.executable, "manage.py", *words], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )


def test_the_first_command_of_a_home_finds_its_tables(place: Path) -> None:
    first = manage(place, "shell", "-v0", "-c", COUNT)
    assert (first.returncode, first.stdout.strip()) == (0, "corpora: 0"), first.stderr
    note = place / "postgres" / "schema"
    made = note.stat().st_mtime_ns
    assert manage(place, "shell", "-v0", "-c", COUNT).returncode == 0
    assert note.stat().st_mtime_ns == made, "nothing was migrated a second time"
