"""Texts, ids and numbers of a file as the database can hold them."""

import uuid


def plain(text: str) -> str:
    """Without the one character no database holds; halves of characters, which no encoding has, as question marks."""
    text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def uuid_or_none(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        return None


def bigint_or_none(value: object) -> int | None:
    """A whole number that fits eight bytes."""
    return value if isinstance(value, int) and abs(value) < 1 << 63 else None
