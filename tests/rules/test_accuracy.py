"""Coverage, overlap, conflict and accuracy of rules, and what the editor and the report show of them."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from catalog.models import SettledVerdict
from rules.accuracy import Meeting, figures_of, given_grades, rule_figures, share_over_queries
from rules.corpus_table import corpus_table, settled_grades, settled_of
from rules.coverage import coverage_of
from rules.engine import Fired, compile_rulebook
from rules.form import form_clean
from rules.selectors import rule_get
from rules.services import rule_create, rule_edit, rule_retire, rulebook_publish
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


def test_coverage_has_its_interval_over_all_queries_also_those_without_a_firing() -> None:
    queries = np.arange(400) // 20  # 20 queries of 20 pairs; the rule fires on half the pairs of four of them
    fired = Fired(np.flatnonzero((queries % 5 == 0) & (np.arange(400) % 2 == 0)), np.ones(40, np.int8))
    given, nothing = np.full(40, 2, np.int8), np.zeros(40, np.bool_)
    figures = rule_figures("R01", fired, given, (nothing, nothing), np.zeros(400, np.int8), queries)
    assert figures.coverage is not None and figures.overlap is not None
    assert (figures.coverage.value, figures.coverage.n, figures.coverage.queries) == (0.1, 400, 20)
    # 0.1 with the spread of 20 queries of which 4 say 0.5: about 0.1 +- 1.96 * 0.2 / sqrt(20)
    assert abs(figures.coverage.low - 0.025) < 0.03 and abs(figures.coverage.high - 0.19) < 0.03
    assert figures.overlap.low == 0 and figures.overlap.high > 0.1  # 20 queries say so much


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
    shares = brand.coverage, brand.overlap, brand.conflict
    assert brand.fired == 2 and [share and share.value for share in shares] == [2 / 6] * 3
    assert exact.fired == 2 and exact.overlap is not None and exact.conflict is not None
    assert (exact.overlap.value, exact.conflict.value) == (0.0, 0.0)
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
    assert "Right, judged blind" in text and "another rule gives another grade" in text
    assert '<dt>Covers</dt><dd> <strong>33.3 %</strong> <span class="muted nowrap">(33.3 % to 33.3 %)' in text
    assert "of 6 pairs of 2 queries" in text


def test_the_editor_holds_a_rule_against_drafts_as_well(
    shop: SimpleNamespace, corpus: Corpus, people: SimpleNamespace, client_for: object
) -> None:
    """R01 is in force; R02 is in force and has a draft that fires elsewhere; R03 is a draft; R04 is retired."""
    rulebook_publish(corpus=corpus, document={"rules": [BRAND, EXACT]}, author=None, reviewer=None)
    exact = rule_get(corpus, "R02")
    step: dict[str, str] = BRAND["ladder"][0]  # type: ignore[index]
    elsewhere = rule(EXACT, ladder=[{**step, "grade": "L4", "dimension": "", "when": "!has(item.brand)"}])
    elsewhere["examples"] = []
    rule_edit(rule=exact, form=elsewhere, actor=people.editor)
    for code in ("R03", "R04"):
        soft = rule(BRAND, code=code, ladder=[{**step, "grade": "L3", "dimension": ""}], examples=[])
        rule_create(corpus=corpus, form=soft, actor=people.editor)
    rule_retire(rule=rule_get(corpus, "R04"), actor=people.editor)
    client: Client = client_for(people.editor)  # type: ignore[operator]
    typed = {"code": "R09", "scope": "", "step_when": "query.brand != item.brand", "step_grade": "L2"}
    page = client.post(reverse("rules:rule_coverage", args=[corpus.slug]), typed).content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page[page.index("Meets other rules") :]).split())
    assert text.startswith(
        "Meets other rules R01 in force on 2 pairs R03 draft on 2 pairs, another grade on 2"
    )
    assert not {"R02", "R04", "R09"} & set(text.split())
    # The version in force of R02 fires where the brand is met; what counts is the draft.
    met = {**typed, "step_when": "query.brand == item.brand"}
    assert "Meets no other rule" in client.post(reverse("rules:rule_coverage", args=[corpus.slug]), met).text
    body = client.post(
        f"/api/v1/corpora/{corpus.slug}/rules/coverage/",
        {"rule": {**rule(BRAND), "examples": []}},
        content_type="application/json",
    ).json()
    assert body["meets"] == [{"rule": "R03", "state": "draft", "pairs": 2, "apart": 2}]
    assert body["figures"]["conflict"]["value"] == 2 / 6


def test_a_trial_is_held_among_drafts_as_well(
    shop: SimpleNamespace, corpus: Corpus, people: SimpleNamespace, client_for: object
) -> None:
    rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    client: Client = client_for(people.editor)  # type: ignore[operator]
    typed = {"code": "R09", "step_when": "query.brand != item.brand", "step_grade": "L3"}
    page = client.post(
        reverse("rules:rule_try", args=[corpus.slug]), {**typed, "try_pair": shop.pairs["apple", "B"].pk}
    ).content.decode()
    assert "Together with the other rules as they stand" in page and 'pill-bad">conflict' in page
    card = page[page.index(">R01</a>") :]
    assert '<span class="pill">draft</span>' in card[: card.index("</header>")]


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
