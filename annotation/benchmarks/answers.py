"""Answers over HTTP: pace, saturation, exact overlap, and whether a hundred times as many open subjects cost more."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from annotation.benchmarks.scene import Scene
from annotation.models import Campaign

PEOPLE, PACE = 32, 100.0
GENERATOR = Path(__file__).with_name("generator.py")
DOUBLE_SQL = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM annotation_judgment j JOIN annotation_slot s ON s.id = j.slot_id
            WHERE s.campaign_id = ANY(%(campaigns)s) GROUP BY j.slot_id HAVING count(*) > 1) doubled),
       (SELECT count(*) FROM (SELECT 1 FROM annotation_slot WHERE campaign_id = ANY(%(campaigns)s)
            AND person_id IS NOT NULL GROUP BY annotation_task_id, person_id HAVING count(*) > 1) twice),
       (SELECT count(*) FROM annotation_judgment j JOIN annotation_slot s ON s.id = j.slot_id
            WHERE s.campaign_id = ANY(%(campaigns)s)),
       (SELECT count(*) FROM annotation_slot s WHERE s.campaign_id = ANY(%(campaigns)s) AND s.state = 'done')
"""
OVERLAP_SQL = """
SELECT count(*) FROM annotation_annotationtask task WHERE task.campaign_id = %(campaign)s AND %(redundancy)s <>
    (SELECT count(DISTINCT j.person_id) FROM annotation_judgment j JOIN annotation_slot s ON s.id = j.slot_id
     WHERE s.annotation_task_id = task.id)
"""


@dataclass(frozen=True)
class Part:
    """What one phase of the generator found; latencies in milliseconds, sorted."""

    seconds: float
    latencies: list[float]
    errors: int
    first_error: list[str]

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def at(self, share: float) -> float:
        rows = self.latencies
        return rows[min(len(rows) - 1, int(share * len(rows)))] if rows else float("nan")


def phase(name: str, scene: Scene, campaign: Campaign, seconds: float, rate: float = 0.0) -> dict[str, Any]:
    """A part of the generator's plan: `rate` answers a second over all people, or as fast as they can (0)."""
    path = f"/c/{scene.corpus.slug}/annotation/campaigns/{campaign.pk}/"
    return {"name": name, "campaign": path, "seconds": seconds, "rate": rate}


def generate(base: str, scene: Scene, phases: Sequence[dict[str, Any]]) -> list[Part]:
    """Run phases one after the other in a generator process."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(
            {"base": base, "sessions": [key for _, key in scene.sessions], "phases": list(phases)}, file
        )
        file.flush()
        done = subprocess.run([sys.executable, str(GENERATOR), file.name], stdout=subprocess.PIPE, check=True)
    return [
        Part(row["seconds"], sorted(row["latencies"]), row["errors"], row["first_error"])
        for row in json.loads(done.stdout)
    ]


def pooled(parts: Sequence[Part]) -> Part:
    return Part(
        sum(part.seconds for part in parts),
        sorted(x for part in parts for x in part.latencies),
        sum(part.errors for part in parts),
        [error for part in parts for error in part.first_error],
    )


def ratio_of(many: Sequence[Part], few: Sequence[Part]) -> float:
    """Median of the blocks' ratios: blocks that ran side by side share the machine's noise."""
    return statistics.median(a.at(0.5) / b.at(0.5) for a, b in zip(many, few, strict=True))


def exactness(campaigns: Sequence[Campaign]) -> tuple[int, int, int, int]:
    """(slots answered twice, people given a subject twice, answers, slots done) of campaigns."""
    with connection.cursor() as cursor:
        cursor.execute(DOUBLE_SQL, {"campaigns": [campaign.pk for campaign in campaigns]})
        row = cursor.fetchone()
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def overlap_missed(campaign: Campaign) -> int:
    """Subjects of an emptied campaign that were not judged by exactly `redundancy` different people."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLAP_SQL, {"campaign": campaign.pk, "redundancy": campaign.redundancy})
        return int(cursor.fetchone()[0])
