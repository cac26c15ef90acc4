"""One POST to a checked address: no redirect is followed, little is read, and the socket goes where the check looked."""

import ssl
import threading
import time
from contextlib import suppress
from dataclasses import dataclass

import httpcore
from django.conf import settings

from webapp.common.addresses import target_of
from webapp.common.connection import Deadline, asked

REFUSALS = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
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


def post(url: str, body: bytes, headers: dict[str, str], seconds: float = SECONDS) -> Answer:
    """Send it; over in `seconds`, whatever the receiver does. Raises AddressRefused for an address this site does not
    call; everything else is an Answer.
    """
    start, tls = time.monotonic(), ssl.create_default_context()
    deadline = Deadline(seconds, threading.Event())
    try:
        target = target_of(url, private_allowed=settings.PRIVATE_ADDRESSES_ALLOWED)
        with asked(
            "POST", target, headers, content=body, deadline=deadline, silence=seconds, tls=tls
        ) as response:
            said = _beginning(response)
            return Answer(response.status, _since(start), said)
    except (OSError, UnicodeError, *REFUSALS) as error:
        return Answer(0, _since(start), error=f"{type(error).__name__}: {error}"[:300])


def _beginning(response: httpcore.Response) -> str:
    """What the receiver says, as far as it is kept; a part that never comes is left out: the status has been said."""
    found = b""
    with suppress(*REFUSALS):
        for part in response.iter_stream():
            found += part
            if len(found) >= ANSWER_BYTES:
                break
    return found[:ANSWER_BYTES].decode("utf-8", "replace")


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)
