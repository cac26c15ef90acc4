"""One POST to a checked address: no redirect is followed, little is read, and the socket goes where the check looked."""

import http.client
import socket
import ssl
import time
from dataclasses import dataclass

from django.conf import settings

from webapp.common.addresses import Target, target_of

SECONDS = 10.0
ANSWER_BYTES = 2000


@dataclass(frozen=True)
class Answer:
    """What a try met: a status and the beginning of the answer, or the error. `gone`: it asks never to be called again."""

    status: int
    milliseconds: int
    text: str = ""
    error: str = ""

    @property
    def taken(self) -> bool:
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        return self.status == 410


class _Pinned(http.client.HTTPConnection):
    """Connects to the address that was checked, whatever the name says by now; TLS is for the name."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS)
        self.target = target

    def connect(self) -> None:
        self.sock = socket.create_connection((self.target.address, self.target.port), SECONDS)
        if self.target.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.target.host)


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send it. Raises AddressRefused for an address this site does not call; everything else is an Answer."""
    start = time.monotonic()
    try:
        target = target_of(url, private_allowed=settings.PRIVATE_ADDRESSES_ALLOWED)
        connection = _Pinned(target)
        try:
            connection.request("POST", target.path, body, {**headers, "Host": target.authority})
            response = connection.getresponse()
            text = response.read(ANSWER_BYTES).decode("utf-8", "replace")
            return Answer(response.status, _since(start), text)
        finally:
            connection.close()
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        return Answer(0, _since(start), error=f"{type(error).__name__}: {error}"[:300])


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
