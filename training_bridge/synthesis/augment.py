"""Copies of a judged pair that teach how to match, not which query was asked.

A few dozen judged queries are easy to learn by heart. In a renamed copy each word of the query gives way to another word
of the catalogue wherever it stands in the pair, so that what agreed still agrees and what did not still does not.
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from relevance.prompt import PairFacts
from relevance.words import JOINERS, NEGATIONS, stem, words

_WORD = re.compile(r"[^\W_]+")
_KEPT = JOINERS | NEGATIONS
_LETTER = re.compile(r"[^\W\d_]")


def renamed(
    facts: PairFacts, vocabulary: Sequence[str], generator: random.Random, noise: float = 0.0
) -> PairFacts:
    """The same pair with the query's words exchanged for words drawn from `vocabulary`, everywhere alike.

    `noise` is the share of the item's other words that are exchanged as well, so that items are not learnt by heart.
    """
    asked = words(facts.query_text)
    others = [word for word in words(f"{facts.title} {facts.description}") if generator.random() < noise]
    exchanged = [word for word in dict.fromkeys(asked + others) if word.isalpha() and word not in _KEPT]
    own = set(asked) | set(words(f"{facts.title} {facts.description}"))
    drawn = generator.sample(vocabulary, min(len(vocabulary), len(exchanged) + len(own)))
    names = dict(zip(exchanged, (word for word in drawn if word not in own), strict=False))
    return replace(
        facts,
        query_text=_exchange(facts.query_text, names),
        title=_exchange(facts.title, names),
        description=_exchange(facts.description, names),
        attributes=_exchange_values(facts.attributes, names),
        query_facets=_exchange_values(facts.query_facets, names),
    )


def vocabulary_of(items: Sequence[Mapping[str, object]]) -> list[str]:
    """The words of the titles that are written with letters, each once, in order of first sight."""
    seen = (word for item in items for word in words(str(item.get("title") or "")))
    return list(
        dict.fromkeys(word for word in seen if len(word) > 2 and _LETTER.match(word) and word.isalpha())
    )


def _exchange(text: str, names: Mapping[str, str]) -> str:
    return _WORD.sub(lambda match: names.get(stem(match.group().casefold()), match.group()), text)


def _exchange_values(values: Mapping[str, object], names: Mapping[str, str]) -> dict[str, object]:
    return {
        name: _exchange(value, names) if isinstance(value, str) else value for name, value in values.items()
    }
