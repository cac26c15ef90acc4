"""Marks that keep a benchmark honest: its queries are judged blind in every campaign."""

from django.db import connection

from annotation.models import Campaign
from relevance.splits import SHARES, split_seed

# The same division as relevance.splits.split_assign, over the queries that are judged or about to be; {subject} is
# pair or page. `IS TRUE` keeps the list of queries a hashed one: a million tasks that have just been made are few to
# the planner, which would walk over the list for each of them.
HIDE_SQL = """
WITH pool AS (
    SELECT query.id, query.key FROM catalog_query query
    WHERE query.corpus_id = %(corpus)s AND query.id IN (
        SELECT pair.query_id FROM catalog_settledverdict settled JOIN catalog_pair pair ON pair.id = settled.pair_id
        WHERE pair.corpus_id = %(corpus)s
        UNION SELECT subject.query_id
        FROM annotation_annotationtask task JOIN catalog_{subject} subject ON subject.id = task.{subject}_id
        WHERE task.campaign_id = %(campaign)s)),
placed AS (
    SELECT id, row_number() OVER (ORDER BY sha256(convert_to(%(seed)s || E'\\n' || key, 'UTF8'))) AS place,
           count(*) OVER () AS total
    FROM pool)
UPDATE annotation_annotationtask task SET blind = true
FROM catalog_{subject} subject
WHERE task.campaign_id = %(campaign)s AND subject.id = task.{subject}_id AND NOT task.blind
  AND (subject.query_id IN (SELECT id FROM placed WHERE (place - 0.5) / total >= %(border)s)) IS TRUE
"""


# Others judged blind beside each gold one: whoever meets a blind subject is right one time in three to guess gold.
BLIND_BESIDE_GOLD = 2
# Drawn by the campaign's own number, so that the order of ids says nothing.
DECOYS_SQL = """
WITH held AS (
    SELECT task.id, task.blind, task.is_gold OR gold.pair_id IS NOT NULL AS gold
    FROM annotation_annotationtask task LEFT JOIN annotation_gold gold ON gold.pair_id = task.pair_id
    WHERE task.campaign_id = %(campaign)s),
missing AS (
    SELECT greatest(0, count(*) FILTER (WHERE gold) * %(beside)s - count(*) FILTER (WHERE blind AND NOT gold)) AS n
    FROM held)
UPDATE annotation_annotationtask SET blind = true WHERE id IN (
    SELECT id FROM held WHERE NOT gold AND NOT blind
    ORDER BY hashint8extended(id, %(campaign)s), id LIMIT (SELECT n FROM missing))
"""


def gold_conceal(campaign: Campaign) -> int:
    """Judge further subjects of a new campaign blind, so that being blind does not tell gold; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(DECOYS_SQL, {"campaign": campaign.pk, "beside": BLIND_BESIDE_GOLD})
        return int(cursor.rowcount)


def tasks_hide(campaign: Campaign) -> int:
    """Mark a new campaign's tasks over benchmark queries blind; returns how many it marked."""
    return _hide(campaign, "pair")


def pages_hide(campaign: Campaign) -> int:
    """Mark a new campaign's pages of benchmark queries blind; returns how many it marked."""
    return _hide(campaign, "page")


def _hide(campaign: Campaign, subject: str) -> int:
    values: dict[str, str | int | float] = {
        "corpus": campaign.corpus_id,
        "campaign": campaign.pk,
        "seed": split_seed(campaign.corpus.slug),
        "border": sum(share for name, share in SHARES if name != "test"),
    }
    with connection.cursor() as cursor:
        cursor.execute(HIDE_SQL.format(subject=subject), values)
        return int(cursor.rowcount)
