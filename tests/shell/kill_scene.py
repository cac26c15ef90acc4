"""The scenes of the kill tests, run as a program beside the site: `python -m tests.shell.kill_scene WHAT FOLDER`."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from django.conf import settings
from django.test import Client

from annotation.models import Campaign, Judgment, Slot
from annotation.services import campaign_create, campaign_open
from catalog.models import Item, Pair, SettledVerdict
from catalog.services import import_start
from rules.models import Publication, Release, ReleaseAcknowledgement
from training_bridge.models import ModelVersion, TrainingJob, Turn
from training_bridge.services import turn_start
from webapp.common.events import events_deliver
from webapp.common.jobs import job_run
from webapp.common.models import Corpus, Job, User
from webapp.common.services import api_key_create, corpus_create, membership_set

QUERIES, ITEMS, PER_QUERY, PEOPLE = 40, 400, 10, 4
MANY_QUERIES, MANY_ITEMS, MANY_PER_QUERY = 1500, 3000, 20
KINDS = ("lamp", "chair", "mug", "shirt", "phone", "shoe", "clock", "radio")


def shop(folder: Path, queries: int, items: int, each: int) -> Path:
    """A small shop as CSV: kinds that match or do not."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "products.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["product_id", "title", "brand", "category"])
        rows.writerows(
            [f"p{n}", f"Brand{n % 7} {KINDS[n % 8]} {n}", f"Brand{n % 7}", KINDS[n % 8]] for n in range(items)
        )
    with (folder / "queries.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["query_id", "query"])
        rows.writerows([f"q{n}", f"{KINDS[n % 8]} number {n}"] for n in range(queries))
    with (folder / "labels.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["query_id", "product_id", "grade"])
        for n in range(queries):
            for k in range(each):
                item = (n * 13 + k) % items
                rows.writerow([f"q{n}", f"p{item}", 3 if item % 8 == n % 8 else 0])
    return folder


def set_scene(folder: Path) -> dict[str, object]:
    """A corpus with a little data, an annotator with a key, an open campaign, and the jobs that will be disturbed."""
    admin = User.objects.create_user("admin@kill.example", "Admin", None)
    corpus = corpus_create(slug="kill", name="Kill", actor=admin)
    keys = [_annotator_key(corpus, admin, number) for number in range(PEOPLE)]
    first = import_start(
        corpus=corpus, path=shop(folder / "small", QUERIES, ITEMS, PER_QUERY), format="csv", actor=admin
    )
    assert job_run(first.pk) == "done"
    while events_deliver():
        pass
    pairs = Pair.objects.filter(corpus=corpus)
    campaign = campaign_create(corpus=corpus, name="burst", actor=admin, pairs=pairs)
    campaign_open(campaign=campaign, actor=admin)
    other = corpus_create(slug="large", name="Large", actor=admin)
    large = shop(folder / "large", MANY_QUERIES, MANY_ITEMS, MANY_PER_QUERY)
    import_start(corpus=other, path=large, format="csv", actor=admin)
    turn = turn_start(corpus=corpus, actor=admin, recipe="sample")
    short = {
        "stages": ["sft"],
        "rows": turn.recipe_content["rows"] | {"knowledge": 1200, "reasoned_share": 0.2},
    }
    short["sft"] = turn.recipe_content["sft"] | {"batch_size": 16, "save_steps": 10}
    short["evaluate"] = turn.recipe_content["evaluate"] | {"reasoned": False}
    Turn.objects.filter(pk=turn.pk).update(recipe_content=turn.recipe_content | short)
    return {"campaign": campaign.pk, "keys": keys}


def _annotator_key(corpus: Corpus, admin: User, number: int) -> str:
    user = User.objects.create_user(f"annotator{number}@kill.example", f"Annotator {number}", None)
    membership_set(corpus=corpus, user=user, roles=["annotator"], actor=admin)
    return api_key_create(corpus=corpus, user=user, role="annotator", name="burst")[1]


def tally() -> dict[str, object]:
    """What stands: exact counts, and how each job ended."""
    large, kill = Corpus.objects.get(slug="large"), Corpus.objects.get(slug="kill")
    campaign = Campaign.objects.get(corpus=kill)
    return {
        "unfinished": Job.objects.exclude(state__in=["done", "failed", "cancelled"]).count(),
        "jobs": sorted(f"{job.kind} {job.state} {job.error[:300]}" for job in Job.objects.all()),
        "failed": Job.objects.filter(state="failed").count(),
        "items": Item.objects.filter(corpus=large).count(),
        "pairs": Pair.objects.filter(corpus=large).count(),
        "settled": SettledVerdict.objects.filter(pair__corpus=large).count(),
        "judgments": Judgment.objects.filter(corpus=kill, origin="api").count(),
        "slots": list(Slot.objects.filter(campaign=campaign).values_list("state", flat=True)).count("done"),
        "counter": campaign.slots_done,
        "models": ModelVersion.objects.filter(corpus=kill).count(),
        "training": TrainingJob.objects.filter(corpus=kill).count(),
    }


def set_desk(folder: Path) -> dict[str, object]:
    """A corpus, an open campaign of forty pairs and somebody signed in to judge them."""
    admin = User.objects.create_user("admin@kill.example", "Admin", None)
    corpus = corpus_create(slug="kill", name="Kill", actor=admin)
    person = User.objects.create_user("annotator@kill.example", "Annotator", None)
    membership_set(corpus=corpus, user=person, roles=["annotator"], actor=admin)
    job = import_start(corpus=corpus, path=shop(folder / "desk", 8, 40, 5), format="csv", actor=admin)
    assert job_run(job.pk) == "done"
    release = Release.objects.create(corpus=corpus, number=1, state=Release.State.PUBLISHED)
    Publication.objects.create(corpus=corpus, release=release)
    ReleaseAcknowledgement.objects.create(release=release, person=person)
    campaign = campaign_create(
        corpus=corpus, name="burst", actor=admin, pairs=Pair.objects.filter(corpus=corpus), blind_share=1.0
    )
    campaign_open(campaign=campaign, actor=admin)
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    name = settings.SESSION_COOKIE_NAME
    return {"campaign": campaign.pk, "cookie": {"name": name, "value": client.cookies[name].value}}


def desk() -> dict[str, object]:
    """What came of it: the answers in the order of the ledger, and what the campaign counts."""
    rows = Judgment.objects.order_by("at").values_list("slot_id", "grade")
    return {
        "answers": [[str(slot), str(grade)] for slot, grade in rows],
        "counter": Campaign.objects.get().slots_done,
    }


SCENES: dict[str, Callable[[Path], dict[str, object]]] = {
    "set": set_scene,
    "tally": lambda _: tally(),
    "set_desk": set_desk,
    "desk": lambda _: desk(),
}

if __name__ == "__main__":
    place = Path(sys.argv[2])
    result = SCENES[sys.argv[1]](place)
    (place / f"{sys.argv[1]}.json").write_text(json.dumps(result))
