"""Nightly: every kept total is recomputed from its rows; what differs is shown never mended silently."""

from django.db import connection

from webapp.common.models import ConsistencyCheck

# Each query returns the rows that are wrong: none is the good answer.
CHECKS: dict[str, str] = {
    "campaign counters": """
        SELECT c.id FROM annotation_campaign c LEFT JOIN annotation_slot s ON s.campaign_id = c.id
        GROUP BY c.id HAVING c.slots_total <> count(s.id)
            OR c.slots_done <> count(s.id) FILTER (WHERE s.state = 'done')""",
    "judgments name a version of their pair's item": """
        SELECT j.id FROM annotation_judgment j JOIN catalog_pair p ON p.id = j.pair_id
        JOIN catalog_itemversion v ON v.id = j.item_version_id WHERE v.item_id <> p.item_id""",
    "aliases point into their own corpus": """
        SELECT a.id FROM training_bridge_alias a JOIN training_bridge_modelversion m ON m.id = a.model_version_id
        WHERE m.corpus_id <> a.corpus_id""",
    "no person answers a task twice": """
        SELECT annotation_task_id FROM annotation_slot WHERE person_id IS NOT NULL
        GROUP BY annotation_task_id, person_id HAVING count(*) > 1""",
}


def consistency_check() -> list[ConsistencyCheck]:
    return [_run(name, sql) for name, sql in CHECKS.items()]


def _run(name: str, sql: str) -> ConsistencyCheck:
    with connection.cursor() as cursor:
        cursor.execute(  # every text is a constant above
            f"SELECT count(*), min(id::text) FROM ({sql}) AS wrong(id)"  # noqa: S608
        )
        wrong, first = cursor.fetchone()
    detail = f"{wrong} rows, the first is {first}" if wrong else ""
    row, _ = ConsistencyCheck.objects.update_or_create(
        name=name, defaults={"ok": not wrong, "detail": detail}
    )
    return row
