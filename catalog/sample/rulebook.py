"""The sample shop's sixteen rules, its tables of words, level definitions and dimensions."""

import json
from collections import Counter
from typing import Any

from catalog.sample.intents import AUDIENCE_WORDS
from catalog.sample.items import KINDS
from catalog.sample.rule_examples import EXAMPLES
from catalog.sample.shop import BASE_COLOURS, BRANDS, COLOURS
from relevance.grades import DIMENSIONS
from relevance.words import stem

_SAME_KIND = '(query.category == item.category || same_family(query.head, item.category, "categories"))'
_NEGATES = "query.text.matches('(^| )(without|no|not) ')"
_BASE = "[" + ", ".join(f'"{name}"' for name in (*BASE_COLOURS, "gray")) + "]"
_MATERIALS = "[" + ", ".join(f'"{m}"' for m in sorted({m for kind in KINDS for m in kind.materials})) + "]"
# Words by which a query asks for the accessory itself.
_ACCESSORIES = json.dumps(
    ["protect", *(n for kind in KINDS if kind.accessory_for for n in (kind.name, *kind.others))]
)
_STYLES = json.dumps(sorted({style for kind in KINDS for style in kind.styles}))
_PRICE = "query.text.matches('(^| )(under|below|less than) [0-9]+$')"

LEVELS = {
    "L4": "Perfect match: the item is what the query asks for, in every respect that it names.",
    "L3": "Partial match: close, no open conflict: a neighbouring shade, a sister label.",
    "L2": "Explicit mismatch: the right kind of thing or a near one, and one respect that the query names fails.",
    "L1": "Completely inconsistent: another kind of thing, or only an accessory of what is asked for.",
}


def rulebook() -> dict[str, Any]:
    """The whole document: name, licence, tables, level_definitions, dimensions, rules."""
    return {
        "name": "Sample shop", "licence": "CC0-1.0", "synthetic": True, "tables": tables(),
        "level_definitions": LEVELS, "dimensions": list(DIMENSIONS),
        "rules": [{**rule, "examples": EXAMPLES[rule["code"]]} for rule in _rules()],
    }  # fmt: skip


def tables() -> dict[str, dict[str, list[str]]]:
    """{table: {family: [words]}}: colours (families of shades), shades (spellings of one), brands, categories, groups."""
    families: dict[str, list[str]] = {}
    for colour in COLOURS:
        families.setdefault(colour.family, []).extend([colour.name, *colour.others])
    return {
        "colours": families,
        "shades": {colour.name: [colour.name, *colour.others] for colour in COLOURS},
        "brands": {first: [first, second] for pairs in BRANDS.values() for first, second in pairs},
        "categories": _categories(),
        "groups": _groups(),
    }


def _groups() -> dict[str, list[str]]:
    """Kinds that stand near each other: lamps, cups, bags."""
    found: dict[str, list[str]] = {}
    for kind in KINDS:
        found.setdefault(kind.group, []).append(kind.name)
    return found


def _categories() -> dict[str, list[str]]:
    """Spellings of each kind, and their last words where no other kind ends in the same."""
    spelt = {kind.name: [kind.name, *kind.others] for kind in KINDS}
    heads = {name: {stem(text.split()[-1]) for text in texts} for name, texts in spelt.items()}
    used = Counter(head for own in heads.values() for head in own)
    return {name: [*texts, *sorted(h for h in heads[name] if used[h] == 1)] for name, texts in spelt.items()}


def _rule(
    code: str, title: str, principle: str, dimension: str, scope: str, ladder: list[dict[str, str]], *,
    priority: int = 10, yields_to: tuple[str, ...] = (), evidence: tuple[str, ...] = ("title", "attributes", "image"),
) -> dict[str, Any]:  # fmt: skip
    return {
        "code": code, "title": title, "principle": principle, "dimension": dimension, "capability": "rules",
        "scope": scope, "ladder": ladder, "evidence_order": list(evidence), "priority": priority,
        "yields_to": list(yields_to),
    }  # fmt: skip


def _step(when: str, grade: str, dimension: str, reason: str) -> dict[str, str]:
    return {"when": when, "grade": grade, "dimension": dimension, "reason": reason}


def _rules() -> list[dict[str, Any]]:
    return [*_colour_rules(), *_brand_rules(), *_fit_rules(), *_kind_rules(), *_offer_rules(), *_near_rules()]


def _colour_rules() -> list[dict[str, Any]]:
    named = f"has(query.color) && {_SAME_KIND}"
    sight = ("attributes", "image", "title")
    other = '!same_family(query.color, item.color, "colours")'
    shade = (
        'same_family(query.color, item.color, "colours") && !same_family(query.color, item.color, "shades")'
        f" && !(query.color in {_BASE})"
    )
    lake = (
        '(same_family(query.color, "lake blue", "shades") && item.color == "sky blue")'
        ' || (same_family(query.color, "sky blue", "shades") && item.color == "lake blue")'
    )
    return [
        _rule("R01", "Another colour family",
              "A query that names a colour is not met by an item of another colour family. The picture counts where the "
              "text is silent.", "colour", named,
              [_step(other, "L2", "colour", "The item is {item.color}, the query asks for {query.color}.")],
              evidence=sight),
        _rule("R02", "A neighbouring shade",
              "A neighbouring shade of the same family is a partial match. A plain name such as **blue** stands for the "
              "whole family and is met by each of its shades.", "colour", named,
              [_step(shade, "L3", "", "{item.color} is a neighbouring shade of {query.color}.")],
              priority=0, yields_to=("R03", "R12"), evidence=sight),
        _rule("R03", "Lake blue is not sky blue",
              "Lake blue is a deep green-blue, sky blue a pale one. Both are blues, but shoppers send one back when they "
              "wanted the other: hold them apart.", "colour", named,
              [_step(lake, "L2", "colour", "{item.color} is held apart from {query.color}.")], evidence=sight),
    ]  # fmt: skip


def _brand_rules() -> list[dict[str, Any]]:
    named = f"has(query.brand) && {_SAME_KIND}"
    sister = 'same_family(query.brand, item.brand, "brands")'
    return [
        _rule("R04", "Another brand", "A brand that is named is wanted; a brand of another house is a mismatch.",
              "brand", named,
              [_step(f"!{sister}", "L2", "brand", "The query names {query.brand}, the item is by {item.brand}.")],
              evidence=("attributes", "title", "image")),
        _rule("R05", "A sister label", "The sister label of the brand that is named is a partial match.", "brand", named,
              [_step(f"lower(query.brand) != lower(item.brand) && {sister}", "L3", "",
                     "{item.brand} is the sister label of {query.brand}.")],
              priority=0, yields_to=("R12",), evidence=("attributes", "title", "image")),
    ]  # fmt: skip


def _fit_rules() -> list[dict[str, Any]]:
    def asks(who: str) -> str:
        words = ", ".join(f'"{word}"' for word in AUDIENCE_WORDS[who])
        return f"mentions_any(query.text, [{words}])"

    return [
        _rule("R06", "Made for other people",
              "What is cut for other people than those named is a mismatch. Unisex items fit everybody.",
              "audience", f'has(item.audience) && item.audience != "unisex" && {_SAME_KIND}',
              [_step(f'{asks(who)} && item.audience != "{who}"', "L2", "audience",
                     "Made for {item.audience}, asked for " + who + ".") for who in AUDIENCE_WORDS]),
        _rule("R07", "Another size", "A size that is named must be the item's own: sizes do not round.", "size",
              f"has(query.size) && has(item.size) && {_SAME_KIND}",
              [_step("number(query.size) != number(item.size)", "L2", "size",
                     "Size {item.size}, asked for {query.size}."),
               _step("lower(query.size) != lower(item.size)", "L2", "size",
                     "Size {item.size}, asked for {query.size}.")], evidence=("attributes", "title")),
    ]  # fmt: skip


def _kind_rules() -> list[dict[str, Any]]:
    ruled_out = " || ".join(
        f'mentions(query.text, "{word} " + item.material)' for word in ("without", "no", "not")
    )
    return [
        _rule("R08", "An accessory for the main thing",
              "Who asks for a thing does not want what is only used with it: a strap for the watch, a case for the phone.",
              "component", f"has(item.accessory_for) && !mentions_any(query.text, {_ACCESSORIES})",
              [_step('query.category == item.accessory_for || same_family(query.head, item.accessory_for, "categories")',
                     "L1", "component", "A {item.category} is an accessory of {item.accessory_for}.")], priority=20),
        _rule("R09", "Material named or ruled out",
              "A material that is named must be the item's; one that is ruled out must not. Trust title and details over "
              "structured attributes.", "material", f"has(item.material) && {_SAME_KIND}",
              [_step(ruled_out, "L2", "material", "The query rules {item.material} out."),
               _step(f"!{_NEGATES} && !mentions(query.text, item.material)"
                     f" && {_MATERIALS}.exists(m, mentions(query.text, m))",
                     "L2", "material", "Made of {item.material}; the query names another material.")]),
        _rule("R15", "Another kind of thing",
              "Who names a kind of thing is not served by another. A kind that stands near it (a stool for a chair) is the "
              "right sort of thing and still the wrong one; any other is beside the point.", "category",
              f"has(query.category) && has(item.category) && !{_SAME_KIND}",
              [_step('same_family(query.category, item.category, "groups")', "L2", "category",
                     "A {item.category} is near a {query.category}, and another thing."),
               _step("true", "L1", "category", "The query asks for {query.category}, the item is {item.category}.")],
              yields_to=("R08",)),
    ]  # fmt: skip


def _offer_rules() -> list[dict[str, Any]]:
    def season(asked: str, made: str) -> str:
        return f'mentions(query.text, "{asked}") && item.season == "{made}"'

    limit = "first_number(query.text)"
    over = f"item.price > {limit}"
    tenth = f"within_percent(item.price, {limit}, 10)"
    return [
        _rule("R10", "The other season", "What is made for the other season is a mismatch.", "season",
              f"has(item.season) && {_SAME_KIND}",
              [_step(f"({season('summer', 'winter')}) || ({season('winter', 'summer')})", "L2", "season",
                     "Made for {item.season}.")], evidence=("image", "title", "attributes")),
        _rule("R11", "Over the price limit",
              "More than a tenth over the limit is a mismatch.", "price", f"{_PRICE} && {_SAME_KIND}",
              [_step(f"{over} && !{tenth}", "L2", "price", "{item.price} is over the limit.")],
              evidence=("attributes",)),
        _rule("R12", "How many in the set",
              "Fewer than asked for is a mismatch; more is a partial match.", "quantity",
              f"has(query.quantity) && {_SAME_KIND}",
              [_step("item.set_size < query.quantity", "L2", "quantity",
                     "{item.set_size} in the set, asked for {query.quantity}."),
               _step("item.set_size > query.quantity", "L3", "",
                     "{item.set_size} in the set, more than the {query.quantity} asked for.")], priority=0),
    ]  # fmt: skip


def _near_rules() -> list[dict[str, Any]]:
    """What is nearly met: below every mismatch, so that one of those decides where both fire."""
    limit = "first_number(query.text)"
    return [
        _rule("R13", "Made for all the year", "Made for all the year is a partial match.", "season",
              f"has(item.season) && {_SAME_KIND}",
              [_step('mentions_any(query.text, ["for summer", "for winter"]) && item.season == "all year"', "L3", "",
                     "Made for all the year.")], priority=0, yields_to=("R12",), evidence=("image", "title", "attributes")),
        _rule("R14", "Just over the price limit",
              "Up to a tenth over the limit is a partial match: 44 under a limit of 40.", "price",
              f"{_PRICE} && {_SAME_KIND}",
              [_step(f"item.price > {limit} && within_percent(item.price, {limit}, 10)", "L3", "",
                     "{item.price} is over the limit by a tenth at most.")], priority=0, yields_to=("R12",),
              evidence=("attributes",)),
        _rule("R16", "Another look", "A look that is named is a wish: another look is a partial match.", "style",
              f"has(item.style) && {_SAME_KIND}",
              [_step(f"{_STYLES}.exists(s, mentions(query.text, s)) && !mentions(query.text, item.style)", "L3", "",
                     "{item.style} in look; the query names another.")], priority=0, yields_to=("R12",),
              evidence=("title", "attributes", "image")),
    ]  # fmt: skip
