"""One fetch run: the remote pictures of a corpus's current items, each address once, resumable at any moment."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from typing import Any

from django.db import connection

from catalog.fetching import statements as sql
from catalog.fetching.download import FetchFailed
from catalog.fetching.hosts import PoliteFetcher
from catalog.models import ItemImage
from catalog.pictures import StoredPicture
from webapp.common.models import Blob, Corpus

Fence = Callable[[], AbstractContextManager[None]]
Progress = Callable[[int, int, str], None]
THREADS, CHUNK, EVERY = 8, 500, 0.5
Outcome = StoredPicture | FetchFailed


def fetch_run(
    *, corpus: Corpus, fence: Fence, progress: Progress, fetcher: PoliteFetcher, failed_too: bool = False
) -> dict[str, Any]:
    """Fetch what is recorded as remote (with `failed_too`, what failed before as well); returns the counts.

    `fence` opens the transaction of a few results, `progress(done, total, note)` may raise to end the run: what is
    stored by then stays and is not fetched again. Raises OSError where our own disk refuses.
    """
    run = _Run(corpus, fence, progress, fetcher)
    run.begin(failed_too)
    try:
        with ThreadPoolExecutor(THREADS, thread_name_prefix="fetch") as threads:
            try:
                run.work(threads)
            except BaseException:
                fetcher.downloader.stop.set()
                threads.shutdown(wait=False, cancel_futures=True)
                raise
    finally:
        run.count()
    return {"fetched": run.ended["stored"], "failed": run.ended["failed"], "refused": run.ended["refused"]}


class _Run:
    """The database's side of a run, in one thread; the others only fetch."""

    def __init__(self, corpus: Corpus, fence: Fence, progress: Progress, fetcher: PoliteFetcher) -> None:
        self.corpus, self.fence, self.progress, self.fetcher = corpus, fence, progress, fetcher
        self.ended: Counter[str] = Counter()
        self.total, self.told = 0, 0.0
        self.results: list[tuple[str, Outcome]] = []

    def begin(self, failed_too: bool) -> None:
        """Take over what another version of an item already has, and see how much there is to do."""
        with self.fence():
            if failed_too:
                self._run(sql.AGAIN)
            self._run(sql.KNOWN)
        self.total = int(self._rows(sql.TOTAL)[0][0])
        self.progress(0, self.total, "pictures: looking at addresses")

    def work(self, threads: ThreadPoolExecutor) -> None:
        waiting: dict[Future[Outcome], str] = {}
        for url in self._urls():
            waiting[threads.submit(self._fetch, url)] = url
            if len(waiting) >= 2 * THREADS:
                self._gather(waiting)
        while waiting:
            self._gather(waiting)
        self._write()

    def count(self) -> None:
        """Bring the corpus's kept totals up to date. A run that lost its lease still tells the truth here."""
        usable = connection.connection is not None and not connection.connection.closed
        if usable and not connection.needs_rollback:
            self._run(sql.COUNTERS)

    def _urls(self) -> Iterator[str]:
        """Addresses still to fetch, read on as the run goes, in the order of the items: so hosts come mixed."""
        after, seen = 0, set[str]()
        while rows := self._rows(sql.NEXT, after=after, size=CHUNK):
            after = rows[-1][0]
            fresh = dict.fromkeys(url for _, url in rows if url not in seen)
            seen = set(fresh)  # what is further back was recorded, and is no longer remote
            yield from fresh

    def _fetch(self, url: str) -> Outcome:
        try:
            return self.fetcher.fetch(url)
        except FetchFailed as failure:
            return failure

    def _gather(self, waiting: dict[Future[Outcome], str]) -> None:
        ended, _ = wait(waiting, timeout=EVERY, return_when=FIRST_COMPLETED)
        for future in ended:
            self.results.append((waiting.pop(future), future.result()))
        if time.monotonic() - self.told >= EVERY:
            self._write()
            done, lost = sum(self.ended.values()), self.ended["failed"] + self.ended["refused"]
            self.progress(done, self.total, f"pictures: {self.ended['stored']:,} fetched, {lost:,} not")
            self.told = time.monotonic()

    def _write(self) -> None:
        if not self.results:
            return
        with self.fence():
            for url, outcome in self.results:
                self._record(url, outcome)
        for _, outcome in self.results:
            self.ended[_state(outcome)] += 1
        self.results.clear()

    def _record(self, url: str, outcome: Outcome) -> None:
        if isinstance(outcome, StoredPicture):
            Blob.objects.get_or_create(
                sha256=outcome.sha256, defaults={"size": outcome.size, "media_type": outcome.media_type}
            )
            self._run(sql.RECORD, url=url, state="stored", blob=outcome.sha256, reason="")
        else:
            self._run(sql.RECORD, url=url, state=_state(outcome), blob=None, reason=outcome.reason[:200])

    def _run(self, statement: str, **values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"corpus": self.corpus.pk, **values})

    def _rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"corpus": self.corpus.pk, **values})
            return list(cursor.fetchall())


def _state(outcome: Outcome) -> str:
    if isinstance(outcome, StoredPicture):
        return str(ItemImage.State.STORED)
    return str(ItemImage.State.REFUSED if outcome.refused else ItemImage.State.FAILED)
