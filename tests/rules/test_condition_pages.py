"""A condition as it is typed: checked, its doubts placed and mended, tables and fields offered."""

import html
import re

import pytest

from rules import services
from rules.services.tables import table_create
from tests.rules.shop import EXACT
from tests.rules.test_rule_pages import HOME, posted, shop

__all__ = ["shop"]


def test_condition_is_checked_as_typed(corpus, people, shop, client_for):
    client = client_for(people.editor)

    def said(source):
        return client.post(HOME + "live/condition/", {"condition": source}).text

    assert "query.brand" in said("query.brand != item.brand") and "Line" not in said(
        "query.brand != item.brand"
    )
    assert "Line 1" in said("query.brand ==") and 'role="alert"' in said("query.brand ==")
    assert "item.colour" in said("item.colour == 'red'") and "rules-doubt" in said("item.colour == 'red'")
    assert "No item of this corpus carries “reed” in item.color" in said("item.color == 'reed'")
    assert "Did you mean “red”?" in said("item.color == 'reed'")
    assert "rules-doubt" not in said("item.color == 'red'")
    assert "rules-doubt" not in said("lower(item.brand) == 'sony'")
    assert "Did you mean “sony”?" in said("lower(item.brand) == 'sonny'")
    assert said("").strip() == ""
    assert "longer than" in said("true || " * 5000 + "true")


def doubts(page):
    """(place, marked, message, mends offered) of each doubt."""
    found = []
    for part in page.split('class="rules-said rules-doubt"')[1:]:
        marked = html.unescape(re.search(r"<mark>(.*?)</mark>", part)[1])
        place = re.search(r'data-at="([\d,]+)"', part)[1]
        said = html.unescape(
            " ".join(re.search(r"</button>: (.*?)(?:<button|</div>)", part, re.S)[1].split())
        )
        found.append(
            (place, marked, said, [html.unescape(text) for text in re.findall(r'data-whole="([^"]*)"', part)])
        )
    return found


def test_a_doubt_names_its_place_marks_it_and_offers_the_mend(corpus, people, shop, client_for):
    client = client_for(people.editor)
    source = 'has(item.brand) &&\n  item.color == "reed"'
    page = client.post(HOME + "live/condition/", {"condition": source}).text
    assert doubts(page) == [
        (
            "2,17",
            '"reed"',
            "No item of this corpus carries “reed” in item.color. Did you mean “red”?",
            ['has(item.brand) &&\n  item.color == "red"'],
        )
    ]
    page = client.post(HOME + "live/condition/", {"condition": "  item.colour == 'red'"}).text
    assert [(at, mark) for at, mark, *_ in doubts(page)] == [("1,3", "item.colour")]
    wrong = client.post(
        HOME + "live/condition/", {"condition": "true && mention(query.text, item.brand)"}
    ).text
    assert 'data-at="1,9"' in wrong and "<mark>mention</mark>" in wrong


TABLES = {"colors": {"blue": ["navy"], "red": ["Crimson"]}, "units": {"inch": ["in"]}}


@pytest.mark.parametrize(
    ("source", "said", "mended"),
    [
        (
            'same_family(query.color, item.color, "colours")',
            "There is no table “colours”: same_family holds only for a word and itself. Did you mean “colors”?",
            'same_family(query.color, item.color, "colors")',
        ),
        (
            'kind_of(item.title, "shops") == "x"',
            "There is no table “shops”: what kind_of gives stays unknown. There is: colors, units.",
            None,
        ),
        (
            'kind_of(item.title, "colors") == "bleu"',
            "The table “colors” has no family “bleu”. Did you mean “blue”?",
            'kind_of(item.title, "colors") == "blue"',
        ),
        (
            '"Red" in families_in(query.text, "colors")',
            "The table “colors” has no family “Red”. Did you mean “red”?",
            '"red" in families_in(query.text, "colors")',
        ),
        (
            'families_in(query.text, "colors").exists(c, c in ["blue", "navy"])',
            "The table “colors” has no family “navy”. There is: blue, red.",
            None,
        ),
        (
            'same_family(item.color, "navi", "colors")',
            "“navi” is in no family of the table “colors”. Did you mean “navy”?",
            'same_family(item.color, "navy", "colors")',
        ),
        ('same_family(item.color, "crimson")', None, None),
        ('kind_of(item.title, "colors") in ["blue", "red"]', None, None),
        (
            'size(amounts(item.title, "inhc")) > 0',
            "“inhc” is no unit of the table “units”. Did you mean “inch” or “in”?",
            'size(amounts(item.title, "inch")) > 0',
        ),
        ('size(amounts(item.title, "pack")) > 0', None, None),
    ],
)
def test_tables_and_families_that_there_are_not(corpus, people, shop, client_for, source, said, mended):
    services.rulebook_publish(
        corpus=corpus, document={"rules": [EXACT], "tables": TABLES}, author=None, reviewer=None
    )
    client = client_for(people.editor)
    found = doubts(client.post(HOME + "live/condition/", {"condition": source}).text)
    known = [doubt for doubt in found if "carries query.color" not in doubt[2]]
    assert [doubt[2] for doubt in known] == ([said] if said else [])
    if mended:
        assert known[0][3][0] == mended
    lint = client.post(HOME + "live/lint/", posted(step_when=[source])).text
    assert (html.escape(said.split(". ")[0]) in lint) if said else ("table" not in lint)


def test_a_corpus_without_tables_says_so(corpus, people, shop, client_for):
    client = client_for(people.editor)
    page = client.post(HOME + "live/condition/", {"condition": "same_family(item.brand, item.color)"}).text
    (doubt,) = doubts(page)
    assert doubt[:2] == ("1,1", "same_family") and "There are no tables to ask" in doubt[2]
    assert "write one on the page Tables" in doubt[2]
    assert 'href="/c/shop/rules/tables/"' in client.get(HOME + "live/fields/").text


def test_tables_are_offered_with_their_families(corpus, people, shop, client_for):
    services.rulebook_publish(
        corpus=corpus, document={"rules": [EXACT], "tables": TABLES}, author=None, reviewer=None
    )
    table_create(corpus=corpus, name="kinds", content={"bag": ["purse"]}, actor=people.editor)
    client = client_for(people.annotator)
    page = client.get(HOME + "live/fields/").text
    assert re.findall(r'data-table="(\w+)"', page) == ["colors", "kinds", "units"]
    assert '<li data-function="kind_of" data-table-at="1">' in page
    ask = HOME + "live/values/"
    assert client.get(ask, {"table": "colors", "of": "families"}).json()["values"] == ["red", "blue"]
    assert client.get(ask, {"table": "colors", "of": "words", "text": "cri"}).json()["values"] == ["Crimson"]
    assert client.get(ask, {"table": "nothing", "text": "x"}).json()["values"] == []
    assert client_for(people.outsider).get(ask, {"table": "colors"}).status_code == 404


def test_condition_text_is_never_html(corpus, people, shop, client_for):
    page = (
        client_for(people.editor)
        .post(HOME + "live/condition/", {"condition": "'<script>x</script>' =="})
        .text
    )
    assert "<script>" not in page
