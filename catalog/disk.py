"""A full or read-only disk in the middle of long work: one line that says what to do, instead of a driver's words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError
from psycopg import errors

from catalog.errors import DiskRefuses

FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
BARRED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
THEN = "What is in already stays, and the rest follows when this is started again."


@contextmanager
def disk_faults() -> Iterator[None]:
    """Raises DiskRefuses for what a disk refuses, ours or the database's; other errors pass."""
    try:
        yield
    except OSError as error:
        if not _ours(error):
            raise
        if error.errno in FULL:
            raise DiskRefuses(f"The disk of {settings.LORE_HOME} is full: free some space. {THEN}") from error
        raise DiskRefuses(f"{settings.LORE_HOME} cannot be written: make it writable. {THEN}") from error
    except DatabaseError as error:
        if isinstance(error.__cause__, errors.DiskFull):
            raise DiskRefuses(f"The disk of the database is full: free some space. {THEN}") from error
        if isinstance(error.__cause__, errors.IoError):
            raise DiskRefuses(f"The database cannot write to its disk: see its log. {THEN}") from error
        raise


def _ours(error: OSError) -> bool:
    """Whether a disk refused a write of ours: a file of the import that may not be read is another matter."""
    at_home = str(error.filename or settings.LORE_HOME).startswith(str(settings.LORE_HOME))
    return error.errno in FULL or (error.errno in BARRED and at_home)
