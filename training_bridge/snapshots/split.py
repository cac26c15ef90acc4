"""Queries of the training part that would give a held-out one away: the same words in another order, number or case."""

from collections.abc import Mapping

from relevance.words import words


def twins_of_held_out(split: Mapping[str, str]) -> set[str]:
    """The 'train' keys of query key -> part whose words are those of a 'dev' or 'test' key."""
    held = {_sense(key) for key, part in split.items() if part != "train"}
    return {key for key, part in split.items() if part == "train" and _sense(key) in held}


def _sense(key: str) -> tuple[str, ...]:
    return tuple(sorted(words(key))) or (key,)
