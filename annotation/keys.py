"""One letter for each mismatch dimension, so that a verdict is two keys. Pure."""

from collections.abc import Collection, Mapping, Sequence

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def is_letter(text: str) -> bool:
    return len(text) == 1 and text in LETTERS


def dimension_keys(
    names: Sequence[str], own: Mapping[str, str] | None = None, without: Collection[str] = ()
) -> list[tuple[str, str]]:
    """(letter, name) for each name in order: a person's own letter, else the first of its letters not yet taken, else
    any free one, else ''. None of `without`, which mean something else while the letter is asked for.

    Deterministic for one release, so that hands can learn it.
    """
    fits = {name: letter for name, letter in (own or {}).items() if name in names and is_letter(letter)}
    wanted = {name: letter for name, letter in fits.items() if letter not in without}
    taken = {*wanted.values(), *without}
    found = []
    for name in names:
        free = (c for c in [*name.lower(), *LETTERS] if c in LETTERS and c not in taken)
        letter = wanted.get(name) or next(free, "")
        taken.add(letter)
        found.append((letter, name))
    return found
