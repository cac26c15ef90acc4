"""The normalised key of a query."""

import unicodedata


def query_key(text: str) -> str:
    """NFKC, case folded, spaces collapsed, at most 500 characters."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())[:500]
