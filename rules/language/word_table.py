"""The words of a column's distinct texts, split once: what is then asked of every pair is answered by whole numbers."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rules.language.limits import MAX_SCANNED
from rules.language.texts import words


@dataclass(frozen=True, eq=False)
class WordTable:
    """Text t has the words `vocabulary[i]` for i in `ids[offsets[t]:offsets[t + 1]]`, in reading order.

    `ids` (words,) int32; `offsets` (texts + 1,) int64. A value that is no text has no words. The other way round, word i
    stands in the texts `holders[starts[i]:starts[i + 1]]`: `holders` (words,) int32, `starts` (vocabulary + 1,) int64.
    """

    vocabulary: list[str]
    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.int64]
    holders: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[Any]) -> "WordTable":
        """The words of `texts`, each split once; of a very long one the part that functions look through."""
        known: dict[str, int] = {}
        ids = array("i")
        offsets = np.zeros(len(texts) + 1, np.int64)
        for at, text in enumerate(texts):
            if type(text) is str:
                ids.extend(known.setdefault(word, len(known)) for word in words(text[:MAX_SCANNED]))
            offsets[at + 1] = len(ids)
        numbers = np.array(ids, np.int32)
        of = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(offsets))
        starts = np.zeros(len(known) + 1, np.int64)
        starts[1:] = np.cumsum(np.bincount(numbers, minlength=len(known)))
        return cls(list(known), numbers, offsets, of[np.argsort(numbers, kind="stable")], starts)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def words_at(self, text: int) -> tuple[str, ...]:
        """The words of one text."""
        part = self.ids[self.offsets[text] : self.offsets[text + 1]]
        return tuple(map(self.vocabulary.__getitem__, part.tolist()))

    def holding(self, word: str) -> npt.NDArray[np.int32]:
        """The texts that hold a word, as often as they hold it."""
        number = self._number.get(word)
        if number is None:
            return np.zeros(0, np.int32)
        return self.holders[self.starts[number] : self.starts[number + 1]]

    def holding_all(self, wanted: Iterable[str]) -> npt.NDArray[np.bool_]:
        """Whether each text (texts,) holds all of some words."""
        found = np.ones(len(self), bool)
        for word in wanted:
            there = np.zeros(len(self), bool)
            there[self.holding(word)] = True
            found &= there
        return found

    @cached_property
    def _number(self) -> dict[str, int]:
        return {word: at for at, word in enumerate(self.vocabulary)}
