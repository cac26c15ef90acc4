"""PostgreSQL and the broker of one test run, in a throw-away LORE_HOME. DATABASE_URL and BROKER_URL are honoured."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from runtime.broker import Broker
from runtime.embedded import Embedded
from runtime.identity import started_at
from runtime.postgres import UNSAFE_SETTINGS, Cluster

PREFIX = "lore-test-"
OURS = "LORE_TEST_ADDRESSES"  # names of the variables that a run set by itself, for its processes to drop


def start() -> None:
    """Start what the environment does not name, and set the variables the settings read.

    Of a run on several cores each process has services of its own: a worker of one hears nothing of another's tests.
    """
    sweep()
    if "PYTEST_XDIST_WORKER" in os.environ:
        for name in os.environ.pop(OURS, "").split():
            os.environ.pop(name, None)
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    home.chmod(0o755)
    services = Embedded.at(home)
    if services.cluster:
        services.cluster = Cluster(home / "postgres", UNSAFE_SETTINGS)
    atexit.register(remove, home)
    services.ensure()
    found = services.addresses()
    os.environ.update(found)
    os.environ[OURS] = " ".join(found)
    os.environ["DATABASE_POOL"] = "0"  # a pool would hold connections to a test database that is dropped
    os.environ["DJANGO_SETTINGS_MODULE"] = "webapp.settings"


def remove(home: Path) -> None:
    Broker(home / "broker").stop()
    Cluster(home / "postgres").stop()
    shutil.rmtree(home, ignore_errors=True)


def sweep() -> None:
    """Remove what runs that were killed have left behind."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = path.name.removeprefix(PREFIX).partition("-")[0]
        if (
            path.is_dir()
            and path.stat().st_uid == os.geteuid()
            and pid.isdigit()
            and started_at(int(pid)) is None
        ):
            remove(path)
