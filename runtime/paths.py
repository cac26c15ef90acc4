"""Where everything lies: the project's root, and all state under LORE_HOME."""

import hashlib
import os
import socket
from pathlib import Path

from runtime.errors import RuntimeFault

PROJECT = Path(__file__).resolve().parent.parent


def home() -> Path:
    """LORE_HOME, by default `.lore` in the project's root; made if it is not there."""
    path = Path(os.environ.get("LORE_HOME") or PROJECT / ".lore").expanduser().resolve()
    return folder(path)


def folder(path: Path) -> Path:
    """Make a folder; a refusal by the disk becomes one line that says what to do."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RuntimeFault(
            f"cannot make the folder {path} ({error.strerror}): set LORE_HOME to a folder that can be written"
        ) from None
    return path


def key(path: Path) -> str:
    """A short name for a path: ten hexadecimal digits, the same on every start."""
    return hashlib.sha256(str(path).encode()).hexdigest()[:10]


def socket_folder(state: Path, name: str) -> Path:
    """Where the socket of a service lies: beside its files, or below /tmp where that path is too long for a socket."""
    return state if len(str(state)) < 80 else Path("/tmp") / f"lore-{name}-{key(state)}"


def free_port(first: int) -> int:
    """The first loopback port from `first` on that nobody listens on."""
    for port in range(first, first + 500):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise RuntimeFault(f"no free port between {first} and {first + 500} on 127.0.0.1: stop what uses them")
