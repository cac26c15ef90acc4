"""One picture from one address: checked before it is called, cut at the limits, believed only by its bytes."""

import re
import ssl
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpcore

from catalog.pictures import LARGEST_BYTES, PictureRefused, StoredPicture, picture_store
from webapp.common.addresses import PORTS, AddressRefused, Target, target_of
from webapp.common.connection import Deadline, asked

HEADERS = {
    "User-Agent": "LORE-Workbench picture fetch", "Accept": "image/*", "Accept-Encoding": "identity",
}  # fmt: skip
REDIRECTS = 4
SECONDS, SILENCE = 30.0, 8.0  # for the whole of one picture, and without a byte
MOVED = frozenset({301, 302, 303, 307, 308})
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
Check = Callable[[str], Target]


class FetchFailed(Exception):
    """No picture came. `again`: another try may help. `refused`: no try ever will, as the address or content is wrong."""

    def __init__(
        self,
        reason: str,
        *,
        again: bool = False,
        refused: bool = False,
        silent: bool = False,
        pause: float = 0,
    ) -> None:
        super().__init__(reason)
        self.reason, self.again, self.refused, self.silent, self.pause = reason, again, refused, silent, pause


@dataclass(frozen=True)
class Limits:
    """`seconds` for one picture whole, `silence` for one wait, `largest` bytes."""

    seconds: float = SECONDS
    silence: float = SILENCE
    largest: int = LARGEST_BYTES


def picture_target(url: str) -> Target:
    """Where a picture may be fetched from: a public address on a web port. Raises AddressRefused, or OSError."""
    target = target_of(url)
    if target.port not in PORTS.values():
        raise AddressRefused(f"Port {target.port} is no web server's: 80 and 443 are.")
    return target


@dataclass(frozen=True)
class Downloader:
    """Fetches pictures; safe to share between threads. `check` decides on every address, redirects included."""

    check: Check = picture_target
    limits: Limits = field(default_factory=Limits)
    stop: threading.Event = field(default_factory=threading.Event)
    tls: ssl.SSLContext = field(default_factory=httpcore.default_ssl_context)

    def fetch(self, url: str) -> StoredPicture:
        """Fetch, check and store. Raises FetchFailed; OSError only where our own disk refuses."""
        content = self.content(url)
        try:
            return picture_store(content)
        except PictureRefused as reason:
            raise FetchFailed(str(reason), refused=True) from reason

    def content(self, url: str) -> bytes:
        """The bytes behind an address, at most `largest` of them."""
        deadline = Deadline(self.limits.seconds, self.stop)
        for _ in range(REDIRECTS + 1):
            found = self._call(url, deadline)
            if isinstance(found, bytes):
                return found
            url = urljoin(url, found)
        raise FetchFailed(f"more than {REDIRECTS} redirects", refused=True)

    def _call(self, url: str, deadline: Deadline) -> bytes | str:
        """One request: its content, or where it was moved to."""
        target = self._checked(url)
        try:
            with self._open(target, deadline) as response:
                return self._answer(response)
        except httpcore.TimeoutException as error:
            raise FetchFailed("the server was too slow", again=True, silent=True) from error
        except httpcore.ConnectError as error:
            certificate = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            reason = "its certificate is not valid" if certificate else "the server does not answer"
            raise FetchFailed(reason, again=not certificate, silent=True) from error
        except (httpcore.NetworkError, httpcore.ProtocolError, ValueError) as error:
            raise FetchFailed("the connection broke off", again=True) from error

    def _checked(self, url: str) -> Target:
        try:
            return self.check(url)
        except AddressRefused as refusal:
            raise FetchFailed(f"address refused: {refusal.message}", refused=True) from refusal
        except (OSError, UnicodeError) as error:
            raise FetchFailed("its host's name is not known", again=True, silent=True) from error

    def _open(self, target: Target, deadline: Deadline) -> AbstractContextManager[httpcore.Response]:
        silence = self.limits.silence
        return asked("GET", target, HEADERS, deadline=deadline, silence=silence, tls=self.tls)

    def _answer(self, response: httpcore.Response) -> bytes | str:
        headers = {name.lower(): value for name, value in response.headers}
        if response.status in MOVED and headers.get(b"location"):
            return headers[b"location"].decode("utf-8", "replace")
        if response.status != 200:
            wait = headers.get(b"retry-after", b"").decode("latin-1")
            raise FetchFailed(
                f"the server answered {response.status}", again=response.status in BUSY,
                pause=float(wait) if re.fullmatch(r"\d{1,4}", wait) else 0,
            )  # fmt: skip
        if headers.get(b"content-type", b"").lower().startswith(b"text/html"):
            raise FetchFailed("not a picture: the server sent a web page", refused=True)
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > self.limits.largest:
            raise self._oversize()
        return self._body(response)

    def _body(self, response: httpcore.Response) -> bytes:
        found = bytearray()
        for part in response.iter_stream():
            found += part
            if len(found) > self.limits.largest:
                raise self._oversize()
        return bytes(found)

    def _oversize(self) -> FetchFailed:
        return FetchFailed(f"larger than {self.limits.largest >> 20} MB", refused=True)
