"""The import's benchmark at a small size: it measures, and leaves nothing behind."""

import pytest
from django.db import connection

from catalog import benchmarks
from webapp.common.models import Corpus


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_benchmark_runs_small_and_leaves_nothing_behind() -> None:
    rows = benchmarks.run(2_000)
    assert any("raw COPY" in row["name"] for row in rows)
    assert not Corpus.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'lore_bench%%'")
        assert cursor.fetchone() == (0,)
