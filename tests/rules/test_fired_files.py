"""Where a published release fires is found once per corpus version, whatever the process."""

import pytest

from rules import coverage, fired_files
from rules.corpus_table import corpus_table
from rules.selectors import release_current
from tests.rules.shop import BRAND, EXACT, stock
from tests.rules.test_review_services import published


@pytest.fixture
def release(corpus, people):
    stock(corpus)
    return published(corpus, people, BRAND, EXACT)


def test_a_new_process_reads_what_an_earlier_one_found(corpus, release, monkeypatch):
    table = corpus_table(corpus)
    found = coverage.fired_in_force(release_current(corpus), table)
    assert (table.folder / f"fired-{release.pk}.npz").exists()
    monkeypatch.setattr(coverage, "_in_force", {})
    monkeypatch.setattr(coverage, "rulebook_for", lambda release: pytest.fail("evaluated again"))
    again = coverage.fired_in_force(release_current(corpus), table)
    assert {code: (f.rows.tolist(), f.steps.tolist()) for code, f in again.items()} == {
        code: (f.rows.tolist(), f.steps.tolist()) for code, f in found.items()
    }
    assert sum(len(fired.rows) for fired in again.values())


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"PK"), lambda path: path.unlink()])
def test_a_file_that_is_gone_or_broken_is_made_anew(corpus, release, harm):
    table, calls = corpus_table(corpus), []

    def find():
        calls.append(1)
        return {}

    fired_files.fired_kept(table, "some", find)
    harm(table.folder / "some.npz")
    assert fired_files.fired_kept(table, "some", find) == {} and len(calls) == 2
