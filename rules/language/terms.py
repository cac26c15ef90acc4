"""What a text names: families of the released tables, amounts with their units, models with a number.

A table's words are matched as words, singular and plural alike, the longest first; an unspaced script matches a
character a word. Everything is compiled once per release and answered from a text alone, so that answers can be kept.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from rules.language import texts
from rules.language.limits import MAX_SCANNED, MEMO_ENTRIES, MEMO_TEXT
from rules.language.word_table import WordTable

Distinct: TypeAlias = tuple[list[Any], npt.NDArray[np.int64]]
DistinctWords: TypeAlias = tuple[list[Any], npt.NDArray[np.int64], WordTable]
Phrases: TypeAlias = dict[tuple[str, ...], str]
KEPT_TEXTS = 4_096  # whose words are remembered: an item's text is held against every query
# What follows one of these does not say what the thing is, but what it goes with: "case for a phone".
JOINERS = frozenset(
    {"for", "with", "without", "from", "by", "in", "of", "w", "fit", "fits", "compatible", "not", "no", "via"}
)
_BREAK = re.compile(r"[,;:|()\[\]{}!?•–—/]\s|\s[-–—|/]\s|[()\[\]{}|]")
_PLAIN = frozenset({"a", "an", "and", "the", "or", "to", "on", "at", "s", *JOINERS})
_NAMED = re.compile(r"(?<![^\W_])[a-z][a-z0-9]*(?:[-/][a-z0-9]+)*(?![^\W_])", re.I)
_NUMBERED = re.compile(r"(?<![^\W_])([a-z]{2,})[ -](\d{1,2})(?![^\W_]|[.,]\d)", re.I)
_NO_NAME = _PLAIN | {
    "pack", "set", "size", "case", "box", "lot", "bundle", "count", "under", "over", "age", "up", "than", "year",
}  # fmt: skip


def named_families(content: Any) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(family, its words, the family's own name first) of a table in either of its two shapes."""
    if isinstance(content, Mapping):
        for family, members in content.items():
            yield str(family), (str(family), *map(str, members))
    else:
        for group in content:
            if group:
                yield str(group[0]), tuple(map(str, group))


@dataclass(frozen=True)
class TableNames:
    """The families of a table, as functions give them, and all its words, the families' own names among them."""

    families: frozenset[str]
    words: frozenset[str]

    @classmethod
    def of(cls, content: Any) -> "TableNames":
        spelt = list(named_families(content))
        families = frozenset(family for family, _ in spelt)
        return cls(families, families.union(*(members for _, members in spelt)))

    @cached_property
    def folded(self) -> frozenset[str]:
        """The words as functions compare them."""
        return frozenset(map(texts.fold, self.words))


def _phrases(content: Any) -> Phrases:
    """Words of a table, folded and singular -> family; of two families that share words the first by name has them,
    whatever order a file or a database gives.
    """
    found: Phrases = {}
    for family, members in sorted(named_families(content)):
        for member in members:
            if parts := texts.words(member):
                found.setdefault(parts, family)
    return found


def _by_first_word(phrases: Phrases) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    """The phrases a word may begin, the longest first."""
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, family in sorted(phrases.items(), key=lambda pair: -len(pair[0])):
        found.setdefault(phrase[0], []).append((phrase, family))
    return found


def _by_family(phrases: Phrases) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase, family in phrases.items():
        found.setdefault(family, []).append(phrase)
    return found


def _with_word(phrases: Phrases) -> dict[str, list[tuple[str, ...]]]:
    """The phrases of several words that hold a word."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        for word in set(phrase) if len(phrase) > 1 else ():
            found.setdefault(word, []).append(phrase)
    return found


@lru_cache(maxsize=KEPT_TEXTS)
def _word_set(text: str) -> frozenset[str]:
    return frozenset(texts.words(text))


class Terms:
    """One release's tables, ready to be found in texts."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        spelt = {name: _phrases(content) for name, content in tables.items()}
        self._phrases = {name: _by_first_word(phrases) for name, phrases in spelt.items()}
        self._spelt = {name: _by_family(phrases) for name, phrases in spelt.items()}
        self._longer = {name: _with_word(phrases) for name, phrases in spelt.items()}
        self._units = _unit_patterns(tables.get("units") or {})
        self._namers: WeakKeyDictionary[WordTable, dict[tuple[str, str], npt.NDArray[np.int64]]] = (
            WeakKeyDictionary()
        )
        self._named = lru_cache(maxsize=KEPT_TEXTS)(self._families)
        self._asked = lru_cache(maxsize=KEPT_TEXTS)(self._wanted)

    def _found(self, words: tuple[str, ...], table: str) -> Iterator[tuple[int, int, str]]:
        """(from, to, family) of what `words` name, left to right, the longest at each place."""
        phrases, end = self._phrases[table], 0
        for at, word in enumerate(words):
            if at < end or word not in phrases:
                continue
            for phrase, family in phrases[word]:
                if words[at : at + len(phrase)] == phrase:
                    end = at + len(phrase)
                    yield at, end, family
                    break

    def families_in(self, text: str, table: str) -> list[str] | None:
        """The families a text names, in the order it names them, each once; None for an unknown table."""
        return list(self._named(text[:MAX_SCANNED], table)) if table in self._phrases else None

    def _families(self, text: str, table: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(family for _, _, family in self._found(texts.words(text), table)))

    def kind_of(self, text: str, table: str) -> str | None:
        """The family a text says its thing is of: in the first part of it that names any, the last one named, as
        "laptop case" is a case. A part ends at a comma, at "for", "with" or "of", and, once a family is named, at a
        word with a digit, where the specification begins. None where it names none.
        """
        if table not in self._phrases:
            return None
        for words in _segments(text[:MAX_SCANNED]):
            end, kind = 0, None
            for start, stop, family in self._found(words, table):
                if kind is not None and any(map(_has_digit, words[end:start])):
                    break
                end, kind = stop, family
            if kind is not None:
                return kind
        return None

    def missing_words(self, wanted: str, offered: str, table: str | None = None) -> list[str] | None:
        """The words of `wanted` that `offered` has neither itself nor, with a table, by another word of a family."""
        if table is not None and table not in self._phrases:
            return None
        asked, have = self._asked(wanted[:MAX_SCANNED], table), _word_set(offered[:MAX_SCANNED])
        known: tuple[str, ...] = ()
        if table and any(family for _, family in asked):
            known = self._named(offered[:MAX_SCANNED], table)
        return list(dict.fromkeys(w for w, family in asked if w not in have and family not in known))

    def missing_over(
        self, wanted: Distinct, offered: DistinctWords, table: Any = None
    ) -> tuple[npt.NDArray[np.int64], list[list[str]]]:
        """`missing_words` of many pairs: (code of each pair's answer, the distinct answers), -1 where it has none.

        `wanted` is (values, codes (pairs,)); `offered` the same with the words of its values. Each word that a query
        asks for is looked up once among all texts, so the pairs cost no more than a look at an array.
        """
        (asked_values, asked), (values, have, words) = wanted, offered
        codes, answers = np.full(len(asked), -1, np.int64), _Answers()
        if table is not None and table not in self._phrases:
            return codes, answers.distinct
        holders = lru_cache(maxsize=None)(lambda word, family: self._holders(words, word, family, table))
        for value, rows in _by_text(asked_values, asked, values, have):
            parts = self._asked(value[:MAX_SCANNED], table)
            codes[rows] = answers.of(parts, have[rows], len(words), holders)
        return codes, answers.distinct

    def _holders(self, words: WordTable, word: str, family: str, table: str) -> npt.NDArray[np.int64]:
        """The texts that hold a word or, where it stands for a family, any word of the family."""
        own = np.unique(words.holding(word)).astype(np.int64)
        return np.union1d(own, self._naming(words, family, table)) if family else own

    def _naming(self, words: WordTable, family: str, table: str) -> npt.NDArray[np.int64]:
        """The texts that name a family. One of its words alone is enough where no phrase is there that could take it;
        the other texts with all words of one of its phrases are read.
        """
        known = self._namers.setdefault(words, {})
        if (family, table) not in known:
            named, doubtful = (np.zeros(len(words), bool) for _ in range(2))
            for phrase in self._spelt[table].get(family, ()):
                held = words.holding_all(phrase)
                taken = np.zeros(len(words), bool)
                for other in self._longer[table].get(phrase[0], ()):
                    taken |= words.holding_all(other)
                alone = len(phrase) == 1
                named |= held & ~taken & alone
                doubtful |= held & (taken | (not alone))
            for text in np.flatnonzero(doubtful & ~named).tolist():
                named[text] = any(f == family for *_, f in self._found(words.words_at(text), table))
            known[family, table] = np.flatnonzero(named)
        return known[family, table]

    def _wanted(self, wanted: str, table: str | None) -> tuple[tuple[str, str], ...]:
        """(word, the family it stands for or "") of each word of `wanted` that says something."""
        words = texts.words(wanted)
        families = [""] * len(words)
        for start, stop, family in self._found(words, table) if table else ():
            families[start:stop] = [family] * (stop - start)
        return tuple((w, family) for w, family in zip(words, families, strict=True) if w not in _PLAIN)

    def amounts(self, text: str, unit: str) -> list[float]:
        """The numbers that stand before a unit, or after it and "of", by any of the unit's spellings."""
        pattern = self._units.get(texts.fold(unit)) or _unit_pattern((unit,))
        written = (found[1] or found[2] for found in pattern.finditer(text[:MAX_SCANNED]))
        return [value for text in written if (value := _value(text)) is not None]


def overlap_over(wanted: Distinct, offered: DistinctWords) -> tuple[npt.NDArray[np.int64], list[float]]:
    """`word_overlap` of many pairs: (code of each pair's answer, the distinct answers), -1 where it has none; see
    `Terms.missing_over`.
    """
    (asked_values, asked), (values, have, words) = wanted, offered
    codes, number = np.full(len(asked), -1, np.int64), dict[float, int]()
    for value, rows in _by_text(asked_values, asked, values, have):
        need = frozenset(texts.words(value[:MAX_SCANNED]))
        there = np.zeros(len(words), np.int64)
        for word in need:
            there[words.holding(word)] += 1  # a text that holds it twice counts once
        shares = [at / len(need) for at in range(len(need) + 1)] if need else [0.0]
        codes[rows] = np.array([number.setdefault(share, len(number)) for share in shares])[there[have[rows]]]
    return codes, list(number)


def _by_text(
    asked_values: list[Any], asked: npt.NDArray[np.int64], values: list[Any], have: npt.NDArray[np.int64]
) -> Iterator[tuple[str, npt.NDArray[np.int64]]]:
    """(text, the pairs that ask with it) of those whose both sides are texts."""
    texts_there = np.array([type(value) is str for value in values] + [False])
    order = np.argsort(asked, kind="stable")
    starts = np.searchsorted(asked[order], np.arange(len(asked_values) + 1))
    for at, value in enumerate(asked_values):
        rows = order[starts[at] : starts[at + 1]]
        rows = rows[texts_there[have[rows]]] if type(value) is str else rows[:0]
        if len(rows):
            yield value, rows


class _Answers:
    """Distinct lists of missing words, numbered as they come up."""

    def __init__(self) -> None:
        self.distinct: list[list[str]] = []
        self.number: dict[tuple[str, ...], int] = {}

    def of(
        self,
        parts: Sequence[tuple[str, str]],
        have: npt.NDArray[np.int64],
        texts: int,
        holders: Callable[..., Any],
    ) -> npt.NDArray[np.int64]:
        """The answer's number for each text of `have` (pairs,): which of `parts` (word, family) it lacks."""
        lacks = np.zeros((len(have), len(parts)), np.uint8)
        there = np.zeros(texts, bool)
        for place, (word, family) in enumerate(parts):
            found = holders(word, family)
            there[found] = True
            lacks[:, place] = ~there[have]
            there[found] = False
        packed = np.packbits(lacks, axis=1) if parts else np.zeros((len(have), 1), np.uint8)
        _, first, spread = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        numbers = [self._number(parts, lacks[row]) for row in first]
        return np.array(numbers, np.int64)[spread.reshape(-1)]

    def _number(self, parts: Sequence[tuple[str, str]], lacks: npt.NDArray[np.uint8]) -> int:
        words = tuple(dict.fromkeys(word for (word, _), lack in zip(parts, lacks, strict=True) if lack))
        if words not in self.number:
            self.number[words] = len(self.distinct)
            self.distinct.append(list(words))
        return self.number[words]


def _has_digit(word: str) -> bool:
    return any(char.isdigit() for char in word)


@lru_cache(maxsize=256)
def _unit_pattern(spellings: tuple[str, ...]) -> re.Pattern[str]:
    """`15.6"`, `15.6-inch`, `pack of 4`. Spellings are escaped: a table cannot smuggle a pattern in."""
    longest_first = sorted((s for s in spellings if s), key=len, reverse=True)
    either = "|".join(re.escape(s) + ("s?" if s.isalpha() else "") for s in longest_first) or r"(?!)"
    return re.compile(
        rf"(?<![\w.,/])((?:\d{{1,4}}[ -])?\d{{1,3}}/\d{{1,3}}|\d{{1,9}}(?:[.,]\d{{1,4}})?)[ -]?(?:{either})(?!\w)"
        rf"|(?<!\w)(?:{either}) of:? (\d{{1,9}})(?![\w.])",
        re.I,
    )


def _value(written: str) -> float | None:
    """1.5 of `1.5`, `1,5` and `1-1/2`; None for a fraction of nothing."""
    if "/" not in written:
        return float(written.replace(",", "."))
    whole, _, fraction = written.replace("-", " ").rpartition(" ")
    top, _, bottom = fraction.partition("/")
    return float(whole or 0) + int(top) / int(bottom) if int(bottom) else None


def _unit_patterns(content: Any) -> dict[str, re.Pattern[str]]:
    found: dict[str, re.Pattern[str]] = {}
    for _, members in named_families(content):
        pattern = _unit_pattern(tuple(members))
        found.update({texts.fold(member): pattern for member in members})
    return found


def _segments(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each part of a text, parted by commas, brackets, dashes and by words such as "for"."""
    for part in _BREAK.split(text):
        segment: list[str] = []
        for word in texts.words(part):
            if word in JOINERS:
                yield tuple(segment)
                segment = []
            else:
                segment.append(word)
        yield tuple(segment)


def model_names(text: str) -> list[str]:
    """Names with a number in them: "iphone 7", "dv7-1211ea". Amounts ("5m", "pack of 4") are none."""
    text = text[:MAX_SCANNED]
    found = [m[0].lower() for m in _NAMED.finditer(text) if any(c.isdigit() for c in m[0]) and len(m[0]) > 2]
    for match in _NUMBERED.finditer(text):
        if match[1].lower() not in _NO_NAME:
            found.append(f"{match[1].lower()} {match[2]}")
    return list(dict.fromkeys(found))


def kept(body: Callable[..., Any]) -> Callable[..., Any]:
    """`body` with its answers for short texts remembered; lists are handed out as copies."""
    memo = lru_cache(maxsize=MEMO_ENTRIES)(body)

    def asked(*args: Any) -> Any:
        if any(type(arg) is not str for arg in args):
            return None
        answer = memo(*args) if all(len(arg) <= MEMO_TEXT for arg in args) else body(*args)
        return list(answer) if type(answer) is list else answer

    return asked
