"""Connections that go to one checked address and nowhere else, and end when their time is up."""

import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore

STEP = 2.0  # seconds one read may wait before it looks whether it is to stop


class Deadline:
    """When a fetch must be over: its own time, or sooner where the whole run is told to stop."""

    def __init__(self, seconds: float, stop: threading.Event) -> None:
        self.at, self.stop = time.monotonic() + seconds, stop

    def left(self) -> float:
        """Seconds left. Raises httpcore.ReadTimeout when there are none."""
        left = self.at - time.monotonic()
        if left <= 0 or self.stop.is_set():
            raise httpcore.ReadTimeout("out of time")
        return left


class PinnedBackend(httpcore.NetworkBackend):
    """Opens sockets to `address` whatever name the request carries: the name was resolved and checked before."""

    def __init__(self, address: str, deadline: Deadline) -> None:
        self.address, self.deadline, self.plain = address, deadline, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = min(timeout or STEP, self.deadline.left())
        return TimedStream(self.plain.connect_tcp(self.address, port, timeout), self.deadline)


class TimedStream(httpcore.NetworkStream):
    """A stream whose reads and writes all share one deadline, so that a byte now and then does not keep it open."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline) -> None:
        self.inner, self.deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._within(timeout, lambda seconds: self.inner.read(max_bytes, seconds))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, min(timeout or STEP, self.deadline.left()))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = min(timeout or STEP, self.deadline.left())
        return TimedStream(self.inner.start_tls(ssl_context, server_hostname, timeout), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)

    def _within(self, timeout: float | None, read: Callable[[float], bytes]) -> bytes:
        """Read in short waits: a run that is told to stop does not wait for a silent server."""
        until = time.monotonic() + min(timeout or STEP, self.deadline.left())
        while True:
            try:
                return read(min(STEP, max(0.01, until - time.monotonic()), self.deadline.left()))
            except httpcore.ReadTimeout:
                if time.monotonic() >= until:
                    raise
