"""What the made-up shoppers want, and the words they type."""

import random
import re
from dataclasses import dataclass, replace

from catalog.sample.items import COLOUR, KIND, KINDS, Item
from catalog.sample.shop import BRANDS, COLOURS, NEEDS, Need

QUERIES = 300
# Which parts of an item a query names, and how often such queries are typed.
_PATTERNS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (18, ("kind", "color")), (3, ("kind",)), (6, ("kind", "family")), (9, ("kind", "brand")),
    (8, ("kind", "audience")), (8, ("kind", "material")), (8, ("kind", "not_material")), (6, ("kind", "price")),
    (6, ("kind", "count")), (5, ("kind", "season")), (12, ("kind", "style")), (6, ("kind", "audience", "color")),
    (5, ("kind", "size")), (4, ("kind", "audience", "size")), (4, ("kind", "material", "color")),
    (3, ("kind", "brand", "color")),
)  # fmt: skip


@dataclass(frozen=True)
class Intent:
    """What a query means. Empty parts are left open; with a `need` no kind is named."""

    id: str
    text: str = ""
    kind: str = ""
    need: Need | None = None
    color: str = ""
    brand: str = ""
    audience: str = ""
    size: str = ""
    material: str = ""
    not_material: str = ""
    season: str = ""
    style: str = ""
    price_max: int = 0
    count: int = 0
    traffic: int = 0


def intents_make(rng: random.Random, items: list[Item]) -> list[Intent]:
    """300 intents with distinct texts, each met by an item at least (needs aside), with long-tailed traffic."""
    found: dict[str, Intent] = {need.text: Intent("", need.text, need=need) for need in NEEDS}
    while len(found) < QUERIES:
        intent = _intent(rng, rng.choice(items))
        if intent is not None:
            found.setdefault(intent.text, intent)
    drawn = list(found.values())
    rng.shuffle(drawn)
    return [
        replace(intent, id=f"Q{at:03d}", traffic=max(1, round(24_000 / at**1.15 * rng.uniform(0.9, 1.1))))
        for at, intent in enumerate(drawn, 1)
    ]


def _intent(rng: random.Random, item: Item) -> Intent | None:
    parts = rng.choices([p for _, p in _PATTERNS], [w for w, _ in _PATTERNS])[0]
    values: dict[str, str | int] = {"kind": item.kind.name}
    for part in parts[1:]:
        if not (value := _wanted(rng, part, item)):
            return None
        values.update(value)
    intent = Intent("", **values)  # type: ignore[arg-type]
    return replace(intent, text=_text(rng, intent))


def _wanted(rng: random.Random, part: str, item: Item) -> dict[str, str | int]:
    kind = item.kind
    if part == "not_material":
        others = [m for m in kind.materials if m != item.material]
        return {"not_material": rng.choice(others)} if others else {}
    if part == "price":
        low, high = kind.price
        step = 5 if high < 100 else 20
        return {"price_max": max(step, round((low + (high - low) * 0.28) / step) * step)}
    if part == "count":
        return {"count": item.count} if item.count > 1 else {}
    if part == "audience":
        return {"audience": item.audience} if item.audience in ("women", "men", "kids") else {}
    if part == "season":
        return {"season": item.season} if item.season in ("summer", "winter") else {}
    if part == "family":
        return {"color": item.color.family}
    value = item.color.name if part == "color" else getattr(item, part)
    return {part: value} if value else {}


def kind_names(name: str) -> tuple[str, ...]:
    """Every spelling of a kind."""
    return (name, *KIND[name].others)


def count_words(count: int) -> tuple[str, ...]:
    """Ways to ask for a number of things."""
    return (f"set of {count}", f"pack of {count}", f"{count} pack", f"{count} piece")


def price_words(price: int) -> tuple[str, ...]:
    """Ways to name a highest price."""
    return (f"under {price}", f"below {price}", f"less than {price}")


def size_words(size: str) -> tuple[str, ...]:
    """Ways to name a size."""
    return (size,) if " " in size or len(size) > 2 else (f"size {size}",)


def without_words(material: str) -> tuple[str, ...]:
    """Ways to rule a material out."""
    return (f"without {material}", f"no {material}", f"not {material}")


AUDIENCE_WORDS = {
    "women": ("women's", "womens", "ladies", "for women"),
    "men": ("men's", "mens", "for men"),
    "kids": ("kids", "children's", "for children", "for kids"),
}


def _text(rng: random.Random, intent: Intent) -> str:
    colour = (intent.color, intent.color, *(COLOUR[intent.color].others if intent.color in COLOUR else ()))
    front = [intent.brand, intent.style, rng.choice(colour), intent.material]
    back: list[str] = []
    if intent.audience:
        word = rng.choice(AUDIENCE_WORDS[intent.audience])
        (back if word.startswith("for ") else front).insert(0, word)
    if intent.season:
        back.append(f"for {intent.season}")
    if intent.count:
        back.append(rng.choice(count_words(intent.count)))
    if intent.size:
        back.append(rng.choice(size_words(intent.size)))
    if intent.not_material:
        back.append(rng.choice(without_words(intent.not_material)))
    if intent.price_max:
        back.append(rng.choice(price_words(intent.price_max)))
    words = [*front, rng.choice(kind_names(intent.kind)), *back]
    if rng.random() < 0.12 and not back:
        words = [words[-1], *words[:-1]]
    text = " ".join(word for word in words if word).lower()
    return _slip(rng, text) if rng.random() < 0.03 else text


def _slip(rng: random.Random, text: str) -> str:
    """Two letters of the longest word change places."""
    word = max(re.findall(r"[a-z]+", text), key=len)
    at = rng.randrange(1, len(word) - 1)
    return text.replace(word, word[:at] + word[at + 1] + word[at] + word[at + 2 :], 1)


def lexicon() -> dict[str, dict[str, list[str]]]:
    """Facet -> canonical value -> spellings, in the form of a corpus's lexicon."""
    return {
        "brand": {name: [name.lower()] for pairs in BRANDS.values() for pair in pairs for name in pair},
        "category": {kind.name: list(kind_names(kind.name)) for kind in KINDS},
        "color": {colour.name: [colour.name, *colour.others] for colour in COLOURS},
    }
