"""Imports measured: pairs a second beside raw COPY of the same rows, and memory at one size and at four times it.

Each import runs in a process of its own, through the same code as the site's, with a commit a chunk, in a scratch database.
The machine is shared by the import and its PostgreSQL: the ratios hold, the absolute figures are this machine's.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings

from webapp.common.scratch import child_environment, scratch_database

PAIRS, ITEMS, TIMES = 200_000, 2_000, 4
Figures = dict[str, float]


def run(size: int = 0) -> list[dict[str, Any]]:
    """Import `size` judged pairs from CSV, and four times as many, each in its own process; then COPY the same rows."""
    size = size or PAIRS
    with tempfile.TemporaryDirectory() as place, scratch_database():
        small, large = (_child(_folder(Path(place) / str(n), n), f"bench-{n}") for n in (size, size * TIMES))
    rate, whole, bare = (large[name] for name in ("rate", "whole", "bare"))
    grown = large["peak"] - small["peak"]
    return [
        {"name": f"pairs imported, validated and settled, a second ({size:,})", "figure": f"{small['rate']:,.0f}",
         "against": "20,000"},
        {"name": f"the same of {size * TIMES:,} pairs", "figure": f"{rate:,.0f}", "against": "20,000"},
        {"name": "raw COPY of these rows into the same tables", "figure": f"{whole:,.0f}",
         "against": f"import is {rate / whole:.2f} of it (aim .30)"},
        {"name": "raw COPY into one bare table", "figure": f"{bare:,.0f}", "against": f"import is {rate / bare:.2f} of it"},
        {"name": f"memory of the process at its highest, {size:,} pairs, MB", "figure": f"{small['peak']:.0f}",
         "against": f"{small['before']:.0f} before the import began"},
        {"name": f"the same, {size * TIMES:,} pairs, MB", "figure": f"{large['peak']:.0f}",
         "against": f"{grown:+.1f} MB for {TIMES} times the rows"},
        {"name": "own memory of its PostgreSQL process at its highest, MB", "figure": f"{small['server']:.0f}",
         "against": f"{large['server']:.0f} at {size * TIMES:,} pairs"},
        {"name": "load average of the machine at the end", "figure": f"{os.getloadavg()[0]:.1f}",
         "against": f"{os.cpu_count()} cores"},
    ]  # fmt: skip


def _child(folder: Path, slug: str) -> Figures:
    done = subprocess.run(
        [sys.executable, "-m", "catalog.benchmarks.child", str(folder), slug],
        env=child_environment(), cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _folder(folder: Path, size: int) -> Path:
    """A shop of `ITEMS` items, each judged once for each query, `size` pairs in all."""
    folder.mkdir()
    with (folder / "products.csv").open("w") as out:
        out.write("product_id,title\n")
        out.writelines(f"item-{n},Thing number {n}\n" for n in range(ITEMS))
    with (folder / "queries.csv").open("w") as out:
        out.write("query_id,query\n")
        out.writelines(f"query-{n},thing {n}\n" for n in range(-(-size // ITEMS)))
    with (folder / "labels.csv").open("w") as out:
        out.write("query_id,product_id,grade\n")
        out.writelines(f"query-{n // ITEMS},item-{n % ITEMS},{n % 4}\n" for n in range(size))
    return folder
