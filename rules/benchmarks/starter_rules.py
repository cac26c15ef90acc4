"""A real rulebook's own rules as an editor meets them: each counted alone over many pairs, first and once more typed."""

import random
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from rules.engine import compile_rulebook
from rules.starter import load

ITEMS, TITLE_WORDS, DESCRIPTION_WORDS = 20_000, 12, 90


Shop: TypeAlias = tuple[pa.Table, pa.Table, tuple[Any, Any]]
Taken: TypeAlias = dict[str, float]


def measure(pairs: int) -> list[dict[str, Any]]:
    """Milliseconds of every Chorus rule by itself: each in a process of its own, first over a corpus of which nothing is
    kept, then over one that was counted before; and all in one process, after a keystroke.
    """
    book = load("chorus")
    shop = _shop(book, pairs)
    with tempfile.TemporaryDirectory() as folder:
        new, kept = (_apart(book, shop, Path(folder)) for _ in range(2))
        typed = _typed(book, shop, Path(folder))
    name = f"Chorus's {len(typed)} rules on {pairs:,} pairs, each"
    return [
        {"name": f"{name} after a keystroke, ms", **_figures(typed)},
        {"name": f"{name} first in a process, ms", **_figures(kept)},
        {"name": f"{name} first over a corpus, ms", **_figures(new, "once a corpus version")},
    ]  # fmt: skip


def _apart(book: dict[str, Any], shop: Shop, folder: Path) -> Taken:
    """Each rule in a process that has counted nothing yet."""
    found: Taken = {}
    for form in book["rules"]:
        with get_context("fork").Pool(1) as pool:
            found[form["code"]] = pool.apply(_counted, (form, book["tables"], shop, folder))
    return found


def _typed(book: dict[str, Any], shop: Shop, folder: Path) -> Taken:
    found: Taken = {}
    for form in book["rules"]:
        _counted(form, book["tables"], shop, folder)
        ladder = [{**step, "when": f"({step['when']}) && size(query.text) > 1"} for step in form["ladder"]]
        found[form["code"]] = _counted({**form, "ladder": ladder}, book["tables"], shop, folder)
    return found


def _counted(form: dict[str, Any], tables: dict[str, Any], shop: Shop, folder: Path) -> float:
    started = time.perf_counter()
    compile_rulebook([{**form, "yields_to": []}], tables).evaluate_table(*shop, folder=folder)
    return (time.perf_counter() - started) * 1_000


def _figures(took: Taken, aim: str = "under 500") -> dict[str, str]:
    worst = max(took, key=took.__getitem__)
    median = sorted(took.values())[len(took) // 2]
    return {"figure": f"{median:.0f}", "against": f"{aim}; the worst, {worst}: {took[worst]:.0f}"}


def _shop(book: dict[str, Any], pairs: int) -> Shop:
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
