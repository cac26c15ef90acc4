"""What went against the rules reaches the rule editors, who say for many at once where the fault lay."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from annotation import services
from annotation.models import Flag, Judgment, Triage
from annotation.selectors.triage import SHOWN_SQL, disagreements, faults_of, rule_feedback
from annotation.services.quality import quality_compute
from webapp.common.errors import Invalid
from webapp.common.models import AuditEntry

from .conftest import Judge

ClientFor = Callable[[Any], Client]
REASONS = ("rule_wrong", "not_applicable", "item_wrong", "i_was_wrong")


@pytest.fixture
def against(shop: SimpleNamespace, judge: Judge) -> list[Judgment]:
    """One answer for each reason, R01 on the screen; and one that agrees."""
    campaign = shop.campaign()
    for reason in REASONS:
        judge(
            campaign, shop.people.annotator, rules_shown=["R01"], disagreement=reason, comment=f"why {reason}"
        )
    judge(campaign, shop.people.annotator, rules_shown=["R01"], grade=2, dimension="colour")
    return list(Judgment.objects.exclude(disagreement="").order_by("at"))


def address(name: str) -> str:
    return reverse(f"annotation:{name}", args=["shop"])


def test_deciding_takes_them_off_the_list(shop: SimpleNamespace, against: list[Judgment]) -> None:
    ids = [str(row.pk) for row in against]
    editor = shop.people.editor
    assert services.triage_decide(corpus=shop.corpus, judgments=ids[:2], fault="routing", actor=editor) == 2
    assert [row.disagreement for row in disagreements(shop.corpus).order_by("at")] == [
        "item_wrong",
        "i_was_wrong",
    ]
    assert services.triage_decide(corpus=shop.corpus, judgments=ids[1:2], fault="rule", actor=editor) == 1
    assert {fault: count for fault, _, count in faults_of(shop.corpus)} == {
        "routing": 1, "rule": 1, "execution": 0, "none": 0,
    }  # fmt: skip
    assert AuditEntry.objects.filter(action="triage.decide", actor=editor).count() == 2
    line = rule_feedback(shop.corpus)[0]
    assert (line.code, line.shown, line.against, line.undecided) == ("R01", 5, 2, 2)


def test_how_often_a_rule_was_shown_is_kept_by_the_run_of_the_figures(
    shop: SimpleNamespace, against: list[Judgment]
) -> None:
    quality_compute(corpus=shop.corpus)
    sql: list[str] = []

    def noted(execute: Any, statement: str, *rest: Any) -> Any:
        sql.append(statement)
        return execute(statement, *rest)

    with connection.execute_wrapper(noted):
        line = rule_feedback(shop.corpus)[0]
    assert (line.code, line.shown, line.rule_wrong) == ("R01", 5, 1)
    assert SHOWN_SQL not in sql


def test_nothing_of_another_corpus_is_decided(shop: SimpleNamespace, against: list[Judgment]) -> None:
    other, actor = shop.people.outsider.memberships.get().corpus, shop.people.outsider
    ids = [str(row.pk) for row in against]
    assert services.triage_decide(corpus=other, judgments=ids, fault="rule", actor=actor) == 0
    with pytest.raises(Invalid):
        services.triage_decide(corpus=shop.corpus, judgments=ids, fault="mood", actor=shop.people.editor)
    agreeing = Judgment.objects.get(disagreement="")
    assert (
        services.triage_decide(corpus=shop.corpus, judgments=[str(agreeing.pk)], fault="rule", actor=actor)
        == 0
    )
    assert not Triage.objects.exists()


def test_the_page_filters_and_decides(
    shop: SimpleNamespace, client_for: ClientFor, against: list[Judgment]
) -> None:
    client = client_for(shop.people.editor)
    page = client.get(address("triage_list"), {"rule": "R01"}).content.decode()
    assert all(f"why {reason}" in page for reason in REASONS) and "execution?" in page
    assert reverse("rules:rule_detail", args=["shop", "R01"]) in page
    assert "why rule_wrong" not in client.get(address("triage_list"), {"rule": "R99"}).content.decode()
    sent = {"judgment": [str(against[0].pk), "no id"], "fault": "rule", "rule": "R01", "shown": ""}
    done = client.post(address("triage_decide"), sent, follow=True).content.decode()
    assert "Decided for 1 answer." in done and "why rule_wrong" not in done
    assert "why rule_wrong" in client.get(address("triage_list"), {"fault": "rule"}).content.decode()
    assert (
        "Nothing was ticked"
        in client.post(address("triage_decide"), {"fault": "rule"}, follow=True).content.decode()
    )


def test_flags_are_resolved_together(shop: SimpleNamespace, client_for: ClientFor) -> None:
    flags = [
        services.flag_raise(pair=pair, person=shop.people.annotator, comment=f"look {pair.pk}")
        for pair in shop.pairs[:3]
    ]
    sent = {"flag": [str(flags[0].pk), str(flags[1].pk), "x", "9" * 40]}
    client_for(shop.people.editor).post(address("flags_resolve"), sent)
    assert list(Flag.objects.filter(resolved_at=None)) == [flags[2]]
    assert AuditEntry.objects.filter(action="flag.resolve").count() == 1
    told = client_for(shop.people.editor).post(address("flags_resolve"), {}, follow=True).text
    assert "Nothing was ticked, so nothing was resolved." in told
