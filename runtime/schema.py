"""The embedded database's tables, brought up to date before a command needs them: a fresh home asks for nothing."""

import hashlib
import subprocess
import sys
from pathlib import Path

from runtime.errors import RuntimeFault
from runtime.locks import exclusive

ROOT = Path(__file__).resolve().parent.parent
# Commands that mend or look at the tables themselves, and those that use none.
UNMIGRATED = frozenset({
    "migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations", "dbshell", "check", "test",
    "collectstatic", "spectacular", "diffsettings", "flush",
})  # fmt: skip


def schema_ensure(cluster_folder: Path) -> bool:
    """Migrate the database of this folder's cluster unless that was done for these very migrations; True if it ran.

    The note lies beside the cluster, so that who deletes one deletes both. Raises RuntimeFault.
    """
    note, wanted = cluster_folder / "schema", _fingerprint()
    if _holds(note, wanted):
        return False
    with exclusive(cluster_folder / "schema.lock"):
        if _holds(note, wanted):
            return False
        ran = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "migrate", "--verbosity", "0"],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if ran.returncode:
            last = (ran.stderr.strip().splitlines() or ["no output"])[-1]
            raise RuntimeFault(f"the database cannot be brought up to date: {last} (run manage.py migrate)")
        note.write_text(wanted)
    return True


def _fingerprint() -> str:
    names = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("[!.]*/**/migrations/[0-9]*.py"))
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _holds(note: Path, wanted: str) -> bool:
    return note.is_file() and note.read_text() == wanted
