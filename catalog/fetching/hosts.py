"""Politeness: how many calls a host gets at once, how long we wait between tries, when we stop asking it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from catalog.fetching.download import Downloader, FetchFailed
from catalog.pictures import StoredPicture

TRIES = 3
LONGEST_PAUSE = 30.0
SILENT_MOST = 5  # addresses in a row without any answer, after which a host is left alone for this run


@dataclass
class _Host:
    gate: threading.Semaphore
    silent: int = 0


@dataclass
class PoliteFetcher:
    """Shared by the threads of a run. At most `each` calls to one host at a time."""

    downloader: Downloader
    each: int = 2
    pause: float = 1.0
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fetch(self, url: str) -> StoredPicture:
        """Fetch with a few tries, waiting longer before each. Raises FetchFailed."""
        with self._turn(url) as host:
            if host.silent >= SILENT_MOST:
                raise FetchFailed("its host did not answer several times in a row", again=True)
            for attempt in range(1, TRIES + 1):
                try:
                    stored = self.downloader.fetch(url)
                except FetchFailed as failure:
                    host.silent = host.silent + 1 if failure.silent and attempt == 1 else host.silent
                    if not failure.silent:
                        host.silent = 0
                    if not failure.again or attempt == TRIES or self._stopped(failure, attempt):
                        raise
                else:
                    host.silent = 0
                    return stored
        raise AssertionError("a fetch returns or raises")

    def _stopped(self, failure: FetchFailed, attempt: int) -> bool:
        """Wait before the next try; true where the run was told to stop meanwhile."""
        wait = max(self.pause * 2 ** (attempt - 1), failure.pause)
        return self.downloader.stop.wait(min(wait, LONGEST_PAUSE))

    @contextmanager
    def _turn(self, url: str) -> Iterator[_Host]:
        name = urlsplit(url).netloc.casefold()
        with self._lock:
            host = self._hosts.setdefault(name, _Host(threading.Semaphore(self.each)))
        with host.gate:
            yield host
