"""A failing example, an unresolved conflict or a failing example of a table: refused with the reason, by every way in.

Nothing of a refused publication stays: no publication, verdict change, event, audit row or job, and no state moves.
"""

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from rules import selectors, services
from rules.jobs import publish as publish_job
from rules.models import Publication, PublicationPlan, PublishCheck, Release, RuleVersion, VerdictChange
from rules.selectors import release_current
from rules.services.tables import table_save
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.errors import Conflict
from webapp.common.models import AuditEntry, Corpus, Job, OutboxEvent

pytestmark = pytest.mark.django_db
HOME, API = "/c/shop/rules/releases/1/", "/api/v1/corpora/shop/releases/1/"
SONY = rule(EXACT, code="R03", ladder=[{"when": "item.brand == 'Sony'", "grade": "L4"}], examples=[])
WRONG = rule(examples=[{"query": {"brand": "A"}, "item": {"brand": "B"}, "grade": "L3"}])
ASKS = rule(EXACT, code="R04", scope='same_family(query.color, item.color, "colours")', examples=[])
COLOURS = {"blue": ["navy"], "teal": []}
APART = [{"a": "navy", "b": "teal", "same": True}]

CAUSES = {
    "an example": ([WRONG], "Example 1 of R01 fails"),
    "a conflict": ([BRAND, SONY], "R01 and R03 stand on opposite sides of the relevant line on 1 pair"),
    "a table": ([BRAND, ASKS], "Table colours: “navy” and “teal” should be of one family"),
}


@pytest.fixture(params=list(CAUSES))
def refused(request: Any, corpus: Corpus, people: SimpleNamespace) -> SimpleNamespace:
    """Release 1, signed off, that one of the causes stands in the way of."""
    stock(corpus)
    forms, reason = CAUSES[request.param]
    if request.param == "a table":
        table_save(corpus=corpus, name="colours", content=COLOURS, examples=APART, actor=people.editor)
    for form in forms:
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    release = signed_off(corpus, people)
    return SimpleNamespace(release=release, reason=reason, before=written(corpus))


def signed_off(corpus: Corpus, people: SimpleNamespace) -> Release:
    release = services.release_create(corpus=corpus, actor=people.editor)
    services.release_submit(release=release, actor=people.editor)
    return services.release_sign_off(release=release, actor=people.reviewer)


def written(corpus: Corpus) -> list[Any]:
    """What a publication would leave behind, or move."""
    return [
        list(Publication.objects.filter(corpus=corpus).values_list("release__number", flat=True)),
        VerdictChange.objects.filter(publication__corpus=corpus).count(),
        OutboxEvent.objects.filter(corpus=corpus, kind="release.published").count(),
        AuditEntry.objects.filter(corpus=corpus, action="release.publish").count(),
        Job.objects.filter(corpus=corpus, kind="rules.statistics").count(),
        list(RuleVersion.objects.filter(rule__corpus=corpus).order_by("id").values_list("state", flat=True)),
        list(Release.objects.filter(corpus=corpus).order_by("id").values_list("state", "signed_off_by")),
        release_current(corpus),
    ]


def test_by_the_page(refused, corpus, people, client_for):
    response = client_for(people.editor).post(HOME + "publish/", {"reason": "now"})
    assert response.status_code == 409 and refused.reason in response.text.replace("&#x27;", "'")
    assert written(corpus) == refused.before


def test_by_the_api(refused, corpus, people, client_for):
    body = json.dumps({"reason": "now", "override": "because I say so"})
    response = client_for(people.admin).post(API + "publish/", body, content_type="application/json")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (409, "publish_blocked")
    assert refused.reason in error["message"] and any(refused.reason in said for said in error["reasons"])
    assert written(corpus) == refused.before


def test_by_a_plan(refused, corpus, people):
    plan = services.publication_plan_create(
        release=refused.release,
        due_at=timezone.now() + timedelta(hours=1),
        time_zone="UTC",
        actor=people.editor,
    )
    services.publication_plan_run(plan=plan)
    assert plan.state == PublicationPlan.State.REFUSED and refused.reason in plan.outcome
    assert written(corpus) == refused.before


class _Ctx:
    def __init__(self, release: Release, actor: Any) -> None:
        self.corpus, self.actor, self.arguments = release.corpus, actor, {"release": release.pk}

    def progress(self, *_: Any) -> None:
        """A sign of life that nobody waits for."""


def test_by_the_job_of_a_large_corpus(refused, corpus, people, client_for, monkeypatch):
    monkeypatch.setattr(selectors, "LARGE", 1)
    client_for(people.editor).post(HOME + "publish/", {"reason": "now"})
    assert Job.objects.filter(kind="rules.release_publish").count() == 1
    with pytest.raises(Conflict, match=refused.reason):
        publish_job(_Ctx(refused.release, people.editor))
    assert written(corpus) == refused.before


@pytest.fixture
def looked_again(corpus: Corpus, people: SimpleNamespace) -> Iterator[tuple[Release, Release]]:
    """A release whose table fails, in review while another is published: every check on it is thrown away."""
    stock(corpus)
    services.rule_create(corpus=corpus, form=BRAND, actor=people.editor)
    other = signed_off(corpus, people)
    services.rule_create(corpus=corpus, form=ASKS, actor=people.editor)
    table_save(corpus=corpus, name="colours", content=COLOURS, examples=APART, actor=people.editor)
    bad = signed_off(corpus, people)
    services.release_publish(release=other, actor=people.editor)
    services.release_sign_off(release=bad, actor=people.reviewer)
    yield other, bad


def test_a_failing_table_is_not_forgotten_when_another_release_is_published(looked_again, corpus, people):
    other, bad = looked_again
    assert not PublishCheck.objects.filter(release=bad, name="tables").exists()
    with pytest.raises(Conflict, match="Table colours: “navy” and “teal” should be of one family"):
        services.release_publish(release=bad, actor=people.editor)
    assert release_current(corpus) == other


def test_a_table_that_was_mended_after_the_review_began_stands_in_nobodys_way(looked_again, corpus, people):
    _, bad = looked_again
    table_save(corpus=corpus, name="colours", content=COLOURS, examples=[], actor=people.editor)
    services.release_publish(release=bad, actor=people.editor)
    check = PublishCheck.objects.get(release=bad, name="tables")
    assert check.ok and release_current(corpus) == bad


def test_priority_an_exception_or_the_right_example_lets_it_through(corpus, people):
    stock(corpus)
    for form in (rule(BRAND, yields_to=["R03"]), SONY):
        services.rule_create(corpus=corpus, form=form, actor=people.editor)
    services.release_publish(release=signed_off(corpus, people), actor=people.editor)
    assert release_current(corpus).number == 1
