"""A shop of fifteen kinds with judged pairs, enough to train on in seconds; and the trainer at the process edge."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Item, ItemPayload, ItemVersion, Pair, Query, SettledVerdict
from rules.models import Publication, Release
from training_bridge.recipes import read_recipe
from training_bridge.runs import trainer
from webapp.common.models import Corpus, User

KINDS = (
    "dress",
    "phone case",
    "lamp",
    "kettle",
    "desk",
    "chair",
    "camera",
    "tripod",
    "mug",
    "rug",
    "sofa",
    "clock",
)
COLOURS = ("red", "blue", "green", "black")
FAKE = Path(__file__).parent / "fake_trainer.py"


@pytest.fixture
def release(corpus: Corpus) -> Release:
    """Release 0, external and in force: no rules."""
    found = Release.objects.create(corpus=corpus, number=0, external=True, dimensions=["colour"])
    Release.objects.filter(pk=found.pk).update(state=Release.State.PUBLISHED)
    Publication.objects.create(corpus=corpus, release=found)
    found.refresh_from_db()
    return found


@pytest.fixture
def judged(corpus: Corpus, release: Release) -> Corpus:
    """48 items, 24 queries ('red dress'), 96 settled pairs: L4 the same, L2 another colour, L1 another kind."""
    items = {(kind, colour): _item(corpus, kind, colour) for kind in KINDS for colour in COLOURS}
    for number, kind in enumerate(KINDS):
        for colour in COLOURS[:2]:
            query = Query.objects.create(
                corpus=corpus, text=f"{colour} {kind}", key=f"{colour} {kind}", facets={"color": colour}
            )
            other = KINDS[(number + 1) % len(KINDS)]
            settle(query, items[kind, colour], 4)
            settle(query, items[kind, "green"], 2, "colour")
            settle(query, items[kind, "black"], 2, "colour")
            settle(query, items[other, colour], 1)
    return corpus


def _item(corpus: Corpus, kind: str, colour: str) -> Item:
    item = Item.objects.create(corpus=corpus, external_id=f"{colour}-{kind}".replace(" ", "-"))
    version = ItemVersion.objects.create(
        item=item, content_hash=item.external_id, title=f"Acme {kind} {colour}", brand="Acme", category=kind
    )
    ItemPayload.objects.create(version=version, attributes={"color": colour})
    item.current = version
    item.save()
    return item


def settle(query: Query, item: Item, grade: int, dimension: str = "") -> Pair:
    pair = Pair.objects.create(corpus=query.corpus, query=query, item=item)
    SettledVerdict.objects.create(
        pair=pair, item_version=item.current, grade=grade, dimension=dimension, source="import"
    )
    return pair


@pytest.fixture
def fake_trainer(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Iterator[Path]:
    """Runs start tests' own trainer, which keeps the run directory's contract and trains nothing."""
    settings.RUN_ROOT = tmp_path / "runs"
    settings.LORE_HOME = tmp_path
    monkeypatch.setattr(trainer, "COMMAND", (sys.executable, str(FAKE)))
    yield tmp_path
    for path in (tmp_path / "runs").glob("*"):
        trainer.trainer_end(path, patience=0)


def small_recipe(**changes: Any) -> dict[str, Any]:
    """A recipe of seconds."""
    content = {
        "name": "small", "stages": ["sft", "dpo"],
        "rows": {"knowledge": 30, "copies": 0, "plain": 1},
        "sft": {"max_steps": 4, "batch_size": 4, "tiny": {"layers": 1, "hidden": 32, "heads": 2, "vocabulary": 500}},
        "dpo": {"max_steps": 2, "batch_size": 2, "sampled_prompts": 4, "samples_per_prompt": 2, "max_new_tokens": 16},
        "evaluate": {"reasoned": False},
    }  # fmt: skip
    return read_recipe({**content, **changes}).as_dict()


@pytest.fixture
def admin(people: Any) -> User:
    found: User = people.admin
    return found
