"""The rule engine measured beside two others on the same conditions, over a corpus, and through the pages an editor uses.

Sizes scale: `--size 20000` takes some seconds. Rows, rules and pages are made inside a transaction that is rolled back.
"""

from typing import Any

from rules.benchmarks import corpus_wide, one_pair, pages, starter_rules

SIZE = 1_000_000
RULES = 100


def run(size: int = 0) -> list[dict[str, Any]]:
    """All figures; `size` pairs corpus-wide (a million where it is 0), the rest in proportion."""
    size = size or SIZE
    share = min(1.0, size / SIZE)
    return [
        *one_pair.measure(RULES, pairs=max(40, int(400 * share))),
        *corpus_wide.measure(RULES, size),
        *starter_rules.measure(pairs=max(2_000, int(100_000 * share))),
        *pages.measure(pairs=max(2_000, int(100_000 * share)), rules=max(100, int(1_000 * share))),
    ]
