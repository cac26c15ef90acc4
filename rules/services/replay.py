"""A replay set is frozen: settled pairs of training queries, or of a named selection. A newer one supersedes it."""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from catalog.models import SettledVerdict
from relevance.splits import split_assign, split_seed
from rules.models import ReplayEntry, ReplaySet
from rules.replay import replay_current
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Corpus, User


@transaction.atomic
def replay_set_create(
    *, corpus: Corpus, actor: User | None, note: str = "", queries: Sequence[str] | None = None
) -> ReplaySet:
    """Freeze the settled pairs of the corpus's training queries, or of `queries` (texts or keys) where they are named.

    Raises Invalid where nothing is settled there, Conflict where the set in use holds exactly the same.
    """
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    split = _split(corpus)
    rows = _settled(corpus, {key for key, part in split.items() if part == "train"}, queries)
    if not rows:
        raise Invalid(
            "None of these queries has a settled pair: there is nothing to replay.", code="replay_empty"
        )
    digest = _digest(rows)
    current = replay_current(corpus)
    if current is not None and current.content_hash == digest:
        raise Conflict(f"Replay set {current.number} holds exactly these pairs already.", code="replay_same")
    made = ReplaySet.objects.create(
        corpus=corpus,
        number=(current.number if current else 0) + 1,
        note=note.strip()[:300],
        selection=_selection(corpus, rows, split, queries),
        pairs=len(rows),
        queries=len({row.pair.query_id for row in rows}),
        content_hash=digest,
        author=actor,
    )
    ReplayEntry.objects.bulk_create((_entry(made, row) for row in rows), batch_size=5_000)
    facts = {"pairs": made.pairs, "queries": made.queries, "hash": digest, "note": made.note}
    audit_record(actor=actor, corpus=corpus, action="replay_set.create", subject=made, data=facts)
    return made


def _split(corpus: Corpus) -> dict[str, str]:
    """The division that snapshots make: over the queries that hold a settled pair."""
    keys = SettledVerdict.objects.filter(pair__corpus=corpus).values_list("pair__query__key", flat=True)
    return split_assign(split_seed(corpus.slug), keys.distinct())


def _settled(corpus: Corpus, training: set[str], queries: Sequence[str] | None) -> list[SettledVerdict]:
    rows = (
        SettledVerdict.objects.filter(pair__corpus=corpus).select_related("pair__query").order_by("pair_id")
    )
    if queries is None:
        return [row for row in rows if row.pair.query.key in training]
    wanted = {text.strip() for text in queries if text.strip()}
    found = [row for row in rows if row.pair.query.text in wanted or row.pair.query.key in wanted]
    known = {name for row in found for name in (row.pair.query.text, row.pair.query.key)}
    if unknown := sorted(wanted - known):
        raise Invalid(
            f"No query with a settled pair is called {', '.join(unknown[:5])}.", code="replay_unknown_query"
        )
    return found


def _digest(rows: Sequence[SettledVerdict]) -> str:
    lines = (f"{row.pair_id}\t{row.item_version_id}\t{row.grade}\t{row.dimension}\n" for row in rows)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _selection(
    corpus: Corpus, rows: Sequence[SettledVerdict], split: dict[str, str], queries: Sequence[str] | None
) -> dict[str, Any]:
    """What was chosen; `held_out` counts pairs of queries that models are measured on."""
    held_out = sum(split.get(row.pair.query.key) != "train" for row in rows)
    return {
        "queries": "training" if queries is None else "named",
        "seed": split_seed(corpus.slug),
        "held_out": held_out,
    }


def _entry(made: ReplaySet, row: SettledVerdict) -> ReplayEntry:
    return ReplayEntry(
        replay_set=made,
        pair_id=row.pair_id,
        item_version_id=row.item_version_id,
        grade=row.grade,
        dimension=row.dimension,
    )
