"""A campaign's tasks and slots, made set-based: a million pairs become slots in one statement."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import QuerySet

from annotation.models import Campaign
from catalog.models import Pair

Pairs = Sequence[int] | QuerySet[Pair]

# Blind is drawn from the pair's own hash: the same share whoever makes the campaign, and no order to learn.
TASKS_SQL = """
INSERT INTO annotation_annotationtask (campaign_id, pair_id, priority, blind, is_gold, outcome)
SELECT %s, source.id, %s, (hashint8extended(source.id, %s) & 1023) < %s * 1024, false, ''
FROM ({source}) AS source(id)
ON CONFLICT (campaign_id, pair_id) WHERE pair_id IS NOT NULL DO NOTHING
"""
# Gold comes in an order drawn from the campaign's own number: seeded, so that a test and an audit can repeat it.
GOLD_SQL = """
INSERT INTO annotation_annotationtask (campaign_id, pair_id, priority, blind, is_gold, outcome)
SELECT %(campaign)s, pair.id, %(priority)s, true, true, ''
FROM annotation_gold gold JOIN catalog_pair pair ON pair.id = gold.pair_id
WHERE pair.corpus_id = %(corpus)s AND NOT EXISTS (
    SELECT 1 FROM annotation_annotationtask task WHERE task.campaign_id = %(campaign)s AND task.pair_id = pair.id)
ORDER BY hashint8extended(pair.id, %(campaign)s) LIMIT %(most)s
ON CONFLICT (campaign_id, pair_id) WHERE pair_id IS NOT NULL DO NOTHING
"""
# Numbered first: a person walks over every task's first place before she meets a second one. Within a priority the
# model's least sure come first. Gold takes places spread evenly over that order by a seeded draw.
SLOTS_SQL = """
WITH told AS (
    SELECT DISTINCT ON (suggestion.pair_id) suggestion.pair_id,
        1 - (suggestion.probabilities ->> (suggestion.grade - 1))::float AS unsure
    FROM annotation_suggestion suggestion WHERE suggestion.corpus_id = %(corpus)s
    ORDER BY suggestion.pair_id, suggestion.id DESC),
placed AS (
    SELECT task.id, task.priority, CASE WHEN task.is_gold
        THEN (hashint8extended(task.id, %(campaign)s) & 65535) / 65536.0
        ELSE percent_rank() OVER (PARTITION BY task.is_gold, task.priority ORDER BY {order}) END AS spot
    FROM annotation_annotationtask task {told}
    WHERE task.campaign_id = %(campaign)s)
INSERT INTO annotation_slot (campaign_id, annotation_task_id, number, priority, state)
SELECT %(campaign)s, placed.id, place.number, placed.priority, 'open'
FROM placed CROSS JOIN generate_series(1, %(redundancy)s) AS place(number)
ORDER BY place.number, placed.priority DESC, placed.spot, placed.id
ON CONFLICT (annotation_task_id, number) DO NOTHING
"""


def tasks_insert(campaign: Campaign, pairs: Pairs) -> int:
    """Tasks for a queryset without bringing its rows here; or for given ids, those of this corpus alone."""
    rows = (
        pairs
        if isinstance(pairs, QuerySet)
        else Pair.objects.filter(pk__in=list(pairs)).order_by("query_id", "pk")
    )
    found = (rows if rows.query.is_sliced else rows.filter(corpus_id=campaign.corpus_id)).values("id")
    sql, params = found.query.sql_with_params()
    values = [campaign.pk, campaign.priority, campaign.pk, campaign.blind_share, *params]
    with connection.cursor() as cursor:
        cursor.execute(TASKS_SQL.format(source=sql), values)
        return int(cursor.rowcount)


def gold_insert(campaign: Campaign) -> None:
    """Mark gold pairs that are in already, and add further ones until the share is met or gold runs out."""
    tasks = campaign.annotation_tasks
    tasks.filter(pair__gold__isnull=False).update(is_gold=True, blind=True)
    have, total = tasks.filter(is_gold=True).count(), tasks.count()
    missing = round((campaign.gold_share * total - have) / max(0.01, 1 - campaign.gold_share))
    values = {
        "campaign": campaign.pk, "corpus": campaign.corpus_id, "priority": campaign.priority, "most": max(0, missing)
    }  # fmt: skip
    if missing > 0:
        with connection.cursor() as cursor:
            cursor.execute(GOLD_SQL, values)


def slots_insert(campaign: Campaign) -> int:
    """The places each task still lacks up to the campaign's redundancy; returns how many were made."""
    values = {"campaign": campaign.pk, "corpus": campaign.corpus_id, "redundancy": campaign.redundancy}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM annotation_suggestion WHERE corpus_id = %s)", [campaign.corpus_id]
        )
        asked = bool(cursor.fetchone()[0])
        told = "LEFT JOIN told ON told.pair_id = task.pair_id" if asked else ""
        order = "told.unsure DESC NULLS LAST, task.id" if asked else "task.id"
        cursor.execute(SLOTS_SQL.format(order=order, told=told), values)
        made = int(cursor.rowcount)
    campaign.slots_total += made
    campaign.save(update_fields=["slots_total"])
    return made
