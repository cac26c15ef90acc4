"""What `manage.py` needs around a command: the services of this LORE_HOME, found or started, and left as they were found."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from runtime.embedded import Embedded, Share
from runtime.paths import home

# Commands that speak to nothing.
ALONE = {"help", "version", "--help", "-h", "--version", "compilemessages", "makemessages", "startapp"}


@contextmanager
def prepare(argv: list[str]) -> Iterator[None]:
    """Set the environment for the command line, start what it needs and is not alive, stop it when the last one leaves.

    Raises RuntimeFault with one line that says what to do.
    """
    if len(argv) < 2 or argv[1] in ALONE or {"--help", "-h"} & set(argv[2:]):
        _name_nothing()
        yield
        return
    place = home()
    services, share = Embedded.at(place), Share(place)
    signal.signal(signal.SIGTERM, _leave)
    share.take()
    try:
        services.ensure()
        os.environ.update(services.addresses())
        yield
    finally:
        share.leave(services)


def _name_nothing() -> None:
    """Settings refuse to load without these; a command that speaks to nothing never uses them."""
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nothing?host=/nonexistent")
    os.environ.setdefault("SECRET_KEY", "unused")


def _leave(number: int, frame: FrameType | None) -> None:
    """SIGTERM unwinds the command as Ctrl-C does, so that its share is given back."""
    sys.exit(128 + number)
