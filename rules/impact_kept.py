"""The impact of a release on a large corpus, as the last comparison found it: the result of its job on the ledger."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rules.corpus_table import corpus_revision
from rules.models import Release, ReleaseEntry
from rules.replay import replay_current
from rules.selectors import release_current
from webapp.common.models import Job

JOB = "rules.release_impact"
MOVED = {
    "base": "another release came into force",
    "content": "the release itself changed",
    "corpus": "the corpus changed",
    "replay": "a new replay set was frozen",
}


def impact_marks(release: Release) -> dict[str, Any]:
    """What a comparison was made of; where one of these is another by now, its outcome is out of date. Verdicts that
    people settled meanwhile are not among them: on a busy corpus no outcome would outlive its own page.
    """
    current, replay = release_current(release.corpus), replay_current(release.corpus)
    held = ReleaseEntry.objects.filter(release=release).order_by("rule_version_id")
    content = [
        list(held.values_list("rule_version_id", flat=True)), release.level_definitions, release.dimensions,
        release.tables,
    ]  # fmt: skip
    return {
        "base": current.pk if current else None,
        "content": hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20],
        "corpus": corpus_revision(release.corpus),
        "replay": replay.number if replay else None,
    }


@dataclass(frozen=True)
class ImpactKept:
    """What the last comparison found (see `Gate.body`), and what has moved since, in words."""

    job: Job
    found: Mapping[str, Any]
    moved: list[str]


def impact_last(release: Release) -> ImpactKept | None:
    """None where none has ended yet."""
    rows = _jobs(release).filter(state=Job.State.DONE, result__has_key="marks").order_by("-finished_at")
    job = rows.first()
    if job is None:
        return None
    then, now = job.result["marks"], impact_marks(release)
    return ImpactKept(job, job.result, [said for name, said in MOVED.items() if then.get(name) != now[name]])


def impact_under_way(release: Release) -> Job | None:
    """The comparison that waits or runs; else the newest one where that came to nothing."""
    job = _jobs(release).order_by("-created_at").first()
    waiting = _jobs(release).filter(state__in=[Job.State.QUEUED, Job.State.RUNNING]).order_by("created_at")
    return waiting.first() or (job if job and job.state != Job.State.DONE else None)


def _jobs(release: Release) -> Any:
    return Job.objects.filter(corpus=release.corpus_id, kind=JOB, arguments__release=release.pk)
