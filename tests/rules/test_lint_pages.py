import json
import re
from io import StringIO

import pytest
from django.core.management import call_command

from rules import services
from rules.lint_selectors import lint_release
from tests.rules.shop import BRAND, EXACT, rule, stock
from tests.rules.test_rule_pages import HOME, posted
from webapp.common.jobs import job_run
from webapp.common.models import Job

API = "/api/v1/corpora/shop/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def written(corpus, people, *forms):
    for form in forms:
        services.rule_create(corpus=corpus, form=form, actor=people.editor)


def test_lint_stands_beside_the_form(corpus, people, shop, client_for):
    written(corpus, people, rule(EXACT, priority=5))
    client = client_for(people.editor)
    assert "Lint finds nothing" in client.post(HOME + "live/lint/", posted()).text
    page = client.post(HOME + "live/lint/", posted(example_grade=["L4"])).text
    assert "Example 1 contradicts the ladder" in page and "Expect L2 brand" in page
    assert "[[&quot;examples.1.grade&quot;, &quot;L2&quot;]" in page
    page = client.post(HOME + "live/lint/", posted(step_when=["query.brand != item.brnad"])).text
    assert "item.brnad" in page and "Write item.brand" in page and "line 1, column 16" in page
    assert "Waiting for a rule" in client.post(HOME + "live/lint/", posted(step_when=["(("])).text


def test_lint_list_shows_all_rules_and_narrows(corpus, people, shop, client_for):
    client = client_for(people.annotator)
    assert "Lint finds nothing" in client.get(HOME + "lint/").text
    written(corpus, people, rule(yields_to=["R77"]), rule(EXACT, examples=[], priority=3, dimension="brand", ladder=[
        {"when": "item.color == 'rde'", "grade": "L4", "dimension": "", "reason": ""}]))  # fmt: skip
    page = client.get(HOME + "lint/").text
    assert "no such rule" in page and "rule/R01/#at=yields_to,0,0,-1,-1" in page and "“rde”" in page
    narrowed = client.get(HOME + "lint/", {"kind": "unknown"}, HTTP_HX_REQUEST="true").text
    assert "“rde”" in narrowed and "no such rule" not in narrowed and "<html" not in narrowed
    assert not re.search(r"\bR77\b", client.get(HOME + "lint/", {"rule": "R02"}, HTTP_HX_REQUEST="true").text)
    assert client_for(people.outsider).get(HOME + "lint/").status_code == 404


def test_lint_comes_by_the_api(corpus, people, shop, client_for):
    written(corpus, people, rule(yields_to=["R77"]))
    client = client_for(people.annotator)
    found = client.get(API + "rules/lint/").json()
    assert [f["kind"] for f in found["findings"]] == ["yields"] and found["errors"] == 0
    body = {"rules": [rule(principle="Within 10 %.", ladder=[
        {"when": "within_percent(item.price, query.price, 20)", "grade": "L4"}], examples=[])]}  # fmt: skip
    given = client.post(API + "rules/lint/", json.dumps(body), content_type="application/json").json()
    assert {f["kind"] for f in given["findings"]} >= {"number"}
    bad = client.post(API + "rules/lint/", json.dumps({"rules": [{"code": "R01", "ladder": [{"when": "(("}]}]}),
                      content_type="application/json")  # fmt: skip
    assert bad.status_code == 422


def test_a_step_that_the_solver_proves_dead_is_a_finding(corpus, people, shop, client_for):
    """Two steps together leave nothing for the third, which no single one of them shadows."""
    ladder = [
        {"when": f"item.price {bound}", "grade": grade, "dimension": "", "reason": ""}
        for bound, grade in (("< 10.0", "L4"), (">= 10.0", "L3"), ("> 5.0", "L1"))
    ]
    written(corpus, people, rule(EXACT, ladder=ladder, examples=[]))
    client = client_for(people.editor)
    form = posted(code="R02", scope="has(query.brand)", step_when=[s["when"] for s in ladder],
                  step_grade=["L4", "L3", "L1"], step_dimension=["", "", ""], step_reason=["", "", ""])  # fmt: skip
    told = "no pair makes it decide"
    assert told not in client.get(HOME + "lint/").text + client.post(HOME + "live/lint/", form).text
    client.post(HOME + "conflicts/check/")
    assert job_run(Job.objects.get(kind="rules.static_conflicts").pk) == "done"
    page = client.get(HOME + "lint/").text
    assert told in page and "rule/R02/#at=ladder.3" in page and "1 can never be reached" in page
    assert told in client.get(API + "rules/lint/").content.decode()
    live = client.post(HOME + "live/lint/", form).text
    assert told in live and "Take step 3 out" in live
    changed = {**form, "step_when": ["item.price < 10.0", "item.price > 12.0", "item.price > 5.0"]}
    assert told not in client.post(HOME + "live/lint/", changed).text
    client.post(HOME + "rule/R02/edit/", {**changed, "base": "1"})
    page = client.get(HOME + "lint/").text
    assert told not in page and "0 can never be reached" in page


def test_a_release_is_linted_over_its_own_parts(corpus, people, shop):
    written(corpus, people, BRAND)
    release = services.release_create(corpus=corpus, actor=people.editor, title="one")
    assert lint_release(release).ok and lint_release(release).message == "Lint finds nothing."
    services.rule_edit(
        rule=release.rule_versions.get().rule, form=rule(dimension="colour"), actor=people.editor
    )
    services.release_refresh(release=release, actor=people.editor)
    found = lint_release(release)
    assert not found.ok and found.per_kind == {"filing": 1} and "wrong filings 1" in found.message


def test_rules_test_prints_findings_and_fails_for_them_only_when_strict(corpus, people, shop, tmp_path):
    path = tmp_path / "in.json"
    path.write_text(json.dumps([rule(yields_to=["R77"])]))
    out, err = StringIO(), StringIO()
    call_command("rules_test", str(path), stdout=out, stderr=err)
    assert "2 of 2 examples pass" in out.getvalue() and "Lint finds 1, 0 of them errors" in out.getvalue()
    assert "R01 yields to: R01 yields to R77" in err.getvalue()
    with pytest.raises(SystemExit) as end:
        call_command("rules_test", str(path), "--strict", stdout=out, stderr=err)
    assert end.value.code == 1
    path.write_text(json.dumps([rule()]))
    call_command("rules_test", str(path), "--strict", "--corpus", "shop", stdout=out, stderr=err)
    assert "Lint finds nothing." in out.getvalue()
