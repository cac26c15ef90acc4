"""Text as the language compares it:

Folded for case and width, with word edges that also hold in Chinese or Thai.
"""

import re
import unicodedata
from functools import lru_cache

from rules.language.limits import MAX_SCANNED, MEMO_ENTRIES, MEMO_TEXT

_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*", re.UNICODE)
_NUMBER = re.compile(r"[+-]?(?:\d+(?:,\d{3})*|\d+)?(?:\.\d+)?", re.ASCII)
# Scripts written without spaces: an edge lies between any two of their characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f]"
)


def _fold(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


_fold_kept = lru_cache(maxsize=MEMO_ENTRIES)(_fold)


def fold(text: str) -> str:
    """`text` without difference of case, width or spacing."""
    return _fold_kept(text) if len(text) <= MEMO_TEXT else _fold(text)


def _joined(left: str, right: str) -> bool:
    """Whether the two characters belong to one word."""
    if _UNSPACED.match(left) or _UNSPACED.match(right):
        return False
    return _wordy(left) and _wordy(right)


def _wordy(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def mentions(text: str, phrase: str) -> bool:
    """Whether `text` holds `phrase` as whole words, case and width set aside.

    An empty phrase is never mentioned.
    """
    hay, needle = fold(text), fold(phrase)
    if not needle:
        return False
    at = hay.find(needle)
    while at >= 0:
        end = at + len(needle)
        starts = at == 0 or not _joined(hay[at - 1], needle[0])
        ends = end == len(hay) or not _joined(needle[-1], hay[end])
        if starts and ends:
            return True
        at = hay.find(needle, at + 1)
    return False


@lru_cache(maxsize=8 * MEMO_ENTRIES)
def _singular(word: str) -> str:
    if len(word) <= 3 or not word.isascii() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


def _split(text: str) -> tuple[str, ...]:
    folded, found = _fold(text), list[str]()
    if folded.isascii():
        return tuple(map(_singular, _WORD.findall(folded)))
    for word in _WORD.findall(folded):
        if _UNSPACED.search(word):
            found.extend(_UNSPACED.findall(word))
            word = _UNSPACED.sub("", word)
        if word:
            found.append(_singular(word))
    return tuple(found)


_split_kept = lru_cache(maxsize=MEMO_ENTRIES)(_split)


def words(text: str) -> tuple[str, ...]:
    """The words of `text`, folded, English plurals made singular;

    An unspaced script gives one word a character.
    """
    return _split_kept(text) if len(text) <= MEMO_TEXT else _split(text)


@lru_cache(maxsize=MEMO_ENTRIES)
def _word_set(text: str) -> frozenset[str]:
    return frozenset(_split(text))


def word_overlap(wanted: str, offered: str) -> float:
    """The share of the words of `wanted` that stand in `offered`, 0.0 to 1.0;

    0.0 where `wanted` has no word.
    """
    need = _words_in(wanted[:MAX_SCANNED])
    return len(need & _words_in(offered[:MAX_SCANNED])) / len(need) if need else 0.0


def _words_in(text: str) -> frozenset[str]:
    return _word_set(text) if len(text) <= MEMO_TEXT else frozenset(_split(text))


def mentions_kind(text: str, phrase: str) -> bool:
    """Whether the words of `phrase` stand in `text` one after the other, singular or plural alike."""
    need, have = words(phrase), words(text)
    size = len(need)
    return bool(need) and any(have[at : at + size] == need for at in range(len(have) - size + 1))


def number(text: str) -> float | None:
    """The number that the whole of `text` writes, thousands in commas allowed; None where it is not one."""
    plain = text.strip()
    if len(plain) > 40 or not any(c.isdigit() for c in plain) or not _NUMBER.fullmatch(plain):
        return None
    return float(plain.replace(",", ""))


def first_number(text: str) -> float | None:
    """The first number written in `text`: 15.6 in `15.6" screen`; None where there is none."""
    found = re.search(r"\d{1,15}(?:,\d{3})*(?:\.\d{1,15})?", text, re.ASCII)
    return float(found[0].replace(",", "")) if found else None
