"""The annotation workbench measured as it is used: HTTP, several web workers, real PostgreSQL, a million open pairs.

Everything happens in a scratch database of the same server, which is dropped at the end. The load comes from a process of
its own; database, web server and generator share the machine, so the ratios hold and the absolute figures are this
machine's. Sizes scale: `--size 20000` takes a minute.
"""

import time
from typing import Any

from annotation.benchmarks import bulk
from annotation.benchmarks.answers import (
    PACE,
    PEOPLE,
    Part,
    exactness,
    generate,
    overlap_missed,
    phase,
    pooled,
    ratio_of,
)
from annotation.benchmarks.bare import transactions_a_second
from annotation.benchmarks.lists import pages
from annotation.benchmarks.scene import Scene, scene_make, settled, web_server
from annotation.models import Campaign
from annotation.services.quality import quality_compute
from webapp.common.scratch import scratch_database

SIZE = 1_000_000
BLOCKS = 5
# Label Studio 1.23 Community, 100,000 tasks, the same machine, PostgreSQL, 2 gunicorn workers, 8 clients
PEER_RATE, PEER_NEXT, PEER_SUBMIT, PEER_IMPORT, PEER_EXPORT = 4.4, 1224, 556, 3575, 100_000 / 194
Rows = list[dict[str, Any]]


def run(size: int = 0) -> Rows:
    """All figures over `size` open pairs (a million where it is 0)."""
    size = size or SIZE
    with scratch_database():
        scene = scene_make(size, PEOPLE)
        many = scene.campaign("Open", pairs=size)
        few = scene.campaign("Few", pairs=max(3000, size // 100))
        shared = scene.campaign("Three people each", pairs=max(200, size // 40), redundancy=3)
        settled()
        return [*_answers(scene, many, few, shared), *_bulk_and_lists(scene, many)]


def _answers(scene: Scene, many: Campaign, few: Campaign, shared: Campaign) -> Rows:
    seconds = 12.0 if scene.size >= SIZE else 4.0
    blocks = [
        phase(name, scene, campaign, seconds, PACE)
        for _ in range(BLOCKS)
        for name, campaign in (("many", many), ("few", few))
    ]
    with web_server() as base:
        warm, *found = generate(base, scene, [phase("warm", scene, many, seconds, 20), *blocks])
        fast, emptied = generate(
            base, scene, [phase("fast", scene, many, 2 * seconds), phase("emptied", scene, shared, 3600)]
        )
    at_pace, beside = found[::2], found[1::2]
    # nine people each where there are few pairs: pgbench must not run out of open slots
    plenty = many if scene.size >= 200_000 else scene.campaign("Bare", pairs=scene.size, redundancy=9)
    settled()
    bare = transactions_a_second(scene, plenty, 10 if scene.size >= SIZE else 3)
    parts = [warm, *found, fast, emptied]
    return [
        *_pace(pooled(at_pace)),
        {"name": f"p50 with {scene.size:,} open pairs beside {few.slots_total:,}",
         "figure": f"{ratio_of(at_pace, beside):.2f}", "against": "under 1.30 times"},
        *_saturation(fast, bare),
        *_exact(parts, many, few, shared, bare is not None and plenty is many),
    ]  # fmt: skip


def _pace(found: Part) -> Rows:
    behind = "" if found.rate > 0.9 * PACE else f" (the machine gave {found.rate:.0f} answers/s)"
    peer = f"Label Studio, 8 clients: next {PEER_NEXT:,} + submit {PEER_SUBMIT} ms"
    return [
        {"name": f"{PEOPLE} annotators, {PACE:.0f} answers/s open loop, with the next subject: p50 ms",
         "figure": f"{found.at(0.5):.1f}", "against": peer + behind},
        {"name": "  p99 ms, from the moment an answer was due", "figure": f"{found.at(0.99):.1f}", "against": "under 100"},
    ]  # fmt: skip


def _saturation(fast: Part, bare: float | None) -> Rows:
    share = f"{fast.rate / bare:.0%} of it" if bare else "no pgbench here"
    return [
        {"name": "answers/s at saturation, database and generator beside it", "figure": f"{fast.rate:.0f}",
         "against": f"150; Label Studio {PEER_RATE}"},
        {"name": "  the same transaction in pgbench, 8 clients", "figure": f"{bare or 0:,.0f}", "against": share},
    ]  # fmt: skip


def _exact(parts: list[Part], many: Campaign, few: Campaign, shared: Campaign, by_hand: bool) -> Rows:
    whole = pooled(parts)
    # pgbench has answered slots of `many` as well, without a web server: they are held to the same
    twice, again, answers, done = exactness([many, few, shared])
    missed = overlap_missed(shared)
    sent = len(whole.latencies)
    counted = answers == done and (by_hand or done == sent)
    return [
        {"name": f"answers that were refused or lost, of {sent:,}", "figure": str(whole.errors),
         "against": whole.first_error[0] if whole.first_error else "0"},
        {"name": f"double assignments over {answers:,} answers", "figure": str(twice + again),
         "against": "0" if counted else f"0, but {answers:,} answers for {done:,} slots"},
        {"name": f"of {shared.slots_total // 3:,} subjects, those not judged by exactly {shared.redundancy} people",
         "figure": str(missed), "against": "0"},
    ]  # fmt: skip


def _bulk_and_lists(scene: Scene, campaign: Campaign) -> Rows:
    judged = scene.campaign("Judged", pairs=scene.size)
    scene.judge_all(judged)
    settled()
    start = time.perf_counter()
    answers = quality_compute(corpus=scene.corpus)["answers"]
    return [
        {"name": f"the job that works out the figures of quality, over {answers:,} answers",
         "figure": f"{time.perf_counter() - start:.1f} s", "against": ""},
        *bulk.rows(scene, PEER_IMPORT, PEER_EXPORT),
        *_pages(scene, judged),
    ]  # fmt: skip


def _pages(scene: Scene, judged: Campaign) -> Rows:
    return [
        {"name": page.path.removeprefix("/c/bench"), "figure": f"{page.milliseconds:.0f} ms",
         "against": f"under 200; {page.queries} queries" + ("" if page.status == 200 else f"; STATUS {page.status}")}
        for page in pages(scene, judged)
    ]  # fmt: skip
