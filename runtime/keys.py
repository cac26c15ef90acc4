"""Secrets that are made once and kept under LORE_HOME, readable by their owner alone."""

import os
import secrets
from contextlib import suppress
from pathlib import Path


def key_file(path: Path) -> str:
    """The key kept in the file; made on the first call. Two first calls at once agree on one key."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with suppress(FileExistsError):  # the other call was first; its key counts
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
