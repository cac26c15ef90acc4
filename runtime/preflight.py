"""What would stop a start later and less clearly: asked first, answered in one line that says what to do."""

import errno
import os
import shutil
import socket
import tempfile
from pathlib import Path

import psycopg

from runtime.errors import RuntimeFault
from runtime.paths import folder

FREE_BYTES = 1024**3


def address() -> tuple[str, int]:
    """HOST (default loopback) and PORT (default 8000) the site listens on."""
    raw = os.environ.get("PORT") or "8000"
    if not raw.isdigit() or not 0 < int(raw) < 65536:
        raise RuntimeFault(f"PORT={raw} is not a port: use a number from 1 to 65535")
    return os.environ.get("HOST") or "127.0.0.1", int(raw)


def port_check(host: str, port: int) -> None:
    """RuntimeFault where the port cannot be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as the web server does: closing ones do not count
        try:
            probe.bind((host, port))
        except OSError as error:
            raise RuntimeFault(
                f"port {port} on {host} cannot be used ({error.strerror}): "
                "stop what uses it, or choose another: PORT=8001 make demo"
            ) from None


def database_check(url: str) -> None:
    """RuntimeFault where the database that was named does not answer."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise RuntimeFault(
            f"DATABASE_URL cannot be used ({said}): start that database, or unset it for the embedded one"
        ) from None


def _mend(error: OSError) -> str:
    return "free some space, or" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "make it writable, or"


def home_check(place: Path, *, free_bytes: int = FREE_BYTES) -> None:
    """RuntimeFault where the home cannot be written, or its disk is nearly full."""
    folder(place)
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"lore" * 1024)
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise RuntimeFault(
            f"{place} cannot be written ({error.strerror}): {_mend(error)} set LORE_HOME to a folder that can"
        ) from None
    free = shutil.disk_usage(place).free
    if free < free_bytes:
        raise RuntimeFault(
            f"only {free // 1024**2} MB are free on the disk of {place}: "
            f"free {free_bytes // 1024**2} MB, or set LORE_HOME elsewhere"
        )
