import pytest

from rules import conflicts, services
from rules.chance_meetings import chance_conflicts
from rules.conflicts import conflict_rows, conflicts_counted, rules_now, static_last
from rules.models import RuleVersion
from tests.rules.shop import BRAND, EXACT, rule, stock
from tests.rules.test_rule_pages import HOME
from webapp.common.jobs import job_run
from webapp.common.models import Job

# On the pair of the apple query and the Sony camera R01 says L2, and this says L3.
NEAR = rule(
    EXACT, code="R03", title="A phone is near a camera", examples=[],
    ladder=[{"when": "item.category == 'thing'", "grade": "L3", "dimension": "", "reason": ""}],
)  # fmt: skip


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def written(corpus, people, *forms):
    for form in forms:
        services.rule_create(corpus=corpus, form=form, actor=people.editor)


def test_two_rules_in_conflict_are_shown_with_real_items(corpus, people, shop, client_for):
    client = client_for(people.editor)
    assert "No two rules stand against one another" in client.get(HOME + "conflicts/").text
    written(corpus, people, BRAND, NEAR)
    page = client.get(HOME + "conflicts/").text
    assert "R01 against R03" in page and "Both stand on <strong>2</strong> pairs" in page
    assert "Sony camera &lt;b&gt;" in page and "R01 yields to R03" in page
    assert page.count("R01 L2, R03 L3") == 2
    assert "R01 yields to R03" not in client_for(people.annotator).get(HOME + "conflicts/").text
    assert client_for(people.outsider).get(HOME + "conflicts/").status_code == 404


@pytest.mark.parametrize(
    ("how", "changed"), [("priority", {"priority": 1}), ("yield", {"yields_to": ["R03"]})]
)
def test_a_conflict_is_resolved_from_there(corpus, people, shop, client_for, how, changed):
    written(corpus, people, BRAND, NEAR)
    client = client_for(people.editor)
    response = client.post(
        HOME + "conflicts/resolve/", {"rule": "R01", "other": "R03", "how": how}, follow=True
    )
    assert "R01 has a new version" in response.text and "No two rules stand" in response.text
    version = RuleVersion.objects.get(rule__code="R01", number=2)
    assert {name: getattr(version, name) for name in changed} == changed and "R03" in version.note
    assert version.examples.count() == 2


def test_another_way_or_another_person_resolves_nothing(corpus, people, shop, client_for):
    written(corpus, people, BRAND, NEAR)
    post = {"rule": "R01", "other": "R03", "how": "priority"}
    assert client_for(people.annotator).post(HOME + "conflicts/resolve/", post).status_code == 403
    client = client_for(people.editor)
    assert client.post(HOME + "conflicts/resolve/", {**post, "how": "magic"}).status_code == 422
    assert client.post(HOME + "conflicts/resolve/", {**post, "other": "R01"}).status_code == 422
    assert client.post(HOME + "conflicts/resolve/", {**post, "other": "R99"}).status_code == 404
    assert RuleVersion.objects.count() == 2


def test_static_analysis_finds_what_no_pair_of_the_corpus_shows(corpus, people, shop, client_for):
    rare = rule(
        NEAR, ladder=[{"when": "item.color == 'violet'", "grade": "L3", "dimension": "", "reason": ""}]
    )
    apart = rule(
        NEAR, code="R04", scope="!has(query.brand)", ladder=[{"when": "true", "grade": "L4", "reason": ""}]
    )
    written(corpus, people, BRAND, rare, apart)
    client = client_for(people.editor)
    assert "R01 against" not in client.get(HOME + "conflicts/").text
    assert "waiting for a worker" in client.post(HOME + "conflicts/check/").text
    job = Job.objects.get(kind="rules.static_conflicts")
    assert job_run(job.pk) == "done"
    job.refresh_from_db()
    assert job.result["counts"] == {"possible": 1, "impossible": 1} and job.result["steps"] == []
    page = client.get(HOME + "conflicts/").text
    assert "R01 against R03" in page and "violet" in page and "1 pair of rules can meet" in page
    now = rules_now(corpus)
    (found,) = conflict_rows(corpus, now, static_last(corpus, now))
    assert found.witness is not None
    assert now.rulebook.evaluate(found.witness["query"], found.witness["item"]).conflict


def test_gaps_inside_ladders_and_pairs_without_a_rule(corpus, people, shop, client_for):
    ladder = [
        {"when": "item.price < 10", "grade": "L4", "dimension": "", "reason": ""},
        {"when": "item.price > 20", "grade": "L3", "dimension": "", "reason": ""},
    ]
    written(corpus, people, rule(EXACT, ladder=ladder, examples=[]))
    page = client_for(people.editor).get(HOME + "gaps/").text
    assert "leave item.price out from 10" in page
    assert "no rule fires on <strong>2</strong> of 2 settled pairs" in page
    assert f"new/?pair={shop.pairs['sony', 'B'].pk}" in page
    assert "Write a rule from" not in client_for(people.annotator).get(HOME + "gaps/").text


def test_rules_that_meet_by_chance_have_a_witness_of_the_corpus(corpus, people, shop, client_for):
    """No pair is there in which they meet; the corpus's own query and item make one, which no solver need make up."""
    wordy = rule(
        NEAR, ladder=[{"when": "word_overlap(query.text, item.title) == 0.0", "grade": "L3", "reason": ""}]
    )
    written(corpus, people, BRAND, wordy)
    shop.pairs["apple", "B"].delete()  # on the other pairs of two brands they share no word either
    shop.pairs["sony", "A"].delete()
    now = rules_now(corpus)
    assert conflicts_counted(now) == []
    ((names, (query, item)),) = chance_conflicts(now).items()
    assert names == ("R01", "R03") and now.rulebook.evaluate(query, item).conflict
    assert set(query) == {"brand", "text"} and set(item) == {"brand", "title"}
    client = client_for(people.editor)
    client.post(HOME + "conflicts/check/")
    assert job_run(Job.objects.get(kind="rules.static_conflicts").pk) == "done"
    page = client.get(HOME + "conflicts/").text
    assert "R01 against R03" in page and "No pair of the corpus brings them together" in page
    assert "0 not decided in the time given, nor met where 200,000 queries and items" in page


def test_an_exception_both_ways_settles_nothing_and_is_still_shown(corpus, people, shop, client_for):
    written(corpus, people, rule(BRAND, yields_to=["R03"]), rule(NEAR, yields_to=["R01"]))
    page = client_for(people.editor).get(HOME + "conflicts/").text
    assert "R01 against R03" in page and "Both stand on <strong>2</strong> pairs" in page


def test_the_gaps_of_a_large_corpus_are_counted_by_the_job(corpus, people, shop, client_for, monkeypatch):
    monkeypatch.setattr(conflicts, "LIVE", 0)
    written(corpus, people, EXACT)
    client = client_for(people.editor)
    page = client.get(HOME + "gaps/").text
    assert "a job counts" in page and "no rule fires on" not in page and "A rule fires on every" not in page
    client.post(HOME + "conflicts/check/")
    assert job_run(Job.objects.get(kind="rules.static_conflicts").pk) == "done"
    page = client.get(HOME + "gaps/").text
    assert "no rule fires on <strong>1</strong> of 1 settled pair" in page and "Counted " in page


def test_conflicts_by_the_api(corpus, people, shop, client_for):
    written(corpus, people, BRAND, NEAR)
    client = client_for(people.editor)
    address = "/api/v1/corpora/shop/rules/conflicts/"
    (found,) = client.get(address).json()["conflicts"]
    assert found["rules"] == ["R01", "R03"] and found["pairs"] == 2 and len(found["shown"]) == 2
    first, second = (client.post(address) for _ in range(2))
    assert first.status_code == 202 and first.json() == second.json()
    assert job_run(Job.objects.get(kind="rules.static_conflicts").pk) == "done"
    body = client.get(address).json()
    assert body["beyond_the_corpus"]["counts"] == {"possible": 1} and body["conflicts"][0]["witness"]
    post = {"rule": "R03", "other": "R01", "how": "yield"}
    assert client_for(people.annotator).post(f"{address}resolve/", post).status_code == 403
    resolved = client.post(f"{address}resolve/", post, content_type="application/json").json()
    assert resolved["rule"]["yields_to"] == ["R01"] and client.get(address).json()["conflicts"] == []
    assert client.get(address).json()["beyond_the_corpus"]["stale"] is True
