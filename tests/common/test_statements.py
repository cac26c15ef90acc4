"""Statements of the busiest paths: bound by the server, prepared, counted; what was not read is read when asked for."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from webapp.common.models import Corpus
from webapp.common.statements import columns, fetch, row_of

pytestmark = pytest.mark.django_db
SQL = "SELECT id, slug, %(word)s::text AS word FROM common_corpus WHERE slug = %(slug)s"


def test_a_statement_is_counted_and_its_words_are_bound(corpus: Corpus) -> None:
    hostile = "'; DROP TABLE common_corpus; --"
    with CaptureQueriesContext(connection) as spent:
        found = fetch(SQL, {"slug": "shop", "word": hostile})
    assert found == [{"id": corpus.pk, "slug": "shop", "word": hostile}] and len(spent) == 1
    assert fetch(SQL, {"slug": hostile, "word": ""}) == []


def test_one_that_returns_nothing_gives_no_rows(corpus: Corpus) -> None:
    assert fetch("UPDATE common_corpus SET name = 'Other' WHERE id = %(id)s", {"id": corpus.pk}) == []
    corpus.refresh_from_db()
    assert corpus.name == "Other"


def test_it_is_prepared_once_it_has_run_a_few_times(corpus: Corpus) -> None:
    for _ in range(6):
        fetch(SQL, {"slug": "shop", "word": "prepared"})
    kept = fetch(
        "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE %(sql)s",
        {"sql": "SELECT id, slug%"},
    )
    assert kept[0]["n"] == 1


def test_a_column_that_was_not_read_is_read_when_asked_for(corpus: Corpus) -> None:
    row = row_of(Corpus, {"id": corpus.pk, "slug": "shop", "stray": 1})
    with CaptureQueriesContext(connection) as spent:
        assert row.slug == "shop" and row == corpus
    assert len(spent) == 0 and row.name == corpus.name


def test_a_kept_statement_outlives_a_column_that_a_migration_adds(corpus: Corpus) -> None:
    sql = f"SELECT {columns(Corpus, 'corpus')} FROM common_corpus corpus WHERE slug = %(slug)s"
    for _ in range(6):
        fetch(sql, {"slug": "shop"})
    # past the driver, which drops what it keeps when it sees this: a migration runs on another connection
    connection.connection.pgconn.exec_(b"ALTER TABLE common_corpus ADD COLUMN added text NOT NULL DEFAULT ''")
    assert row_of(Corpus, fetch(sql, {"slug": "shop"})[0]) == corpus
