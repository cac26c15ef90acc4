"""Writes the synthetic shop into a folder, the same bytes for the same seed."""

import csv
import json
import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from catalog.sample.intents import Intent, intents_make, lexicon
from catalog.sample.items import Item, items_make
from catalog.sample.pairs import JudgedPair, pairs_pick
from catalog.sample.people import rankings_make, ratings_make
from catalog.sample.pictures import pictures_write
from catalog.sample.rulebook import rulebook

README = """A synthetic shop: made by this project's own program, the project's own work.
Every item, brand, person, query, judgment and picture is made up. Licence: CC0 1.0 (public domain).

queries.csv            query_id, query, traffic (searches a month)
products.csv           product_id, title, description, brand, category, color, size, material, price, image_path,
                       attributes_json (audience, season, style, set_size, accessory_for, good_for), department.
                       An empty color or category: only the picture tells.
images/                one picture an item, named by product_id
ratings_by_rater.csv   query_id, product_id, rater, grade (0 to 3: L1 to L4), dimension, picture_decided, seconds
labels.csv             query_id, product_id, grade, dimension, picture_decided, truth_capability.
                       truth_capability is for tests alone: training must not read it.
rankings.jsonl         query_id, product_id, rater, reasonings [{steps, grade, dimension, rules_cited}],
                       tiers (places in `reasonings`, from 0, best first), seconds
rulebook.json          tables, level_definitions, dimensions, rules
lexicon.json           facet -> value -> spellings
"""


def build_sample(out: Path, seed: int = 7) -> None:
    """Write the shop into `out` (made if missing); files of that name are replaced. README says what each holds."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    items = items_make(random.Random(f"{seed} items"))
    intents = intents_make(random.Random(f"{seed} queries"), items)
    pairs = pairs_pick(random.Random(f"{seed} pairs"), intents, items)
    _csv(out / "queries.csv", map(_query_row, intents))
    _csv(out / "products.csv", map(_item_row, items))
    _csv(out / "labels.csv", map(_label_row, pairs))
    _csv(out / "ratings_by_rater.csv", ratings_make(random.Random(f"{seed} ratings"), pairs))
    with (out / "rankings.jsonl").open("w", encoding="utf-8", newline="\n") as stream:
        for row in rankings_make(random.Random(f"{seed} rankings"), pairs):
            stream.write(json.dumps(row) + "\n")
    _json(out / "rulebook.json", rulebook())
    _json(out / "lexicon.json", lexicon())
    (out / "README.txt").write_text(README, encoding="utf-8", newline="\n")
    pictures_write(items, out / "images", random.Random(f"{seed} pictures"))


def _query_row(intent: Intent) -> dict[str, Any]:
    return {"query_id": intent.id, "query": intent.text, "traffic": intent.traffic}


def _item_row(item: Item) -> dict[str, Any]:
    more = {
        "audience": item.audience, "season": item.season, "style": item.style, "set_size": item.count,
        "accessory_for": item.kind.accessory_for, "good_for": item.use,
    }  # fmt: skip
    return {
        "product_id": item.id, "title": item.title, "description": item.description, "brand": item.brand,
        "category": "" if item.kind_silent else item.kind.name,
        "color": "" if item.color_silent else item.color.name,
        "size": item.size, "material": item.material, "price": f"{item.price:.2f}",
        "image_path": f"images/{item.id}.jpg",
        "attributes_json": json.dumps({name: value for name, value in more.items() if value}),
        "department": item.kind.department,
    }  # fmt: skip


def _label_row(pair: JudgedPair) -> dict[str, Any]:
    truth = pair.truth
    return {
        "query_id": pair.intent.id, "product_id": pair.item.id, "grade": truth.grade - 1,
        "dimension": truth.dimension, "picture_decided": int(truth.capability == "visual"),
        "truth_capability": truth.capability,
    }  # fmt: skip


def _csv(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(stream, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)


def _json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")
