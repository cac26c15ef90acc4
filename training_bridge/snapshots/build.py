"""Build a snapshot: read what is true, write the rows, hash, archive, and note where all of it came from."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from catalog.selectors import lexicon_current
from relevance.reasoning import TEMPLATE_VERSION
from relevance.splits import SPLITS, split_assign, split_seed
from rules.models import Release
from rules.selectors import level_definitions, release_current
from training_bridge.errors import NotEnoughJudged
from training_bridge.models import Snapshot
from training_bridge.pictures import classifiers_taught
from training_bridge.recipes import Recipe, RowOptions
from training_bridge.snapshots import rows
from training_bridge.snapshots.archive import folder_hash, folder_pack, rows_write
from training_bridge.snapshots.split import twins_of_held_out
from training_bridge.snapshots.truth import (
    CONSENSUS_POLICY,
    Truth,
    catalogue_items,
    pictured_items,
    truths,
    truths_pictured,
)
from training_bridge.synthesis.progressive import Mixture, progressive_rows
from webapp.common.audit import audit_record
from webapp.common.models import Corpus, User

BUILDER_VERSION = "s2"
Tick = Callable[[int, int, str], None]


@dataclass(frozen=True)
class SnapshotOptions:
    """What a recipe says of its rows, and the limits of a snapshot."""

    rows: RowOptions = RowOptions()
    verdict_position: str = "last"
    seed: int = 0
    catalogue_items: int = 20_000
    reward_rows: int = 2_000
    minimum_pairs: int = 20

    @classmethod
    def of(cls, recipe: Recipe) -> "SnapshotOptions":
        return cls(recipe.rows, recipe.verdict_position, recipe.seed)

    @property
    def mixture(self) -> Mixture:
        return Mixture(**asdict(self.rows), position=self.verdict_position, seed=self.seed)


@dataclass
class Draft:
    """The rows of a snapshot under way, in memory: a corpus's judged pairs are few beside its catalogue."""

    corpus: Corpus
    release: Release
    options: SnapshotOptions
    seed: str
    split: dict[str, str] = field(default_factory=dict)
    truths: list[Truth] = field(default_factory=list)
    excluded: Counter[str] = field(default_factory=Counter)
    classifiers: str = ""  # blob
    picture_classes: dict[str, object] = field(default_factory=dict)

    @property
    def definitions(self) -> Mapping[str, str]:
        return level_definitions(self.release) if self.options.rows.definitions else {}

    @property
    def held_out(self) -> set[int]:
        """Item versions that are measured on."""
        return {truth.item_version_id for truth in self.of("dev", "test")}

    def of(self, *splits: str) -> Iterator[Truth]:
        return (truth for truth in self.truths if self.split[truth.query_key] in splits)


def snapshot_build(
    *,
    corpus: Corpus,
    options: SnapshotOptions,
    actor: User | None,
    tick: Tick = lambda done, total, note: None,
) -> Snapshot:
    """Freeze the corpus as it stands. The same corpus and options give the same hash, and then the same snapshot.

    Raises NotEnoughJudged where too few pairs, or only one part of the split, hold verdicts.
    """
    release = release_current(corpus)
    if release is None:
        raise NotEnoughJudged(
            "This corpus has no published rulebook release: publish one, or import judged pairs."
        )
    draft = Draft(corpus, release, options, split_seed(corpus.slug))
    tick(0, 4, "reading settled verdicts")
    draft.truths = list(truths(corpus, release, draft.excluded))
    _divide(draft)
    _check(draft)
    tick(0, 4, "looking at pictures")
    draft.classifiers, draft.picture_classes = classifiers_taught(corpus, draft.held_out)
    draft.truths = truths_pictured(draft.truths, draft.classifiers)
    root = Path(settings.RUN_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".snapshot-") as name:
        folder = Path(name) / "data"
        folder.mkdir()
        counts = _write(draft, folder, tick)
        tick(3, 4, "packing the snapshot")
        return _record(draft, counts, folder, actor)


def _divide(draft: Draft) -> None:
    """Whole queries to one side; what is all but a held-out query teaches nothing."""
    draft.split = split_assign(draft.seed, (truth.query_key for truth in draft.truths))
    twins = twins_of_held_out(draft.split)
    kept = [truth for truth in draft.truths if truth.query_key not in twins]
    if len(kept) < len(draft.truths):
        draft.excluded["all but a held-out query"] += len(draft.truths) - len(kept)
    draft.truths = kept
    draft.split = {key: part for key, part in draft.split.items() if key not in twins}


def _check(draft: Draft) -> None:
    held = Counter(draft.split[truth.query_key] for truth in draft.truths)
    if len(draft.truths) < draft.options.minimum_pairs or not held["train"] or not held["test"]:
        raise NotEnoughJudged(
            f"{len(draft.truths)} settled pairs of {len(draft.split)} queries are too few to train and measure on: "
            f"at least {draft.options.minimum_pairs} pairs of several queries are needed."
        )


def _write(draft: Draft, folder: Path, tick: Tick) -> dict[str, Any]:
    position, definitions = draft.options.verdict_position, draft.definitions
    tick(1, 4, f"writing {len(draft.truths)} judged pairs")
    train = [rows.eval_row(truth, "train", definitions, position) for truth in draft.of("train")]
    held = [
        rows.eval_row(t, draft.split[t.query_key], definitions, position) for t in draft.of("dev", "test")
    ]
    rows_write(folder, "train_pairs", train)
    rows_write(folder, "eval", held)
    dpo = list(_preferences(draft))
    rows_write(folder, "dpo", dpo)
    rewards = [rows.reward_row(t, definitions, position) for t in _spread(list(draft.of("train")), draft)]
    rows_write(folder, "grpo", rewards)
    tick(2, 4, "synthesising reasonings")
    supervised = _supervised(draft)
    rows_write(folder, "sft", supervised)
    return {
        "pairs": dict(Counter(row["split"] for row in train + held)),
        "queries": {name: sum(part == name for part in draft.split.values()) for name in SPLITS},
        "stages": dict(Counter(str(row["stage"]) for row in supervised)),
        "preferences": dict(Counter(str(row["source"]) for row in dpo)),
        "capabilities": {name: _capabilities(train + held, name) for name in SPLITS},
        "grades": {name: dict(sorted(_grades(train + held, name).items())) for name in SPLITS},
        "reward_rows": len(rewards),
        "excluded": dict(draft.excluded),
    }


def _supervised(draft: Draft) -> Sequence[Mapping[str, Any]]:
    items = catalogue_items(draft.corpus, draft.options.catalogue_items)
    limit = draft.options.catalogue_items if draft.options.rows.visual else 0
    pictured = pictured_items(draft.corpus, draft.held_out, draft.classifiers, limit) if limit else []
    judged = (rows.judged_of(truth) for truth in draft.of("train"))
    return progressive_rows(items, judged, draft.definitions, draft.options.mixture, pictured)


def _preferences(draft: Draft) -> Iterator[dict[str, Any]]:
    train = list(draft.of("train"))
    rankings = rows.rankings_standing([truth.pair_id for truth in train])
    for truth in train:
        held = rankings.get(truth.pair_id, ())
        yield from rows.preference_rows(truth, held, draft.definitions, draft.options.verdict_position)


def _spread(found: Sequence[Truth], draft: Draft) -> Sequence[Truth]:
    """At most `reward_rows` of them, evenly from the whole."""
    step = max(1, -(-len(found) // max(1, draft.options.reward_rows)))
    return found[::step]


def _capabilities(found: Sequence[Mapping[str, Any]], split: str) -> dict[str, int]:
    held = Counter(str(row["capability"]) for row in found if row["split"] == split)
    return {name: held[name] for name in ("knowledge", "visual", "rules")}


def _grades(found: Sequence[Mapping[str, Any]], split: str) -> Counter[str]:
    return Counter(str(row["grade"]) for row in found if row["split"] == split)


def _record(draft: Draft, counts: dict[str, Any], folder: Path, actor: User | None) -> Snapshot:
    """The row of this content: an earlier one where nothing has changed since."""
    content_hash, archive = folder_hash(folder), folder_pack(folder)
    with transaction.atomic():
        corpus = Corpus.objects.select_for_update().get(pk=draft.corpus.pk)
        known = corpus.snapshots.filter(content_hash=content_hash, release=draft.release).first()
        if known is not None:
            return known
        newest = corpus.snapshots.aggregate(newest=Max("number"))["newest"] or 0
        snapshot = Snapshot.objects.create(
            corpus=corpus, number=newest + 1, content_hash=content_hash, archive=archive, release=draft.release,
            consensus_policy=CONSENSUS_POLICY, split_seed=draft.seed, counts=counts, lineage=_lineage(draft),
            created_by=actor,
        )  # fmt: skip
        audit_record(actor=actor, corpus=corpus, action="snapshot.build", subject=snapshot, data=counts)
    return snapshot


def _lineage(draft: Draft) -> dict[str, Any]:
    lexicon = lexicon_current(draft.corpus)
    return {
        "corpus": draft.corpus.slug,
        "release": draft.release.number,
        "lexicon": lexicon.number if lexicon else None,
        "builder": BUILDER_VERSION,
        "template": TEMPLATE_VERSION,
        "consensus_policy": CONSENSUS_POLICY,
        "options": asdict(draft.options),
        "classifiers": draft.classifiers,
        "picture_classes": draft.picture_classes,
        "excluded": dict(draft.excluded),
    }
