"""Words as a query and an item share them: folded, lightly stemmed, so that 'Cases' meets 'case'."""

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:[-.'’][^\W_]+)*")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
JOINERS = frozenset({"for", "with", "in", "of", "from", "by", "to", "w", "fits", "compatible"})
NEGATIONS = frozenset({"without", "no", "not", "non", "free", "except", "sans", "minus"})


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The singular of an English plural, by shape alone: batteries -> battery, cases -> case, glass -> glass."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "xes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def fold(text: str) -> str:
    """Lower case without accents and compatibility forms."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def words(text: str) -> list[str]:
    """The stemmed words of a text in their order. Scripts without spaces give one word per character."""
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        found.extend(_UNSPACED.findall(word) or [stem(word)])
    return found


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters on one line, cut at a space where there is one."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut.rsplit(" ", 1)[0] if " " in cut[limit // 2 :] else cut) + "…"
