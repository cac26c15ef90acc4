"""A rulebook over a whole corpus: from nothing, and after one rule's edit."""

import random
import resource
import time
from typing import Any

import numpy as np
import pyarrow as pa

from rules.benchmarks import shop
from rules.engine import compile_rulebook

PAIRS_A_QUERY, PAIRS_AN_ITEM = 100, 20


def measure(rules: int, pairs: int) -> list[dict[str, Any]]:
    """Seconds and memory for `pairs` x `rules`; texts are matched in every fifth rule."""
    dice = random.Random(3)
    queries = pa.Table.from_pylist([shop.query(dice) for _ in range(max(10, pairs // PAIRS_A_QUERY))])
    items = pa.Table.from_pylist([shop.item(dice) for _ in range(max(20, pairs // PAIRS_AN_ITEM))])
    pick = np.random.default_rng(5)
    rows = (pick.integers(0, queries.num_rows, pairs), pick.integers(0, items.num_rows, pairs))
    forms = shop.wordy_rules(rules)
    started = time.perf_counter()
    first = compile_rulebook(forms).evaluate_table(queries, items, rows)
    whole = time.perf_counter() - started
    forms[3] = {
        **forms[3],
        "ladder": [{"when": "query.size != item.size", "grade": "L2", "dimension": "size"}],
    }
    known = {code: fired for code, fired in first.fired.items() if code != forms[3]["code"]}
    started = time.perf_counter()
    compile_rulebook(forms).evaluate_table(queries, items, rows, known)
    edited = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fired = sum(len(found.rows) for found in first.fired.values())
    return [
        {"name": f"{pairs:,} pairs x {rules} rules, s", "figure": f"{whole:.2f}",
         "against": f"under 60 for a million; {fired:,} firings"},
        {"name": "  after one rule's edit, s", "figure": f"{edited:.2f}", "against": "under 3"},
        {"name": "  the process's memory at its highest, MB", "figure": f"{peak:,.0f}", "against": "under 2,000"},
    ]  # fmt: skip
