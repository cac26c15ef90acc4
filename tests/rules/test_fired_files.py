"""Where the newest version of each rule fires is found once per corpus version and set of tables, whatever the process."""

import pytest

from rules import beside, fired_files, services
from rules.corpus_table import corpus_table
from rules.selectors import tables_release
from tests.rules.shop import BRAND, EXACT, rule, stock


@pytest.fixture
def shop(corpus, people):
    stock(corpus)
    for form in (BRAND, EXACT):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)


def forgotten(monkeypatch):
    """As a new process begins."""
    fired_files._held.clear()
    beside._counts.clear()


def asked(monkeypatch):
    """The rules that are evaluated from now on."""
    codes = []
    compiled = beside.rulebook_of

    def rulebook_of(base, forms):
        codes.extend(form["code"] for form in forms)
        return compiled(base, forms)

    monkeypatch.setattr(beside, "rulebook_of", rulebook_of)
    return codes


def rows(found):
    return {code: (fired.rows.tolist(), fired.steps.tolist()) for code, fired in found.fired.items()}


def test_a_new_process_reads_what_an_earlier_one_found(corpus, shop, monkeypatch):
    table, base = corpus_table(corpus), tables_release(corpus)
    found = rows(beside.beside_of(corpus, table, base))
    assert len(found["R01"][0]) == 2 and found["R01"][1] == [1, 1]
    forgotten(monkeypatch)
    again = asked(monkeypatch)
    assert rows(beside.beside_of(corpus, table, base)) == found
    assert again == []


def test_only_a_rule_written_since_is_asked_again(corpus, people, shop, monkeypatch):
    table, base = corpus_table(corpus), tables_release(corpus)
    beside.beside_of(corpus, table, base)
    services.rule_create(
        corpus=corpus, form=rule(BRAND, code="R03", title="Anything", examples=[]), actor=people.editor
    )
    again = asked(monkeypatch)
    assert set(beside.beside_of(corpus, table, base).fired) == {"R01", "R02", "R03"}
    assert again == ["R03"]


def test_other_tables_are_other_firings(corpus, people, shop, monkeypatch):
    table = corpus_table(corpus)
    beside.beside_of(corpus, table, tables_release(corpus))
    services.rulebook_publish(
        corpus=corpus,
        document={"rules": [BRAND, EXACT], "tables": {"colors": {"blue": ["navy"]}}},
        author=None,
        reviewer=None,
    )
    again = asked(monkeypatch)
    beside.beside_of(corpus, table, tables_release(corpus))
    assert sorted(again) == ["R01", "R02"]


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"PK"), lambda path: path.unlink()])
def test_a_file_that_is_gone_or_broken_is_made_anew(corpus, shop, harm, monkeypatch):
    table, base = corpus_table(corpus), tables_release(corpus)
    found = rows(beside.beside_of(corpus, table, base))
    harm(table.folder / "fired.npz")
    forgotten(monkeypatch)
    again = asked(monkeypatch)
    assert rows(beside.beside_of(corpus, table, base)) == found and again == ["R01", "R02"]
    forgotten(monkeypatch)
    again.clear()
    assert rows(beside.beside_of(corpus, table, base)) == found and again == []
