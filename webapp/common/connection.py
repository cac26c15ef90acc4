"""Connections that go to one checked address and nowhere else, and end when their time is up."""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpcore

from webapp.common.addresses import Target

STEP = 2.0  # seconds one read may wait before it looks whether it is to stop


class Deadline:
    """When a call must be over: its own time, or sooner where the whole run is told to stop."""

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


@contextmanager
def asked(
    method: str, target: Target, headers: Mapping[str, str], *, deadline: Deadline, silence: float,
    tls: ssl.SSLContext, content: bytes | None = None,
) -> Iterator[httpcore.Response]:  # fmt: skip
    """One request to a checked address, its answer not read yet; no redirect is followed, TLS is for the name.

    `silence` is how long (seconds) one wait may take, `deadline` bounds the whole. Raises httpcore's errors.
    """
    address = httpcore.URL(
        scheme=target.scheme.encode(), host=_ascii(target.host), port=target.port, target=_ascii(target.path)
    )
    said = [(b"Host", _ascii(target.authority)), (b"Connection", b"close")]
    said += [(name.encode(), value.encode()) for name, value in headers.items()]
    if content is not None:
        said.append((b"Content-Length", str(len(content)).encode()))
    timeouts = dict.fromkeys(("connect", "read", "write", "pool"), silence)
    with (
        httpcore.ConnectionPool(
            ssl_context=tls, network_backend=PinnedBackend(target.address, deadline), max_connections=1
        ) as pool,
        pool.stream(
            method, address, headers=said, content=content, extensions={"timeout": timeouts}
        ) as response,
    ):
        yield response


def _ascii(text: str) -> bytes:
    """A host in its DNS form, a path with its other letters percent-encoded."""
    if text.isascii():
        return text.encode()
    if text.startswith("/"):
        return "".join(c if c.isascii() else "".join(f"%{b:02X}" for b in c.encode()) for c in text).encode()
    return text.encode("idna")
