"""What the catalogue itself says its items are: their kinds, brands and attribute values."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relevance.evidence import head_and_rest
from relevance.prompt import PairFacts
from relevance.words import fold, words

Item = Mapping[str, Any]
_LONGEST_KIND = 3
_LONGEST_VALUE = 24
_COMMON = 3
_SWAPPABLE = 2

# The dimension that a mismatch of an attribute is named by; the others are 'other'.
DIMENSION_OF = {
    "brand": "brand", "color": "colour", "colour": "colour", "product_colour": "colour", "material": "material",
    "size": "size", "model": "model", "style": "style", "season": "season", "audience": "audience",
    "gender": "audience", "quantity": "quantity", "pattern": "style", "category": "category", "year": "year",
    "function": "function",
}  # fmt: skip


@dataclass(frozen=True)
class Known:
    """One item and what the lexicon found of it: kind in the item's own words, values fit for a query by attribute."""

    facts: Item
    title: tuple[str, ...]
    kind: tuple[str, ...]
    brand: str
    values: Mapping[str, str]
    models: tuple[str, ...]


@dataclass(frozen=True)
class Lexicon:
    """The catalogue's items by kind, the values of each attribute, and the kinds that occur often enough to ask for."""

    items: tuple[Known, ...]
    by_kind: Mapping[tuple[str, ...], tuple[int, ...]]
    by_word: Mapping[str, tuple[int, ...]]
    values: Mapping[str, tuple[str, ...]]
    brands: tuple[str, ...]


def build_lexicon(items: Sequence[Item]) -> Lexicon:
    """Read the items once. An item without a title has no kind and is left out."""
    kinds = _frequent_tails(items)
    known = tuple(_known(item, kinds) for item in items if str(item.get("title") or "").strip())
    by_kind: dict[tuple[str, ...], list[int]] = defaultdict(list)
    by_word: dict[str, list[int]] = defaultdict(list)
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for index, one in enumerate(known):
        if one.kind:
            by_kind[one.kind].append(index)
        for word in set(one.title):
            by_word[word].append(index)
        for name, value in one.values.items():
            values[name][value] += 1
    kept = {
        name: tuple(sorted(v for v, n in found.items() if n >= _SWAPPABLE)) for name, found in values.items()
    }
    return Lexicon(
        known,
        {kind: tuple(held) for kind, held in by_kind.items()},
        {word: tuple(held) for word, held in by_word.items()},
        {name: held for name, held in kept.items() if len(held) >= _SWAPPABLE},
        tuple(sorted({one.brand for one in known if one.brand})),
    )


def _frequent_tails(items: Sequence[Item]) -> Counter[tuple[str, ...]]:
    """How many brands end a title's head with these words: what many brands call their items is a kind."""
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for item in items:
        brand = fold(str(item.get("brand") or ""))
        head = _head(item)
        seen.update((brand, tuple(head[-n:])) for n in range(1, _LONGEST_KIND + 1) if len(head) >= n)
    return Counter(tail for _, tail in seen)


def _head(item: Item) -> list[str]:
    brand = set(words(str(item.get("brand") or "")))
    head, _ = head_and_rest(str(item.get("title") or ""))
    return [word for word in head if word not in brand and not any(char.isdigit() for char in word)]


def _known(item: Item, tails: Counter[tuple[str, ...]]) -> Known:
    facts = PairFacts.of({"text": ""}, item)
    head = _head(item)
    tail = next(
        (tuple(head[-n:]) for n in (3, 2, 1) if len(head) >= n and tails[tuple(head[-n:])] >= _COMMON), ()
    )
    category = tuple(words(facts.attribute("category")))
    kind = category if 0 < len(category) <= _LONGEST_KIND else tail
    values = {name: fold(value) for name, value in facts.shown_attributes().items() if _askable(value)}
    title = tuple(words(facts.title))
    models = tuple(word for word in title if len(word) > 2 and word[-1:].isalnum() and _mixed(word))
    return Known(item, title, kind, fold(facts.attribute("brand")), values, models)


def _askable(value: str) -> bool:
    return 2 < len(value) <= _LONGEST_VALUE and value != "yes" and not value[0].isdigit() and "," not in value


def _mixed(word: str) -> bool:
    return any(char.isdigit() for char in word) and any(char.isalpha() for char in word)
