"""Scoring a file of pairs: grouped by query for the cache and the model server, given back in the file's order."""

import csv
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.services.relevance import MOST_ITEMS, Answer, ItemVerdict, relevance_answer
from training_bridge.models import ModelVersion
from webapp.common.errors import Invalid
from webapp.common.models import Corpus

COLUMNS = ["query", "product_id", "grade", "p1", "p2", "p3", "p4", "dimension", "tier", "model", "release"]
Say = Callable[[int, int], None]


@dataclass(frozen=True)
class PairsFile:
    """A CSV with the columns query and product_id (others are left alone)."""

    path: Path

    def rows(self) -> list[tuple[str, str]]:
        """(query, product id) in the file's order. Raises Invalid naming the line that cannot be read."""
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as lines:
                return self._read(csv.DictReader(lines))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise Invalid(f"{self.path} cannot be read: {error}", code="pairs") from error

    def _read(self, reader: "csv.DictReader[str]") -> list[tuple[str, str]]:
        missing = {"query", "product_id"} - set(reader.fieldnames or ())
        if missing:
            raise Invalid(f"{self.path} lacks the column {' and '.join(sorted(missing))}.", code="pairs")
        found = []
        for row in reader:
            query, product = (row["query"] or "").strip(), (row["product_id"] or "").strip()
            if not query or not product or len(query) > 500:
                raise Invalid(
                    f"{self.path} line {reader.line_num}: a query of 1 to 500 characters and a product id are needed.",
                    code="pairs",
                )
            found.append((query, product))
        return found


def score_rows(
    corpus: Corpus,
    rows: Sequence[tuple[str, str]],
    model: ModelVersion,
    *,
    say: Say = lambda done, total: None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of COLUMNS in the order given, and the unknown products, each once in the order met."""
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for query, product in rows:
        wanted[query][product] = None
    found: dict[tuple[str, str], dict[str, Any]] = {}
    unknown: dict[str, None] = {}
    for done, (query, products) in enumerate(wanted.items(), 1):
        held = list(products)
        for start in range(0, len(held), MOST_ITEMS):
            part = held[start : start + MOST_ITEMS]
            answer = relevance_answer(corpus=corpus, text=query, products=part, model=model, log=False)
            unknown |= dict.fromkeys(answer.unknown)
            found |= {(query, item.product_id): _row(query, item, answer) for item in answer.items}
        say(done, len(wanted))
    return [found[pair] for pair in rows], list(unknown)


def _row(query: str, item: ItemVerdict, answer: Answer) -> dict[str, Any]:
    odds = item.probabilities or ("", "", "", "")
    return {
        "query": query,
        "product_id": item.product_id,
        "grade": item.grade.name if item.grade else "",
        **{f"p{level}": f"{p:.6f}" if isinstance(p, float) else "" for level, p in enumerate(odds, 1)},
        "dimension": item.dimension,
        "tier": item.tier,
        "model": answer.model.number if item.known else "",
        "release": answer.release.number if item.known else "",
    }
