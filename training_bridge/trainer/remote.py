"""A run directory that is not a local folder: fetched by fsspec, worked on beside, returned file by file.

Status and metrics are pushed while the run goes on, so that the site sees a heartbeat from a machine without a shared disk.
"""

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

_PUSH_SECONDS = 10.0


def is_remote(uri: str) -> bool:
    """True for a URI of another scheme than file."""
    scheme = urlsplit(uri).scheme
    return len(scheme) > 1 and scheme != "file"


@contextmanager
def fetched(uri: str) -> Iterator[Path]:
    """A local copy of a remote run directory; everything but its inputs goes back at the end, status files meanwhile.

    The lock is the local copy's: that two machines are not given one remote run is for the ledger's token to see to.
    """
    import fsspec

    files, root = fsspec.core.url_to_fs(uri)
    local = Path(tempfile.mkdtemp(prefix="run-"))
    files.get(root.rstrip("/") + "/", f"{local}/", recursive=True)
    ended = threading.Event()

    def push_until_ended() -> None:
        while not ended.wait(_PUSH_SECONDS):
            _push(files, local, root, ("status.json", "metrics.jsonl"))

    pusher = threading.Thread(target=push_until_ended, daemon=True)
    pusher.start()
    try:
        yield local
    finally:
        ended.set()
        pusher.join()
        _push(files, local, root, None)
        shutil.rmtree(local)


def _push(files: object, local: Path, root: str, names: tuple[str, ...] | None) -> None:
    for path in sorted(local.rglob("*")):
        name = path.relative_to(local).as_posix()
        if path.is_file() and (
            name in names if names else not name.startswith(("data/", "config.json", "lock"))
        ):
            files.makedirs(f"{root.rstrip('/')}/{name}".rsplit("/", 1)[0], exist_ok=True)  # type: ignore[attr-defined]
            files.put_file(str(path), f"{root.rstrip('/')}/{name}")  # type: ignore[attr-defined]
