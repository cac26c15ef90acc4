"""Coverage, overlap, conflict and accuracy of rules, and what the editor and the report show of them."""

from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from catalog.models import SettledVerdict
from rules.accuracy import Meeting, figures_of, given_grades, share_over_queries
from rules.corpus_table import corpus_table, settled_grades, settled_of
from rules.coverage import coverage_of
from rules.engine import compile_rulebook
from rules.form import form_clean
from rules.services import rulebook_publish
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import Corpus

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(corpus: Corpus) -> SimpleNamespace:
    return stock(corpus)


def share(hits: list[bool], queries: list[int]) -> object:
    return share_over_queries(np.array(hits), np.array(queries, np.int64))


def test_a_share_is_of_firings_and_its_interval_over_queries() -> None:
    found = share_over_queries(np.array([True] * 9 + [False]), np.array([1, 1, 1, 2, 2, 2, 3, 3, 3, 4]))
    assert found is not None
    assert (found.value, found.n, found.queries) == (0.9, 10, 4)
    assert found.low < 0.9 <= found.high <= 1


def test_one_query_gives_no_interval_and_none_no_share() -> None:
    one = share_over_queries(np.array([True, True]), np.array([7, 7]))
    assert one is not None and (one.low, one.high) == (0.0, 1.0)
    assert share([], []) is None


def test_queries_that_all_agree_are_not_certain() -> None:
    """Clopper and Pearson: 3 of 3 queries leave .29 to 1, 0 of 10 leave 0 to .31."""
    every = share_over_queries(np.array([True] * 6), np.array([1, 1, 2, 2, 3, 3]))
    assert every is not None and every.value == every.high == 1 and round(every.low, 2) == 0.29
    never = share_over_queries(np.array([False] * 10), np.arange(10))
    assert never is not None and never.value == never.low == 0 and round(never.high, 2) == 0.31


def test_the_same_draw_gives_the_same_interval() -> None:
    hits, queries = np.arange(200) % 3 > 0, np.arange(200) // 10
    assert share_over_queries(hits, queries) == share_over_queries(hits, queries)


def test_figures_by_hand(shop: SimpleNamespace, corpus: Corpus) -> None:
    """Three rules over six pairs: two of them meet on the pairs of another brand, one gives another grade there."""
    step: dict[str, str] = BRAND["ladder"][0]  # type: ignore[index]
    soft = rule(BRAND, code="R03", title="Softer", ladder=[{**step, "grade": "L3", "dimension": ""}])
    rulebook = compile_rulebook([form_clean(r) for r in (BRAND, EXACT, {**soft, "examples": []})])
    table = corpus_table(corpus)
    fired = table.evaluate(rulebook).fired
    figures = {
        f.code: f for f in figures_of(rulebook, fired, settled_grades(corpus, table), table.query_rows)
    }
    brand, exact = figures["R01"], figures["R02"]
    assert (brand.fired, brand.coverage, brand.overlap, brand.conflict) == (2, 2 / 6, 2 / 6, 2 / 6)
    assert (exact.fired, exact.overlap, exact.conflict) == (2, 0.0, 0.0)
    assert brand.accuracy is not None and (brand.accuracy.value, brand.accuracy.n) == (0.5, 2)
    assert exact.accuracy is not None and exact.accuracy.value == 1.0
    assert brand.sides is not None and brand.sides.value == 1.0


def test_a_rule_does_not_meet_itself(shop: SimpleNamespace, corpus: Corpus) -> None:
    rulebook = compile_rulebook([form_clean(BRAND)])
    table = corpus_table(corpus)
    fired = table.evaluate(rulebook).fired
    given = given_grades(rulebook, "R01", fired["R01"])
    meeting = Meeting.of(rulebook, fired, len(table))
    met, clash = meeting.others(fired["R01"].rows, given, fired["R01"], given)
    assert not met.any() and not clash.any()
    met, clash = meeting.others(fired["R01"].rows, given, None, None)
    assert met.all() and not clash.any()


def test_blind_and_sighted_judgments_are_told_apart(shop: SimpleNamespace, corpus: Corpus) -> None:
    SettledVerdict.objects.filter(pair=shop.pairs["sony", "A"]).update(blind=False)
    coverage = coverage_of(corpus, form_clean(BRAND))
    assert coverage.blind is not None and (coverage.blind.value, coverage.blind.n) == (1.0, 1)
    assert coverage.sighted is not None and (coverage.sighted.value, coverage.sighted.n) == (0.0, 1)


def test_a_newly_settled_verdict_is_seen(shop: SimpleNamespace, corpus: Corpus) -> None:
    table = corpus_table(corpus)
    assert int((settled_of(corpus, table).grades > 0).sum()) == 4
    item = shop.items["C"]
    SettledVerdict.objects.create(
        pair=shop.pairs["apple", "C"], item_version=item.current, grade=1, source="consensus"
    )
    assert int((settled_of(corpus, table).grades > 0).sum()) == 5


def test_the_editor_shows_the_figures(
    shop: SimpleNamespace, corpus: Corpus, people: SimpleNamespace, client_for: object
) -> None:
    rulebook_publish(corpus=corpus, document={"rules": [BRAND, EXACT]}, author=None, reviewer=None)
    client: Client = client_for(people.editor)  # type: ignore[operator]
    address = reverse("rules:rule_coverage", args=[corpus.slug])
    typed = {
        "code": "R09",
        "scope": "has(query.brand)",
        "step_when": "query.brand != item.brand",
        "step_grade": "L3",
        "step_dimension": "",
        "step_reason": "",
    }
    found = client.post(address, typed)
    text = " ".join(found.content.decode().split())
    assert "Right, judged blind" in text and "another rule in force gives another grade" in text
    assert "<dt>Covers</dt><dd>33" in text


def test_the_report_prints_and_writes(
    shop: SimpleNamespace, corpus: Corpus, tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    rulebook_publish(corpus=corpus, document={"rules": [BRAND, EXACT]}, author=None, reviewer=None)
    target = f"{tmp_path}/report.json"
    call_command("rules_report", corpus=corpus.slug, report=target)
    printed = capsys.readouterr().out
    assert "R01" in printed and "word overlap" in printed
    with open(target, encoding="utf-8") as file:
        assert '"against_overlap"' in file.read()


def test_the_report_names_what_is_missing(corpus: Corpus) -> None:
    with pytest.raises(CommandError, match="no corpus"):
        call_command("rules_report", corpus="nowhere")
    with pytest.raises(CommandError, match="no published rulebook"):
        call_command("rules_report", corpus=corpus.slug)
