"""Plans of the answer's statements are kept: none of them may be one that reads a whole table once it has grown."""

import re
import uuid
from types import SimpleNamespace

import pytest
from django.db import connection, transaction

from annotation.models import Judgment
from annotation.selectors.held import HELD_SUGGESTED_SQL
from annotation.selectors.standing import standing_of, verdicts_of
from annotation.selectors.working_rows import LOCK_SQL, TASK_SQL, TASKS_SQL
from annotation.services.slots import LEASE_SQL

from .conftest import Judge

pytestmark = pytest.mark.django_db
INDEXES_DEAR = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")


def plan_kept(sql: str) -> str:
    """The plan that serves any parameters, where steps into an index are made to look as dear as they look on a small
    table: a statement that may be answered by reading everything is then answered so.
    """
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    for number, name in enumerate(names, 1):
        sql = sql.replace(f"%({name})s", f"${number}")
    with transaction.atomic(), connection.cursor() as cursor:
        for setting in INDEXES_DEAR:
            cursor.execute(f"SET LOCAL {setting} = off")
        rows = connection.connection.execute(f"EXPLAIN (GENERIC_PLAN, VERBOSE) {sql}").fetchall()
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("sql", [TASK_SQL, TASKS_SQL, LOCK_SQL, HELD_SUGGESTED_SQL])
def test_whether_a_pair_is_hidden_or_answered_is_asked_row_by_row(sql: str) -> None:
    assert "hashed SubPlan" not in plan_kept(sql)


def test_a_place_is_given_out_without_a_list_of_all_she_ever_had() -> None:
    assert "Anti Join" not in plan_kept(LEASE_SQL)
    loose = LEASE_SQL.replace("OFFSET 0", "")
    assert "Anti Join" in plan_kept(loose)  # what the fence keeps out


def test_without_the_fence_everything_would_be_read() -> None:
    assert "hashed SubPlan" in plan_kept(TASKS_SQL.replace("OFFSET 0", ""))


def test_a_small_campaign_is_not_counted_over_all_imported_answers(
    shop: SimpleNamespace, judge: Judge
) -> None:
    campaign = shop.campaign()
    judge(campaign, shop.people.annotator)
    pair = shop.pairs[0]
    Judgment.objects.bulk_create(
        Judgment(
            id=uuid.uuid4(), corpus=shop.corpus, pair=pair, item_version=pair.item.current, grade=4, origin="import",
            person=shop.people.reviewer, release=shop.release,
        )
        for _ in range(20_000)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE annotation_judgment")
        cursor.execute("ANALYZE annotation_slot")
    for rows in (standing_of(campaign), verdicts_of(campaign)):
        assert rows.count() == 1
        assert "Seq Scan on annotation_judgment" not in rows.explain()
