"""One letter for each mismatch dimension, so that a verdict is two keys. Pure."""

from collections.abc import Sequence

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def dimension_keys(names: Sequence[str]) -> list[tuple[str, str]]:
    """(letter, name) for each name in order: its first letter not yet taken, else any free one, else ''.

    Deterministic for one release, so that hands can learn it.
    """
    taken: set[str] = set()
    found = []
    for name in names:
        letter = next((c for c in [*name.lower(), *LETTERS] if c in LETTERS and c not in taken), "")
        taken.add(letter)
        found.append((letter, name))
    return found
