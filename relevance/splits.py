"""Which part of a corpus a query belongs to: decided by its key alone, so that nothing of one query crosses over."""

import hashlib
from collections.abc import Iterable

SHARES = (("train", 0.6), ("dev", 0.1), ("test", 0.3))
SPLITS = tuple(name for name, _ in SHARES)


def split_seed(corpus: str) -> str:
    """The seed of a corpus (its slug): snapshots, replay sets and reports divide its queries alike."""
    return f"{corpus}:1"


def split_assign(seed: str, keys: Iterable[str]) -> dict[str, str]:
    """Query key -> 'train', 'dev' or 'test': in the order of a keyed hash, the shares as near as whole queries allow.

    A query keeps its place in the order when others are added, so that only queries near a border ever change sides.
    """
    ordered = sorted(set(keys), key=lambda key: hashlib.sha256(f"{seed}\n{key}".encode()).digest())
    found: dict[str, str] = {}
    for place, key in enumerate(ordered):
        found[key] = _part((place + 0.5) / len(ordered))
    return found


def _part(position: float) -> str:
    upper = 0.0
    for name, share in SHARES:
        upper += share
        if position < upper:
            return name
    return SHARES[-1][0]
