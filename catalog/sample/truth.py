"""The hidden truth of the sample: which grade a pair really has, what decides it, and which rule settles it."""

from dataclasses import dataclass

from catalog.sample.intents import Intent
from catalog.sample.items import COLOUR, KIND, Item
from catalog.sample.shop import BASE_COLOURS, BRANDS

_SISTERS = {name: pair for pairs in BRANDS.values() for pair in pairs for name in pair}


@dataclass(frozen=True)
class Truth:
    """Grade 1..4, mismatch dimension ('' for none), capability, reason in words, code of the rule or ''."""

    grade: int
    dimension: str = ""
    capability: str = "knowledge"
    reason: str = "Everything the query names is met."
    rule: str = ""


def truth_of(intent: Intent, item: Item) -> Truth:
    """The true verdict for a pair."""
    if intent.need is not None:
        return _of_need(intent, item)
    kind = item.kind
    if kind.name != intent.kind:
        return _of_other_kind(intent, item)
    checks = (_brand, _audience, _size, _material, _colour, _season, _price, _count, _style)
    found = [truth for check in checks if (truth := check(intent, item)) is not None]
    seen = item.kind_silent or (bool(intent.color) and item.color_silent)
    if not found:
        return Truth(4, capability="visual" if seen else "knowledge")
    worst = min(found, key=lambda truth: truth.grade)
    if item.kind_silent:
        return Truth(worst.grade, worst.dimension, "visual", worst.reason, worst.rule)
    return worst


def _of_need(intent: Intent, item: Item) -> Truth:
    assert intent.need is not None
    capability = "visual" if item.kind_silent else "knowledge"
    if item.kind.name in intent.need.well:
        return Truth(4, "", capability, f"A {item.kind.name} serves this need well.")
    if item.kind.name in intent.need.somewhat:
        return Truth(3, "", capability, f"A {item.kind.name} serves this need in part.")
    return Truth(1, "category", capability, f"A {item.kind.name} does not serve this need.")


def _of_other_kind(intent: Intent, item: Item) -> Truth:
    if item.kind.accessory_for == intent.kind:
        reason = f"A {item.kind.name} is an accessory, the query asks for the main thing."
        return Truth(1, "component", "rules", reason, "R08")
    capability = "visual" if item.kind_silent else "knowledge"
    reason = f"The query asks for {intent.kind}, the item is {item.kind.name}."
    near = item.kind.group == KIND[intent.kind].group
    return Truth(2 if near else 1, "category", capability, reason, "" if item.kind_silent else "R15")


def _brand(intent: Intent, item: Item) -> Truth | None:
    if not intent.brand or item.brand == intent.brand:
        return None
    if item.brand in _SISTERS[intent.brand]:
        return Truth(3, "", "rules", f"{item.brand} is the sister label of {intent.brand}.", "R05")
    return Truth(
        2, "brand", "knowledge", f"The query names {intent.brand}, the item is by {item.brand}.", "R04"
    )


def _audience(intent: Intent, item: Item) -> Truth | None:
    if not intent.audience or item.audience in ("", "unisex", intent.audience):
        return None
    return Truth(2, "audience", "knowledge", f"Made for {item.audience}, asked for {intent.audience}.", "R06")


def _size(intent: Intent, item: Item) -> Truth | None:
    if not intent.size or item.size == intent.size:
        return None
    return Truth(2, "size", "knowledge", f"Size {item.size}, asked for {intent.size}.", "R07")


def _material(intent: Intent, item: Item) -> Truth | None:
    if intent.not_material and item.material == intent.not_material:
        return Truth(2, "material", "rules", f"The query rules {item.material} out.", "R09")
    if intent.material and item.material != intent.material:
        return Truth(
            2, "material", "knowledge", f"Made of {item.material}, asked for {intent.material}.", "R09"
        )
    return None


def _colour(intent: Intent, item: Item) -> Truth | None:
    if not intent.color or intent.color == item.color.name:
        return None
    seen = item.color_silent
    if COLOUR[intent.color].family != item.color.family:
        reason = f"The item is {item.color.name}, asked for {intent.color}."
        return Truth(2, "colour", "visual" if seen else "knowledge", reason, "" if seen else "R01")
    if intent.color in BASE_COLOURS:
        return None
    if {intent.color, item.color.name} == {"lake blue", "sky blue"}:
        reason = "Lake blue and sky blue are held apart."
        return Truth(2, "colour", "visual" if seen else "rules", reason, "" if seen else "R03")
    reason = f"{item.color.name} is a neighbouring shade of {intent.color}."
    return Truth(3, "", "visual" if seen else "rules", reason, "" if seen else "R02")


def _season(intent: Intent, item: Item) -> Truth | None:
    if not intent.season or item.season in ("", intent.season):
        return None
    if item.season == "all year":
        return Truth(3, "", "rules", f"Made for all the year, asked for {intent.season}.", "R13")
    return Truth(2, "season", "knowledge", f"Made for {item.season}, asked for {intent.season}.", "R10")


def _price(intent: Intent, item: Item) -> Truth | None:
    if not intent.price_max or item.price <= intent.price_max:
        return None
    if item.price <= intent.price_max * 1.1:
        return Truth(3, "", "rules", "The price is over the limit by a tenth at most.", "R14")
    return Truth(2, "price", "rules", f"{item.price:.2f} is over the limit of {intent.price_max}.", "R11")


def _count(intent: Intent, item: Item) -> Truth | None:
    if not intent.count or item.count == intent.count:
        return None
    if item.count > intent.count:
        return Truth(
            3, "", "rules", f"A set of {item.count} holds more than the {intent.count} asked for.", "R12"
        )
    return Truth(2, "quantity", "rules", f"{item.count} in the set, asked for {intent.count}.", "R12")


def _style(intent: Intent, item: Item) -> Truth | None:
    if not intent.style or item.style == intent.style:
        return None
    return Truth(3, "", "knowledge", f"{item.style} in look rather than {intent.style}.", "R16")
