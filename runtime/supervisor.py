"""Watches the embedded services and the children of a home, and starts again what was killed."""

import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from runtime.children import Child
from runtime.embedded import Embedded
from runtime.errors import RuntimeFault

LONGEST_PAUSE = 30.0
STEADY_SECONDS = 30.0
WATCH_SECONDS = 0.5


@dataclass
class Backoff:
    """How long to wait before the next start of a child that keeps dying: half a second, doubling up to thirty."""

    failures: int = 0
    started: float = 0.0
    next_start: float = 0.0

    def note_death(self, now: float) -> None:
        self.failures = 0 if now - self.started > STEADY_SECONDS else self.failures + 1
        self.next_start = now + min(LONGEST_PAUSE, 0.5 * 2 ** (self.failures - 1)) if self.failures else now

    def note_start(self, now: float) -> None:
        self.started, self.next_start = now, 0.0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass
class Supervisor:
    """`children` are kept running while `wanted()` holds; the services always."""

    services: Embedded
    children: Sequence[Child]
    wanted: Callable[[], bool] = lambda: True
    say: Callable[[str], None] = _say
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.backoffs = {child.name: Backoff() for child in self.children}
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        """Start every child at once, then watch from a thread of its own until `stop`."""
        for child in self.children:
            if self.wanted() and child.ensure():
                self.backoffs[child.name].note_start(time.monotonic())
        self.thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Stop watching; what runs goes on."""
        self.stopping.set()
        if self.thread:
            self.thread.join()

    def _watch(self) -> None:
        while not self.stopping.wait(WATCH_SECONDS):
            try:
                self.look()
            except (RuntimeFault, OSError) as error:
                self.say(f"supervisor: {error}")

    def look(self) -> None:
        """One round: start again what died and whose pause is over."""
        for name in self.services.revive():
            self.say(f"supervisor: {name} was gone and has been started again")
        if not self.wanted():
            return
        for child in self.children:
            self._look_at(child)

    def _look_at(self, child: Child) -> None:
        backoff, now = self.backoffs[child.name], time.monotonic()
        if child.alive():
            return
        if not backoff.next_start:
            backoff.note_death(now)
        if now >= backoff.next_start and child.ensure():
            backoff.note_start(now)
            self.say(f"supervisor: {child.name} was gone and has been started again (see {child.log})")
