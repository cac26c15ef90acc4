"""A made-up shop for the benchmark: rules over plain fields, and queries and items that they meet now and then."""

import random
from typing import Any

from rules.language import nodes as n
from rules.language.parser import parse

BRANDS = [f"brand{x}" for x in range(60)]
KINDS = [f"kind{x}" for x in range(40)]
COLOURS = ["red", "blue", "green", "black", "white", "grey", "brown", "pink"]
SIZES = ["S", "M", "L", "XL"]
Form = dict[str, Any]


def query(dice: random.Random) -> dict[str, Any]:
    """Every field is there, so that engines without a notion of unknown can answer, too."""
    kind, brand, colour = dice.choice(KINDS), dice.choice(BRANDS), dice.choice(COLOURS)
    return {
        "text": f"{colour} {brand} {kind}", "category": kind, "brand": brand, "color": colour,
        "size": dice.choice(SIZES), "price": float(dice.randrange(10, 200)), "quantity": dice.randrange(1, 7),
    }  # fmt: skip


def item(dice: random.Random) -> dict[str, Any]:
    kind, brand, colour = dice.choice(KINDS), dice.choice(BRANDS), dice.choice(COLOURS)
    return {
        "title": f"{brand} {kind} in {colour}, model {dice.randrange(900)}", "category": kind, "brand": brand,
        "color": colour, "size": dice.choice(SIZES), "price": float(dice.randrange(5, 250)),
        "pack": dice.randrange(1, 9), "stock": dice.random() < 0.8,
    }  # fmt: skip


def plain_rules(count: int) -> list[Form]:
    """Rules whose conditions other engines can run as well: a scope for one kind of thing and a ladder of three steps."""
    dice = random.Random(7)
    return [_plain(number, dice) for number in range(count)]


def _plain(number: int, dice: random.Random) -> Form:
    kind, limit = KINDS[number % len(KINDS)], dice.randrange(20, 180)
    few = ", ".join(f'"{name}"' for name in dice.sample(COLOURS, 3))
    scope = (
        f'query.category == "{kind}"',
        f'query.category == "{kind}" && item.category == "{kind}"',
        f'query.brand == "{BRANDS[number % len(BRANDS)]}"',
        f'item.category == "{kind}" && query.price < {limit}.0',
    )[number % 4]
    ladder = [
        ("query.brand != item.brand && item.price > query.price", "L2", "brand"),
        (f"query.color != item.color && !(item.color in [{few}])", "L3", ""),
        (f"item.price <= {limit}.0 || item.pack == query.quantity", "L4", ""),
    ]
    return _form(number, scope, ladder)


def wordy_rules(count: int) -> list[Form]:
    """The plain ones with every fifth asking for words, as rulebooks do."""
    forms = plain_rules(count)
    for number in range(0, count, 5):
        kind = KINDS[number % len(KINDS)]
        ladder = [
            ("mentions(item.title, query.brand) && !mentions(item.title, query.color)", "L3", ""),
            ("word_overlap(query.text, item.title) < 0.4", "L1", ""),
            (
                "within_percent(item.price, query.price, 10) && lower(query.size) == lower(item.size)",
                "L4",
                "",
            ),
        ]
        forms[number] = _form(number, f'mentions(query.text, "{kind}")', ladder)
    return forms


def _form(number: int, scope: str, ladder: list[tuple[str, str, str]]) -> Form:
    return {
        "code": f"B{number:03d}", "title": f"Rule {number}", "scope": scope, "priority": number % 5,
        "ladder": [{"when": when, "grade": grade, "dimension": dimension, "reason": "{item.title}"}
                   for when, grade, dimension in ladder],
    }  # fmt: skip


def as_zen(source: str) -> str:
    """A plain condition as ZEN writes it."""
    return _zen(parse(source))


def _zen(node: n.Node) -> str:
    match node:
        case n.Logic():
            return "(" + (" and " if node.op == "&&" else " or ").join(map(_zen, node.parts)) + ")"
        case n.Unary(op="!"):
            return f"not ({_zen(node.arg)})"
        case n.Binary():
            return f"({_zen(node.left)} {node.op} {_zen(node.right)})"
    return node.source
