"""A corpus's own vocabulary, and the facets it finds in a query's text. Pure: knows no database.

Content of a lexicon: facet -> canonical value -> spellings. Facets computed from items are `brand`, `category` and
`color`; a file may bring others. Sizes, quantities and negation are found by patterns that hold for every corpus.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from relevance.words import JOINERS, fold, stem, words

Content: TypeAlias = dict[str, dict[str, list[str]]]

COLOURS: Mapping[str, tuple[str, ...]] = {
    "black": (), "white": (), "gray": ("grey",), "silver": (), "gold": ("golden",), "red": (), "blue": (),
    "green": (), "yellow": (), "orange": (), "purple": ("violet",), "pink": (), "brown": (), "beige": (),
    "navy": ("navy blue",), "turquoise": (), "teal": (), "burgundy": ("maroon", "wine red"), "ivory": (),
    "rose gold": (), "transparent": ("clear",), "multicolor": ("multicolour", "multicoloured", "multicolored"),
}  # fmt: skip
COLOUR_ATTRIBUTES = ("color", "colour", "product_colour", "product_color")
RANKED = ("brand", "category", "color")
MEASURED = frozenset({"text", "tokens", "head", "negated", "size", "quantity"})  # found by patterns alone
RULED_OUT_BY = frozenset({"without", "no", "not", "non", "except", "sans", "minus"})
LONGEST = 4  # words of a spelling
OWN_SHARE = 0.2  # a one-word brand is told from a common word by the titles it stands in
BRANDS_KEPT, CATEGORIES_KEPT, COLOURS_KEPT = 20_000, 5_000, 500

_WORN = r"xxs|xs|s|m|l|xl|xxl|xxxl|[2-6]xl|small|medium|large|x-large|extra large"
_UNIT = r"\"|''|”|inch(?:es)?|in|cm|mm|m|ft|feet|foot|oz|ml|l|kg|g|lbs?|gb|tb|mb|w|watts?|v|volts?|mah"
_SIZE = re.compile(
    rf"\bsize\s+({_WORN}|\d+(?:[.,]\d+)?)\b|\b(\d+(?:[./]\d+)?)\s?-?({_UNIT})(?=$|[\s,;)/x])|\b({_WORN})\b$",
    re.I,
)
_QUANTITY = re.compile(
    r"\b(?:pack|set|box|case|lot|bundle)\s+of\s+(\d{1,4})\b"
    r"|\b(\d{1,4})\s?-?(?:pack|packs|pk|pcs|pieces|piece|count|ct|pairs|units)\b",
    re.I,
)


@dataclass(frozen=True)
class Seen:
    """What the lexicon needs of one item."""

    title: str
    brand: str
    category: str
    colours: tuple[str, ...]


def colours_of(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    """Colour names in an item's attributes, split where several stand in one value."""
    found: list[str] = []
    for name in COLOUR_ATTRIBUTES:
        value = attributes.get(name)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                found += [part.strip() for part in re.split(r"[,/;&]| and ", text) if part.strip()]
    return tuple(found)


def lexicon_build(items: Iterable[Seen]) -> Content:
    """Read items once; memory grows with distinct brands, categories and title words alone."""
    brands: Counter[str] = Counter()
    categories: Counter[str] = Counter()
    colours: Counter[str] = Counter()
    in_titles: Counter[str] = Counter()
    for item in items:
        brands[item.brand] += bool(item.brand)
        categories[item.category] += bool(item.category)
        colours.update(colour.casefold() for colour in item.colours)
        in_titles.update(set(words(item.title)))
    return {
        "brand": _brands(brands, in_titles),
        "category": _categories(categories),
        "color": _colours(colours),
    }


def lexicon_merge(computed: Content, given: Content) -> Content:
    """`given` stands as it is; of `computed` what it leaves open: a spelling it places is found there alone."""
    placed = {tuple(words(text)) for values in given.values() for texts in values.values() for text in texts}
    merged: Content = {}
    for facet in (*computed, *(name for name in given if name not in computed)):
        own = given.get(facet, {})
        rest = {
            value: [text for text in texts if tuple(words(text)) not in placed]
            for value, texts in computed.get(facet, {}).items() if value not in own
        }  # fmt: skip
        merged[facet] = {**own, **{value: texts for value, texts in rest.items() if texts}}
    return merged


def _brands(brands: Counter[str], in_titles: Counter[str]) -> dict[str, list[str]]:
    """One canonical spelling per brand, the commonest; a brand that is mostly a plain word of titles is left out."""
    folded: Counter[str] = Counter()
    for brand, count in brands.items():
        folded[fold(brand).strip()] += count
    kept: dict[str, list[str]] = {}
    taken: set[str] = set()
    for brand, _ in brands.most_common(BRANDS_KEPT):
        key = fold(brand).strip()
        parts = words(brand)
        if key in taken or not parts or len(parts) > LONGEST or len(key) < 2 or key.isdigit():
            continue
        taken.add(key)
        if len(parts) == 1 and folded[key] < OWN_SHARE * in_titles[parts[0]]:
            continue
        kept[brand] = [key]
    return kept


def _categories(categories: Counter[str]) -> dict[str, list[str]]:
    """A category by its whole name and, for a path ("Shoes > Slippers"), by its leaf; the commoner path wins a leaf."""
    kept: dict[str, list[str]] = {}
    taken: set[str] = set()
    for category, count in categories.most_common(CATEGORIES_KEPT):
        leaf = fold(re.split(r"[>/|]", category)[-1]).strip()
        if leaf and count > 1 and leaf not in taken and len(words(leaf)) <= LONGEST:
            taken.add(leaf)
            kept[category] = [leaf]
    return kept


def _colours(found: Counter[str]) -> dict[str, list[str]]:
    kept = {name: [name, *others] for name, others in COLOURS.items()}
    taken = {spelling for spellings in kept.values() for spelling in spellings}
    for name, count in found.most_common(COLOURS_KEPT):
        plain = fold(name).strip()
        if count > 1 and plain not in taken and plain.replace(" ", "").isalpha() and len(words(plain)) <= 3:
            kept[plain] = [plain]
            taken.add(plain)
    return kept


@dataclass(frozen=True)
class Matcher:
    """A lexicon compiled for matching: spelling as stemmed words -> (facet, canonical value)."""

    phrases: Mapping[tuple[str, ...], tuple[str, str]]

    @classmethod
    def compile(cls, content: Mapping[str, Mapping[str, list[str]]]) -> "Matcher":
        """Where facets share a spelling, colour wins over category, category over brand, and brand over any other."""
        phrases: dict[tuple[str, ...], tuple[str, str]] = {}
        others = sorted(content.keys() - set(RANKED))
        for facet in (*others, *RANKED):
            for value, spellings in content.get(facet, {}).items():
                phrases.update({tuple(words(text)): (facet, value) for text in spellings if words(text)})
        return cls(phrases)

    def facets(self, text: str) -> dict[str, Any]:
        """The lexicon's facets, size and quantity where found; negated, tokens and head always."""
        tokens = words(text)
        negated = _negated(tokens)
        found = {**self._named(tokens, negated), **_measures(text)}
        ruled_out = {word for _, word in negated}
        head = _head([word for word in tokens if word not in ruled_out and word not in RULED_OUT_BY])
        return {**found, "negated": [word for _, word in negated], "tokens": tokens, "head": head}

    def _named(self, tokens: list[str], negated: list[tuple[int, str]]) -> dict[str, str]:
        """The longest spelling at each place, left to right; the first of a facet stands."""
        skipped = {at for at, _ in negated}
        found: dict[str, str] = {}
        at = 0
        while at < len(tokens):
            step = 1
            for length in range(min(LONGEST, len(tokens) - at), 0, -1):
                hit = self.phrases.get(tuple(tokens[at : at + length]))
                if hit and not skipped & set(range(at, at + length)):
                    found.setdefault(*hit)
                    step = length
                    break
            at += step
        return found


def _negated(tokens: list[str]) -> list[tuple[int, str]]:
    """Words ruled out, with their places: 'without remote', 'sugar free', 'lead-free'."""
    found = [
        (at + 1, tokens[at + 1])
        for at, word in enumerate(tokens[:-1])
        if word in RULED_OUT_BY and tokens[at + 1] not in RULED_OUT_BY
    ]
    for at, word in enumerate(tokens):
        if word == "free" and at and tokens[at - 1] not in JOINERS:
            found.append((at - 1, tokens[at - 1]))
        elif word.endswith("-free"):
            found.append((at, stem(word.removesuffix("-free"))))
    return sorted(set(found))


def _measures(text: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rest = text
    if quantity := _QUANTITY.search(text):
        found["quantity"] = int(quantity[1] or quantity[2])
        rest = text[: quantity.start()] + " " + text[quantity.end() :]
    if size := _SIZE.search(rest.strip()):
        unit = (size[3] or "").lower()
        unit = {'"': "inch", "''": "inch", "”": "inch", "in": "inch", "inches": "inch"}.get(unit, unit)
        found["size"] = f"{size[2]} {unit}" if size[2] else (size[1] or size[4]).lower()
    return found


def _head(tokens: list[str]) -> str:
    """The word the query is about: the last one before 'for', 'with', ... ('' where there is none)."""
    before = next((at for at, word in enumerate(tokens) if word in JOINERS and at), len(tokens))
    named = [word for word in tokens[:before] if word not in JOINERS]
    return named[-1] if named else ""


@lru_cache(maxsize=8)
def plain_matcher() -> Matcher:
    """What is found before a corpus has items."""
    return Matcher.compile({"color": _colours(Counter())})
