"""When something was said, as a file gives it."""

from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_datetime


def moment_of(text: str) -> datetime | None:
    """A time with a zone (UTC where none is given), never later than now; None where it cannot be read."""
    try:
        found = parse_datetime(text) if text else None
    except ValueError:
        return None
    if found is None:
        return None
    found = found if timezone.is_aware(found) else timezone.make_aware(found)
    return min(found, timezone.now())
