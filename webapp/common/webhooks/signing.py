"""The signature: HMAC-SHA256 over the time and the body, so that neither can be changed nor an old message replayed."""

import hashlib
import hmac
import time

from django.conf import settings

HEADER = "Lore-Signature"
TOLERANCE = 300  # seconds a receiver may allow between the signature's time and its own clock


def secret_of(salt: str) -> str:
    """A webhook's secret, derived from the site's own key: the database alone cannot sign."""
    key = hashlib.sha256(b"webhook:" + str(settings.SECRET_KEY).encode()).digest()
    return "whsec_" + hmac.new(key, salt.encode(), hashlib.sha256).hexdigest()


def signature(secret: str, body: bytes, at: int | None = None) -> str:
    """`t=<unix time>,v1=<hex>`; signed is `<time>.<body>`."""
    stamp = int(time.time()) if at is None else at
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={digest}"


def verify(secret: str, body: bytes, header: str, *, tolerance: int = TOLERANCE) -> bool:
    """What a receiver does: whether `header` signs `body`, lately. Compares in constant time."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    stamp = parts.get("t", "")
    if not stamp.isdigit() or abs(time.time() - int(stamp)) > tolerance:
        return False
    return hmac.compare_digest(signature(secret, body, int(stamp)).encode(), header.encode())
