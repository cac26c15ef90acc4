import html
import re

import pytest

from catalog.models import Item, ItemPayload
from rules import services
from rules.jobs import statistics
from rules.models import FiringStatistic, Rule, RuleVersion
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.jobs import job_run
from webapp.common.models import AuditEntry, Job

HOME = "/c/shop/rules/"


@pytest.fixture
def shop(corpus):
    return stock(corpus)


def posted(form=BRAND, **more):
    """The editor's fields for a rule."""
    ladder = form["ladder"]
    return {
        **{name: form.get(name, "") for name in ("code", "title", "principle", "dimension", "scope")},
        "capability": "rules",
        "priority": "0",
        "yields_to": "",
        "evidence_order": "title, attributes, image",
        **{
            f"step_{key}": [step.get(key, "") for step in ladder]
            for key in ("when", "grade", "dimension", "reason")
        },
        "example_query": ["brand: Apple"],
        "example_item": ["brand: Sony"],
        "example_grade": ["L2"],
        "example_dimension": [""],
        "example_note": [""],
        "example_pair": [""],
        **more,
    }


def created(corpus, people, form=BRAND):
    return services.rule_create(corpus=corpus, form=form, actor=people.editor)


def test_rule_list_works_searches_and_asks_a_fixed_number_of_queries(
    corpus, people, shop, client_for, django_assert_max_num_queries
):
    client = client_for(people.annotator)
    assert "No rule is written yet" in client.get(HOME).text
    for number in range(30):
        created(corpus, people, rule(code=f"R{number:02d}", title=f"Rule of {number}"))
    client.get(HOME)
    with django_assert_max_num_queries(9):
        page = client.get(HOME).text
    assert "R29" in page and "New rule" not in page
    found = client.get(HOME, {"text": "of 17"}, HTTP_HX_REQUEST="true").text
    assert "R17" in found and not re.search(r"\bR18\b", found) and "<html" not in found


def test_search_reads_conditions_and_reasons_and_shows_where(corpus, people, shop, client_for):
    quoted = {
        "when": 'item.color == "red" || item.title.matches("a\\\\d+[x]")',
        "grade": "L1",
        "reason": "red, {item.title}",
    }
    created(corpus, people)
    created(corpus, people, rule(EXACT, code="R05", scope="has(item.size)", ladder=[quoted], examples=[]))
    client = client_for(people.annotator)

    def found(text):
        page = client.get(HOME, {"text": text}, HTTP_HX_REQUEST="true").text
        where = re.findall(r'rules-found">(.*?)</div>', page)
        said = [html.unescape(re.sub("<(?!/?mark)[^>]+>", "", part)) for part in where]
        return re.findall(r'rule/(R\d+)/"', page)[::2], said

    assert found("has(item.SIZE") == (["R05"], ["when to look: <mark>has(item.size</mark>)"])
    codes, said = found('color == "red"')
    assert codes == ["R05"] and said[0].startswith('step 1: item.<mark>color == "red"</mark> || ')
    assert found("\\\\d+[x]")[0] == ["R05"]  # the text as it is written, no pattern
    assert found("red, {item")[1] == ["reason 1: <mark>red, {item</mark>.title}"]
    assert found("query.brand != item")[0] == ["R01"]
    for nothing in ('", "', "when", ".*", "x' OR 1=1 --", '" flag "', "$[*]", "item.size\x07", "\\"):
        assert client.get(HOME, {"text": nothing}, HTTP_HX_REQUEST="true").status_code == 200
    assert 400 <= client.get(HOME, {"text": "item.size\x00"}).status_code < 500, "as by the API"
    assert found('", "')[0] == [] and found(".*")[0] == [] and found("$[*]")[0] == []
    rules = client.get("/api/v1/corpora/shop/rules/", {"text": "has(item.size)"}).json()["rules"]
    assert [row["rule"]["code"] for row in rules] == ["R05"]


def test_list_shows_stored_statistics(corpus, people, shop, client_for):
    created(corpus, people)
    job = Job.objects.get(kind="rules.statistics")
    assert job_run(job.pk) == "done"
    row = FiringStatistic.objects.get()
    assert (row.pairs, row.fired, row.per_step, row.settled, row.agreed) == (6, 2, [2], 2, 1)
    page = client_for(people.annotator).get(HOME).text
    assert '2 <span class="small muted">of 6</span>' in page
    assert statistics is not None


def test_outsider_sees_nothing(corpus, people, shop, client_for):
    created(corpus, people)
    client = client_for(people.outsider)
    for url in ("", "new/", "rule/R01/", "rule/R01/history/", "releases/", "language/", "rulebook.yaml"):
        assert client.get(HOME + url).status_code == 404, url
    assert client.post(HOME + "rule/R01/edit/", posted()).status_code == 404


@pytest.mark.parametrize("person", ["annotator", "reviewer"])
def test_writing_needs_the_role(corpus, people, shop, client_for, person):
    created(corpus, people)
    client = client_for(getattr(people, person))
    assert client.get(HOME + "rule/R01/").status_code == 200
    assert client.get(HOME + "new/").status_code == 403
    assert client.post(HOME + "new/", posted(code="R09")).status_code == 403
    assert client.post(HOME + "rule/R01/edit/", posted()).status_code == 403
    assert client.post(HOME + "rule/R01/retire/").status_code == 403
    assert RuleVersion.objects.count() == 1


def test_wrong_methods_are_refused(corpus, people, shop, client_for):
    created(corpus, people)
    client = client_for(people.editor)
    for url in (
        "rule/R01/edit/",
        "rule/R01/retire/",
        "rule/R01/restore/1/",
        "live/condition/",
        "live/coverage/",
    ):
        assert client.get(HOME + url).status_code == 405, url
    assert client.post(HOME).status_code == 405


def test_an_editor_writes_a_rule(corpus, people, shop, client_for):
    client = client_for(people.editor)
    assert 'value="R01"' in client.get(HOME + "new/").text
    response = client.post(HOME + "new/", posted(note="because"), follow=True)
    assert response.redirect_chain[-1][0] == HOME + "rule/R01/" and "Another brand" in response.text
    version = RuleVersion.objects.get()
    assert version.ladder[0]["when"] == "query.brand != item.brand" and version.author == people.editor
    assert version.examples.get().grade == 2
    assert AuditEntry.objects.get(action="rule.create").data == {"note": "because"}


def test_a_rule_can_be_begun_from_a_pair(corpus, people, shop, client_for):
    pair = shop.pairs["apple", "B"]
    page = client_for(people.editor).get(HOME + "new/", {"pair": pair.pk}).text
    assert "title: Sony camera &lt;b&gt;X&lt;/b&gt;" in page and "<option selected>L2</option>" in page


def test_what_is_wrong_is_said_and_nothing_typed_is_lost(corpus, people, shop, client_for):
    client = client_for(people.editor)
    response = client.post(HOME + "new/", posted(step_when=["query.brand =="], title="My own words"))
    assert response.status_code == 422
    assert "Not saved" in response.text and "My own words" in response.text and "ladder.1" in response.text
    response = client.post(HOME + "new/", posted(example_item=["no colon here"]))
    assert response.status_code == 422 and "Example 1" in response.text
    assert not Rule.objects.exists()


def test_saving_over_a_newer_version_shows_both_texts(corpus, people, shop, client_for):
    version = created(corpus, people)
    services.rule_edit(rule=version.rule, form=rule(title="Hers"), actor=people.admin, base=1)
    client = client_for(people.editor)
    response = client.post(HOME + "rule/R01/edit/", posted(title="His", base="1"))
    assert response.status_code == 409
    assert "Admin saved version 2" in response.text and "Hers" in response.text and "His" in response.text
    assert RuleVersion.objects.count() == 2
    again = client.post(HOME + "rule/R01/edit/", posted(title="His", base="2"), follow=True)
    assert again.status_code == 200 and RuleVersion.objects.get(number=3).title == "His"


def test_history_restore_and_retire(corpus, people, shop, client_for):
    version = created(corpus, people)
    services.rule_edit(rule=version.rule, form=rule(title="Second"), actor=people.editor, note="shorter")
    client = client_for(people.editor)
    page = client.get(HOME + "rule/R01/history/").text
    assert "shorter" in page and "<ins>Second</ins>" in page and "<del>Another brand</del>" in page
    client.post(HOME + "rule/R01/restore/1/", {"reason": "the old one was clearer"})
    restored = RuleVersion.objects.get(number=3)
    assert restored.title == "Another brand"
    assert restored.note == "Restored version 1. the old one was clearer"
    client.post(HOME + "rule/R01/retire/", {"retired": "1", "reason": "brands are <b>sold</b> apart now"})
    assert Rule.objects.get().retired_at and "is left out of the releases to come" in client.get(HOME).text
    assert "rule/R01/" not in client.get(HOME).text
    assert "rule/R01/" in client.get(HOME, {"state": "retired"}).text
    client.post(HOME + "rule/R01/retire/", {"retired": "0"})
    rows = [
        row.data["reason"] for row in AuditEntry.objects.filter(action__startswith="rule.re").order_by("id")
    ]
    assert rows == ["brands are <b>sold</b> apart now", ""]
    page = client.get(HOME + "rule/R01/history/").text
    assert "brands are &lt;b&gt;sold&lt;/b&gt; apart now" in page and "the old one was clearer" in page
    assert page.index("Taken back in") < page.index("Retired: left out") < page.index("Version 3</strong>")


def test_where_it_fires(corpus, people, shop, client_for):
    page = client_for(people.editor).post(HOME + "live/coverage/", posted()).text
    assert "<strong>2</strong> of 6 pairs" in page and "Sony camera &lt;b&gt;X&lt;/b&gt;" in page
    assert "grade-2" in page and "1 <span" in page
    page = client_for(people.editor).post(HOME + "live/coverage/", posted(step_when=["(("])).text
    assert "Waiting for a rule that can be read" in page


def test_examples_run_as_typed(corpus, people, shop, client_for):
    client = client_for(people.editor)
    assert "pill-good" in client.post(HOME + "live/examples/", posted()).text
    page = client.post(HOME + "live/examples/", posted(example_grade=["L4"])).text
    assert "expected L4, found L2 brand" in page


def test_try_on_a_pair_by_name_by_id_and_by_fields(corpus, people, shop, client_for):
    client = client_for(people.editor)

    def tried(**more):
        return client.post(HOME + "live/pair/", posted(**more)).text

    assert "asked for Apple, this is Sony" in tried(try_query="apple phone", try_product="B")
    assert "asked for Apple, this is Sony" in tried(try_pair=str(shop.pairs["apple", "B"].pk))
    assert "Does not fire" in tried(try_query_fields="brand: Apple", try_item_fields="brand: Apple")
    assert "unknown" in tried(try_query_fields="brand: Apple", try_item_fields="title: x")
    assert "Name a query and a product id" in tried()
    assert client.post(HOME + "live/pair/", posted(try_product="nope")).status_code == 404


def test_firing_fragment(corpus, people, shop, client_for):
    client = client_for(people.annotator)
    pair = shop.pairs["apple", "B"]
    assert "No rulebook is in force" in client.get(HOME + "firing/", {"pair": pair.pk}).text
    evil = rule(title="<img src=x onerror=1>", principle="[x](javascript:alert(1)) <script>1</script>")
    services.rulebook_publish(
        corpus=corpus, document=[evil, EXACT], author=people.editor, reviewer=people.reviewer
    )
    page = client.get(HOME + "firing/", {"pair": pair.pk}).text
    assert "asked for Apple, this is Sony" in page and "grade-2" in page
    assert "<img src=x" not in page and "<script>" not in page and 'href="javascript' not in page
    assert (
        "No rule of release 1 fires"
        in client.get(HOME + "firing/", {"pair": shop.pairs["apple", "C"].pk}).text
    )
    assert client.get(HOME + "firing/", {"pair": "999999"}).status_code == 404
    assert client.get(HOME + "firing/", {"pair": "x' OR 1=1"}).status_code == 404
    assert client_for(people.outsider).get(HOME + "firing/", {"pair": pair.pk}).status_code == 404


def test_export_and_language_page(corpus, people, shop, client_for):
    created(corpus, people)
    client = client_for(people.annotator)
    assert client.get(HOME + "rulebook.json").json()["rules"][0]["code"] == "R01"
    assert "code: R01" in client.get(HOME + "rulebook.yaml").text
    assert client.get(HOME + "rulebook.exe").status_code == 404
    assert client.get(HOME + "language/").status_code == 200


def test_fields_and_values_of_the_corpus(corpus, people, shop, client_for):
    page = client_for(people.annotator).get(HOME + "live/fields/").text
    assert 'data-insert="item.color"' in page and "blue" in page and 'data-insert="query.brand"' in page
    assert "67 %" in page  # two of three items name a brand
    assert client_for(people.outsider).get(HOME + "live/fields/").status_code == 404


def test_the_page_of_pairs_narrows_to_what_is_judged_otherwise(corpus, people, shop, client_for):
    page = client_for(people.editor).post(HOME + "live/coverage/", posted(wrong="1")).text
    assert "1 of these are judged otherwise" in page and "sony camera" in page and "apple phone" not in page


def test_the_page_of_pairs_begins_at_the_boundary(corpus, people, shop, client_for):
    for code, price in (("A", 10), ("B", 99), ("C", 101)):
        ItemPayload.objects.filter(version__item=Item.objects.get(external_id=code)).update(
            attributes={"price": price}
        )
    client = client_for(people.editor)

    def shown(**more):
        fields = posted(scope="", step_when=["item.price <= 100"], **more)
        page = client.post(HOME + "live/coverage/", fields).text
        return re.findall(r'class="mono">([ABC])</span> · (step 1|does not fire)', page)

    assert [code for code, _ in shown()] == ["B", "B", "A", "A"]
    assert shown(side="outside") == [("C", "does not fire")] * 2
    nowhere = client.post(HOME + "live/coverage/", posted(step_when=["query.brand == 'Nokia'"])).text
    assert "Fires on <strong>0</strong>" in nowhere and 'data-side="outside"' in nowhere
