"""The made-up items: every fact of each, and which of them the shop's text keeps silent about."""

import random
from dataclasses import dataclass

from catalog.sample import gear, house, wear
from catalog.sample.shop import BRANDS, COLOURS, Colour, Kind

KINDS = wear.KINDS + house.KINDS + gear.KINDS
KIND = {kind.name: kind for kind in KINDS}
COLOUR = {colour.name: colour for colour in COLOURS}
ITEMS = 2_000
_PICTURED_COLOUR, _PICTURED_KIND = 0.27, 0.03


@dataclass(frozen=True)
class Item:
    """An item as it really is. `color_silent`, `kind_silent`: only the picture tells."""

    id: str
    kind: Kind
    color: Colour
    brand: str
    material: str
    size: str
    audience: str
    season: str
    count: int
    style: str
    use: str
    price: float
    color_silent: bool
    kind_silent: bool
    title: str = ""
    description: str = ""


def items_make(rng: random.Random) -> list[Item]:
    """2,000 items, about as many of each kind."""
    found = []
    for at in range(ITEMS):
        kind = KINDS[at % len(KINDS)]
        found.append(_item(rng, f"P{at + 1:05d}", kind))
    return found


def _palette(kind: Kind) -> list[Colour]:
    """Nine shades that suit a kind: neighbours in a family stand together, so that shades must be told apart."""
    own = random.Random(f"palette {kind.name}")
    if kind.group == "make-up":
        return [colour for colour in COLOURS if colour.family in ("red", "pink", "brown")]
    families = own.sample(["red", "blue", "green", "yellow", "pink", "brown", "black", "white", "purple"], 4)
    if "blue" not in families and own.random() < 0.6:
        families[0] = "blue"
    return [colour for colour in COLOURS if colour.family in families][:10]


_PALETTES = {kind.name: _palette(kind) for kind in KINDS}


def _item(rng: random.Random, code: str, kind: Kind) -> Item:
    def pick(options: tuple[str, ...]) -> str:
        return rng.choice(options) if options else ""

    low, high = kind.price
    price = round(low + (high - low) * rng.random() ** 1.8) - 0.01
    draft = Item(
        id=code, kind=kind, color=rng.choice(_PALETTES[kind.name]),
        brand=rng.choice(rng.choice(BRANDS[kind.department])), material=pick(kind.materials), size=pick(kind.sizes),
        audience=pick(kind.audiences), season=pick(kind.seasons), count=rng.choice(kind.counts) if kind.counts else 1,
        style=pick(kind.styles), use=pick(kind.uses), price=round(price, 2),
        color_silent=rng.random() < _PICTURED_COLOUR, kind_silent=rng.random() < _PICTURED_KIND,
    )  # fmt: skip
    texts = {"title": _title(rng, draft), "description": _description(rng, draft)}
    return Item(**{**draft.__dict__, **texts})


def _called(rng: random.Random, item: Item) -> str:
    if item.kind_silent:
        return "piece"
    return rng.choice((item.kind.name, item.kind.name, *item.kind.others))


def _title(rng: random.Random, item: Item) -> str:
    color = "" if item.color_silent else rng.choice((item.color.name, item.color.name, *item.color.others))
    parts = {
        "brand": item.brand,
        "audience": f"{item.audience}'s" if item.audience in ("women", "men") else item.audience,
        "style": item.style, "color": color,
        "material": item.material if rng.random() < 0.6 else "", "kind": _called(rng, item),
        "season": f"for {item.season}" if item.season in ("summer", "winter") else "",
        "count": f"set of {item.count}" if item.count > 1 else "",
        "size": f"size {item.size}" if item.size and rng.random() < 0.5 else item.size if item.size else "",
    }  # fmt: skip
    order = rng.choice((
        ("brand", "audience", "style", "color", "material", "kind", "season", "count", "size"),
        ("style", "material", "kind", "color", "audience", "count", "season", "size", "brand"),
        ("brand", "kind", "material", "style", "audience", "season", "size", "color", "count"),
    ))  # fmt: skip
    title = " ".join(parts[name] for name in order if parts[name])
    return title[0].upper() + title[1:]


def _description(rng: random.Random, item: Item) -> str:
    for_whom = {"kids": " Cut for children.", "unisex": " Made for everyone."}.get(item.audience, "")
    made = rng.choice(("Made of {0}", "Crafted in {0}", "{0} throughout")).format(item.material)
    ending = rng.choice(("Easy to look after.", "A quiet favourite.", "Checked by hand.", "Good for years."))
    text = f"{made}, {item.style} in look. Good for {item.use}.{for_whom} {ending}"
    return text[0].upper() + text[1:]
