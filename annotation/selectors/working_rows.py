"""The rows behind the working pages, each in one narrow statement.

These run at every answer (`webapp.common.statements` says why by hand). What is not read here is deferred: a field that is
asked for after all costs a query, and is never wrong.
"""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import DEFERRED

from annotation.models import AnnotationTask, Campaign, Judgment, Slot
from annotation.selectors.blindness import HIDDEN_SQL
from catalog.models import Item, ItemImage, ItemPayload, ItemVersion, Pair, Query, Traffic
from webapp.common.models import Corpus, User
from webapp.common.statements import Row, fetch, row_of

TASKS_ANY_SQL = """
SELECT task.id, task.campaign_id, task.pair_id, task.blind, task.is_gold, {hidden} AS hidden,
    campaign.shows_suggestions, pair.corpus_id, pair.query_id, pair.item_id, query.text, query.facets::text AS facets,
    coalesce(traffic.count, 0) AS count, coalesce(traffic.stratum, 'tail') AS stratum, item.external_id, item.deleted_at,
    item.current_id, version.title, version.brand, version.category, payload.description,
    payload.attributes::text AS attributes,
    (SELECT json_agg(json_build_array(image.id, image.blob_id, image.position) ORDER BY image.position)::text
     FROM catalog_itemimage image WHERE image.version_id = version.id AND image.state = 'stored') AS images,
    EXISTS (SELECT 1 FROM annotation_slot slot JOIN annotation_judgment judgment ON judgment.slot_id = slot.id
            WHERE slot.annotation_task_id = task.id OFFSET 0) AS answered  -- OFFSET 0: as in HIDDEN_SQL
FROM annotation_annotationtask task
JOIN annotation_campaign campaign ON campaign.id = task.campaign_id
JOIN catalog_pair pair ON pair.id = task.pair_id
JOIN catalog_query query ON query.id = pair.query_id
JOIN catalog_item item ON item.id = pair.item_id
JOIN catalog_itemversion version ON version.id = item.current_id
LEFT JOIN catalog_itempayload payload ON payload.version_id = version.id
LEFT JOIN catalog_traffic traffic ON traffic.query_id = query.id
WHERE task.id {which}
"""
LOCK_ANY_SQL = """
SELECT slot.number, slot.state, slot.person_id, slot.lease,
    slot.lease_until, task.id, task.campaign_id, task.pair_id, task.page_id, task.other_page_id, task.blind, task.is_gold,
    task.outcome, {hidden} AS hidden, campaign.kind, pair.corpus_id, pair.query_id, pair.item_id, item.current_id
FROM annotation_slot slot
JOIN annotation_campaign campaign ON campaign.id = slot.campaign_id
JOIN annotation_annotationtask task ON task.id = slot.annotation_task_id
LEFT JOIN catalog_pair pair ON pair.id = task.pair_id
LEFT JOIN catalog_item item ON item.id = pair.item_id
WHERE slot.id = %(slot)s AND (%(campaign)s::bigint IS NULL OR slot.campaign_id = %(campaign)s)
FOR UPDATE OF slot, task
"""
LOCK_SQL = LOCK_ANY_SQL.format(hidden=HIDDEN_SQL)
TASKS_SQL = TASKS_ANY_SQL.format(hidden=HIDDEN_SQL, which="= ANY(%(ids)s)")
# An answer brings one subject. Of an array the server expects ten rows, so it finds the plan for any array dear and plans
# these ten tables anew each time.
TASK_SQL = TASKS_ANY_SQL.format(hidden=HIDDEN_SQL, which="= (%(ids)s::bigint[])[1]")
# What an answer meets: the same answer sent before (its key), and the one of hers that stands in the place it fills.
MET_SQL = """
SELECT id, person_id, grade, true AS same FROM annotation_judgment WHERE id = %(key)s
UNION ALL
SELECT judgment.id, judgment.person_id, judgment.grade, false FROM annotation_judgment judgment
WHERE judgment.slot_id = %(slot)s AND judgment.person_id = %(person)s
    AND NOT EXISTS (SELECT 1 FROM annotation_judgment newer WHERE newer.supersedes_id = judgment.id)
"""


def task_rows(ids: Sequence[int]) -> dict[int, AnnotationTask]:
    """Tasks about pairs, each with `hidden`, `answered` (anybody ever), and all that a page shows of the pair at hand."""
    rows = fetch(TASK_SQL if len(ids) == 1 else TASKS_SQL, {"ids": list(ids)})
    return {row["id"]: _task(row) for row in rows}


def slot_locked(slot_id: int, campaign: Campaign | None) -> tuple[Slot, AnnotationTask] | None:
    """A slot and its task, both rows locked to the end of the transaction; None where there is none (in `campaign`)."""
    found = fetch(LOCK_SQL, {"slot": slot_id, "campaign": campaign.pk if campaign else None})
    if not found:
        return None
    row = found[0]
    slot = row_of(Slot, {**row, "id": slot_id, "annotation_task_id": row["id"]})
    task = row_of(AnnotationTask, row)
    task.hidden, task.kind = row["hidden"], row["kind"]
    slot.annotation_task = task
    if task.pair_id is not None:
        task.pair = _pair(row, row_of(ItemVersion, {"id": row["current_id"], "item_id": row["item_id"]}))
    return slot, task


@dataclass(frozen=True)
class Met:
    """Judgments an answer meets: `same` has its key, `standing` is the person's own that stands in the slot."""

    same: Judgment | None
    standing: Judgment | None


def judgments_met(key: uuid.UUID, slot: Slot, person: User) -> Met:
    met = fetch(MET_SQL, {"key": key, "slot": slot.pk, "person": person.pk})
    found = {row["same"]: row_of(Judgment, row) for row in met}
    return Met(found.get(True), found.get(False))


def _task(row: Row) -> AnnotationTask:
    version = row_of(ItemVersion, {**row, "id": row["current_id"]})
    if row["attributes"] is not None:
        attributes = json.loads(row["attributes"])
        version.payload = row_of(ItemPayload, {**row, "version_id": version.pk, "attributes": attributes})
    version.stored_images = [  # type: ignore[attr-defined]  # the name under which prefetching readers know them
        row_of(
            ItemImage,
            {"id": image, "version_id": version.pk, "blob_id": blob, "position": position, "state": "stored"},
        )
        for image, blob, position in json.loads(row["images"] or "[]")
    ]
    task = row_of(AnnotationTask, row)
    task.hidden, task.answered = row["hidden"], row["answered"]
    task.campaign = row_of(
        Campaign, {"id": row["campaign_id"], "shows_suggestions": row["shows_suggestions"]}
    )
    task.pair = _pair(row, version)
    query = row_of(
        Query, {**row, "id": row["query_id"], "external_id": DEFERRED, "facets": json.loads(row["facets"])}
    )
    query.traffic = row_of(Traffic, row)
    task.pair.query = query
    return task


def _pair(row: Row, version: ItemVersion) -> Pair:
    pair = row_of(Pair, {**row, "id": row["pair_id"]})
    pair.corpus = row_of(Corpus, {"id": row["corpus_id"]})
    pair.item = row_of(Item, {**row, "id": row["item_id"]})
    pair.item.current = version
    return pair
