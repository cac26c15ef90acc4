"""A real rulebook's own rules as an editor meets them: each counted alone over many pairs, first and once more typed."""

import random
import time
from typing import Any

import numpy as np
import pyarrow as pa

from rules.engine import compile_rulebook
from rules.starter import load

ITEMS, TITLE_WORDS, DESCRIPTION_WORDS = 20_000, 12, 90


def measure(pairs: int) -> list[dict[str, Any]]:
    """Milliseconds of every Chorus rule: the first count of a process, in the book's order, and after a keystroke."""
    book = load("chorus")
    queries, items, rows = _shop(book, pairs)
    first, typed = dict[str, float](), dict[str, float]()
    for form in book["rules"]:
        alone = {**form, "yields_to": []}
        ladder = [{**step, "when": f"({step['when']}) && size(query.text) > 1"} for step in form["ladder"]]
        for figures, asked in ((first, alone), (typed, {**alone, "ladder": ladder})):
            started = time.perf_counter()
            compile_rulebook([asked], book["tables"]).evaluate_table(queries, items, rows)
            figures[form["code"]] = (time.perf_counter() - started) * 1_000
    name = f"Chorus's {len(typed)} rules on {pairs:,} pairs, each"
    return [
        {"name": f"{name} after a keystroke, ms", **_figures(typed)},
        {"name": f"{name} for the first time, ms", **_figures(first)},
    ]  # fmt: skip


def _figures(took: dict[str, float]) -> dict[str, str]:
    worst = max(took, key=took.__getitem__)
    median = sorted(took.values())[len(took) // 2]
    return {"figure": f"{median:.0f}", "against": f"under 500; the worst, {worst}: {took[worst]:.0f}"}


def _shop(book: dict[str, Any], pairs: int) -> tuple[pa.Table, pa.Table, tuple[Any, Any]]:
    """Queries of the rules' own examples, and items whose texts are made of the tables' words and of made-up ones."""
    dice, pick = random.Random(17), np.random.default_rng(19)
    words = [
        word for table in book["tables"].values() for family, few in table.items() for word in (family, *few)
    ]
    words += [f"word{at}" for at in range(20_000)]
    asked = [example["query"] for form in book["rules"] for example in form["examples"]]
    items = [_item(dice, words) for _ in range(min(ITEMS, max(100, pairs // 5)))]
    rows = pick.integers(0, len(asked), pairs), pick.integers(0, len(items), pairs)
    queries = {name: [fields.get(name) for fields in asked] for name in ("text", "brand")}
    return pa.table(queries), pa.Table.from_pylist(items), rows


def _item(dice: random.Random, words: list[str]) -> dict[str, str]:
    title, description = (" ".join(dice.choices(words, k=k)) for k in (TITLE_WORDS, DESCRIPTION_WORDS))
    return {"title": title, "description": description, "brand": dice.choice(words)}
