"""Lists and dashboards over a corpus of that size: how long, and with how many queries."""

import statistics
import time
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client

from annotation.benchmarks.scene import BACKEND, Scene
from annotation.models import Campaign
from webapp.common.models import Membership, Role

TIMES = 3
PAGES = (
    "annotation/", "annotation/campaigns/", "annotation/campaigns/{campaign}/", "annotation/history/",
    "annotation/agreement/", "annotation/adjudication/", "annotation/triage/", "annotation/exports/",
)  # fmt: skip
ENDPOINTS = (
    "campaigns/", "judgments/", "judgments/?campaign={campaign}", "judgments/?standing=1", "rankings/",
)  # fmt: skip


@dataclass(frozen=True)
class Page:
    """Median milliseconds and the queries of one answer."""

    path: str
    status: int
    milliseconds: float
    queries: int


def pages(scene: Scene, campaign: Campaign) -> list[Page]:
    """Each list and dashboard as a reviewer who also administers the corpus opens it, the first time aside."""
    Membership.objects.get_or_create(user=scene.admin, corpus=scene.corpus, role=Role.REVIEWER)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(scene.admin, backend=BACKEND)
    paths = [f"/c/{scene.corpus.slug}/{path}" for path in PAGES]
    paths += [f"/api/v1/corpora/{scene.corpus.slug}/{path}" for path in ENDPOINTS]
    return [_page(client, path.format(campaign=campaign.pk)) for path in paths]


def _page(client: Client, path: str) -> Page:
    times, queries, status = [], 0, 0

    def counted(execute: Any, *args: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(*args)

    for turn in range(TIMES + 1):
        queries, start = 0, time.perf_counter()
        with connection.execute_wrapper(counted):
            status = client.get(path).status_code
        if turn:
            times.append((time.perf_counter() - start) * 1000)
    return Page(path, status, statistics.median(times), queries)
