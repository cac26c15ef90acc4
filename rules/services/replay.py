"""A replay set is frozen: settled pairs of training queries, or of a named selection. A newer one supersedes it."""

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction

from catalog.models import SettledVerdict
from relevance.splits import split_assign, split_seed
from rules.models import ReplaySet
from rules.replay import replay_current
from webapp.common.audit import audit_record
from webapp.common.errors import Conflict, Invalid
from webapp.common.models import Corpus, User

# A million pairs are frozen without passing through this process; what is counted, hashed and kept is one reading.
CHOSEN = """
CREATE TEMPORARY TABLE chosen ON COMMIT DROP AS
SELECT s.pair_id, s.item_version_id, s.grade, s.dimension, p.query_id
FROM catalog_settledverdict s JOIN catalog_pair p ON p.id = s.pair_id
WHERE p.corpus_id = %s AND p.query_id = ANY(%s)
"""
COUNTED = r"""
SELECT count(*), count(DISTINCT query_id), count(*) FILTER (WHERE NOT query_id = ANY(%s)),
    encode(sha256(convert_to(string_agg(
        concat_ws(E'\t', pair_id, item_version_id, grade, dimension) || E'\n', '' ORDER BY pair_id), 'UTF8')), 'hex')
FROM chosen
"""
KEPT = """
INSERT INTO rules_replayentry (replay_set_id, pair_id, item_version_id, grade, dimension)
SELECT %s, pair_id, item_version_id, grade, dimension FROM chosen ORDER BY pair_id
"""


class Query(NamedTuple):
    """A query that holds a settled pair."""

    pk: int
    key: str
    text: str


class Chosen(NamedTuple):
    """What stands to be frozen; `held_out` counts pairs of queries that models are measured on."""

    pairs: int
    queries: int
    held_out: int
    digest: str | None


@transaction.atomic
def replay_set_create(
    *, corpus: Corpus, actor: User | None, note: str = "", queries: Sequence[str] | None = None
) -> ReplaySet:
    """Freeze the settled pairs of the corpus's training queries, or of `queries` (texts or keys) where they are named.

    Raises Invalid where nothing is settled there, Conflict where the set in use holds exactly the same.
    """
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    chosen = _choose(corpus, queries)
    if chosen.digest is None:
        raise Invalid(
            "None of these queries has a settled pair: there is nothing to replay.", code="replay_empty"
        )
    current = replay_current(corpus)
    if current is not None and current.content_hash == chosen.digest:
        raise Conflict(f"Replay set {current.number} holds exactly these pairs already.", code="replay_same")
    made = ReplaySet.objects.create(
        corpus=corpus,
        number=(current.number if current else 0) + 1,
        note=note.strip()[:300],
        selection={
            "queries": "training" if queries is None else "named",
            "seed": split_seed(corpus.slug),
            "held_out": chosen.held_out,
        },
        pairs=chosen.pairs,
        queries=chosen.queries,
        content_hash=chosen.digest,
        author=actor,
    )
    with connection.cursor() as cursor:
        cursor.execute(KEPT, [made.pk])
    facts = {"pairs": made.pairs, "queries": made.queries, "hash": made.content_hash, "note": made.note}
    audit_record(actor=actor, corpus=corpus, action="replay_set.create", subject=made, data=facts)
    return made


def _choose(corpus: Corpus, texts: Sequence[str] | None) -> Chosen:
    """Set the pairs apart for the rest of the transaction."""
    known = _queries(corpus)
    # the division that snapshots make: over the queries that hold a settled pair
    split = split_assign(split_seed(corpus.slug), (query.key for query in known))
    training = [query.pk for query in known if split[query.key] == "train"]
    wanted = training if texts is None else _named(known, texts)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS chosen")  # of an earlier set in the same transaction
        cursor.execute(CHOSEN, [corpus.pk, wanted])
        cursor.execute(COUNTED, [training])
        return Chosen(*cursor.fetchone())


def _queries(corpus: Corpus) -> list[Query]:
    held = SettledVerdict.objects.filter(pair__corpus=corpus)
    columns = ("pair__query_id", "pair__query__key", "pair__query__text")
    return [Query(*row) for row in held.order_by().values_list(*columns).distinct()]


def _named(known: Sequence[Query], texts: Sequence[str]) -> list[int]:
    """The queries of these texts or keys. Raises Invalid naming those that hold no settled pair."""
    wanted = {text.strip() for text in texts if text.strip()}
    names = {name for query in known for name in (query.key, query.text)}
    if unknown := sorted(wanted - names):
        raise Invalid(
            f"No query with a settled pair is called {', '.join(unknown[:5])}.", code="replay_unknown_query"
        )
    return [query.pk for query in known if query.key in wanted or query.text in wanted]
