"""Synonym tables: edited as versions, tested by examples, frozen by releases, told apart between two."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from catalog.models import Pair, Query
from rules.conflicts import rules_now
from rules.fires_on import newest_book
from rules.lint_selectors import book_now
from rules.models import TableVersion
from rules.newest_tables import tables_newest
from rules.review_selectors import release_news
from rules.selectors import release_current, tables_release
from rules.services import (
    release_create,
    release_sign_off,
    release_submit,
    rulebook_export,
    rulebook_import,
    rulebook_publish,
)
from rules.services.tables import (
    families_merge,
    family_save,
    table_create,
    table_remove,
    table_restore,
    table_save,
)
from rules.table_selectors import table_content, table_users, tables_current
from rules.tables import examples_run, shared_words, tables_diff
from tests.rules.shop import BRAND, rule, stock
from webapp.common.errors import Conflict, Invalid, NotFound, Refused
from webapp.common.models import AuditEntry, Corpus, Job

pytestmark = pytest.mark.django_db
COLOURS = {"blue": ["navy", "azure"], "red": ["crimson"]}
ASKS = rule(BRAND, code="R03", scope='same_family(query.color, item.color, "colours")', examples=[])


@pytest.fixture
def book(corpus: Corpus, people: SimpleNamespace) -> Corpus:
    stock(corpus)
    rulebook_publish(
        corpus=corpus,
        document={"rules": [BRAND, ASKS], "tables": {"colours": COLOURS}},
        author=people.editor,
        reviewer=people.admin,
    )
    return corpus


def save(corpus: Corpus, **given: Any) -> TableVersion | None:
    return table_save(**{"corpus": corpus, "name": "colours", "actor": None, **given})


def test_an_edit_is_a_new_version_that_the_next_release_takes_up(
    book: Corpus, people: SimpleNamespace
) -> None:
    save(book, content={**COLOURS, "green": ["olive"]}, actor=people.editor, note="green is sold now")
    current = release_current(book)
    assert current is not None and "green" not in current.tables["colours"]
    assert tables_newest(book, current)["colours"]["green"] == ["olive"]
    drafted = tables_release(book)
    assert drafted is not None and "green" in drafted.tables["colours"]
    assert "green" in release_create(corpus=book, actor=people.editor).tables["colours"]
    assert AuditEntry.objects.filter(corpus=book, action="table.save").exists()


def test_nothing_is_saved_where_nothing_differs(book: Corpus) -> None:
    before = TableVersion.objects.count()
    assert save(book, content={"blue": ["navy", "azure", "navy"], "red": ["crimson"]}) is None
    assert TableVersion.objects.count() == before


def test_two_editors_are_told(book: Corpus) -> None:
    base = TableVersion.objects.filter(name="colours").count()
    save(book, content={"blue": []}, base=base)
    with pytest.raises(Conflict, match="while you were editing"):
        save(book, content={"red": []}, base=base)


def test_families_are_renamed_removed_and_merged(book: Corpus, people: SimpleNamespace) -> None:
    family_save(
        corpus=book, name="colours", family="deep red", words=["crimson"], old="red", actor=people.editor
    )
    assert list(table_content(book, "colours")) == ["blue", "deep red"]
    families_merge(corpus=book, name="colours", family="deep red", into="blue", actor=people.editor)
    assert table_content(book, "colours") == {"blue": ["navy", "azure", "deep red", "crimson"]}
    with pytest.raises(Conflict):
        family_save(corpus=book, name="colours", family="blue", words=[], actor=people.editor)
    with pytest.raises(NotFound):
        family_save(corpus=book, name="colours", family="x", words=[], old="nothing", actor=people.editor)


def test_a_table_is_removed_and_restored(book: Corpus, people: SimpleNamespace) -> None:
    version = save(book, content={"blue": ["navy"]})
    assert version is not None
    table_remove(corpus=book, name="colours", actor=people.editor)
    assert "colours" not in tables_current(book)
    assert "colours" not in release_create(corpus=book, actor=people.editor).tables
    table_restore(corpus=book, name="colours", number=version.number, actor=people.editor)
    assert table_content(book, "colours") == {"blue": ["navy"]}


def test_versions_stay_as_they_were_written(book: Corpus) -> None:
    version = save(book, content={"blue": []})
    assert version is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        TableVersion.objects.filter(pk=version.pk).update(content={})


def test_a_failing_example_stands_in_the_way_of_publishing(book: Corpus, people: SimpleNamespace) -> None:
    save(
        book,
        content={"blue": ["navy"], "teal": []},
        examples=[{"a": "navy", "b": "teal", "same": True}, {"a": "Navy", "b": "BLUE", "same": True}],
    )
    release = release_create(corpus=book, actor=people.editor)
    release_submit(release=release, actor=people.editor)
    check = release.checks.get(name="tables")
    assert not check.ok and check.blocking and "navy" in check.message


def test_examples_are_answered_as_the_language_answers() -> None:
    found = examples_run(
        "colours",
        COLOURS,
        [
            {"a": "Navy", "b": "azure", "same": True, "note": ""},
            {"a": "navy", "b": "crimson", "same": False, "note": ""},
            {"a": "navy", "b": "crimson", "same": True, "note": ""},
        ],
    )
    assert [row.passed for row in found] == [True, True, False]


def test_what_differs_between_the_tables_of_two_releases() -> None:
    changes = tables_diff(
        {"colours": COLOURS, "gone": {"a": []}}, {"colours": {"blue": ["navy", "sky"]}, "sizes": {"xl": []}}
    )
    assert [(c.name, c.kind) for c in changes] == [
        ("colours", "changed"),
        ("gone", "removed"),
        ("sizes", "new"),
    ]
    blue, red = changes[0].families
    assert (blue.added, blue.removed) == (("sky",), ("azure",))
    assert red.kind == "removed"
    assert (
        tables_diff({"colours": COLOURS}, {"colours": [["blue", "azure", "navy"], ["red", "crimson"]]}) == []
    )


def test_words_of_two_families_are_pointed_out() -> None:
    assert shared_words({"blue": ["navy"], "dark": ["Navy"]}) == {"navy": ["blue", "dark"]}


@pytest.mark.parametrize(
    "content", [3, "text", {"": ["x"]}, {"x": ["y" * 500]}, {f"f{n}": [] for n in range(5_001)}]
)
def test_what_is_no_table_is_refused(book: Corpus, content: Any) -> None:
    with pytest.raises(Invalid):
        save(book, content=content)


def test_the_rules_that_ask_a_table(book: Corpus) -> None:
    assert [version.rule.code for version in table_users(book)["colours"]] == ["R03"]


def test_tables_and_examples_travel_in_the_rulebook(book: Corpus, people: SimpleNamespace) -> None:
    examples = [{"a": "navy", "b": "azure", "same": True, "note": ""}]
    save(book, content=COLOURS, examples=examples)
    document = rulebook_export(corpus=book)
    assert document["table_examples"] == {"colours": examples}
    table_remove(corpus=book, name="colours", actor=people.editor)
    rulebook_import(corpus=book, document=document, actor=people.editor)
    assert rulebook_export(corpus=book) == document


def at(corpus: Corpus, name: str, *more: object) -> str:
    return reverse(f"rules:{name}", args=[corpus.slug, *more])


def test_the_pages_show_search_and_change(book: Corpus, people: SimpleNamespace, client_for: Any) -> None:
    client: Client = client_for(people.editor)
    page = client.get(at(book, "table_list")).content.decode()
    assert "colours" in page and "R03" in page
    url = at(book, "table_detail", "colours")
    assert "crimson" in client.get(url).content.decode()
    found = client.get(url, {"text": "NAVY"}, headers={"HX-Request": "true"}).content.decode()
    assert "azure" in found and "crimson" not in found and "<html" not in found
    number = TableVersion.objects.filter(name="colours").count()
    typed = {"old": "red", "family": "red", "words": "crimson, scarlet", "base": number, "step": "save"}
    client.post(at(book, "family_save", "colours"), typed)
    assert table_content(book, "colours")["red"] == ["crimson", "scarlet"]
    again = client.post(at(book, "family_save", "colours"), typed)
    assert again.status_code == 409
    client.post(
        at(book, "table_examples", "colours"),
        {"a": ["navy", ""], "b": ["azure", ""], "same": ["1", "1"], "note": ["", ""]},
    )
    assert "holds" in client.get(url).content.decode()
    assert (
        client.get(at(book, "table_export", "csv")).content.decode().splitlines()[1]
        == "colours,blue,navy|azure"
    )


def test_an_annotator_reads_and_does_not_write(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    client: Client = client_for(people.annotator)
    assert client.get(at(book, "table_detail", "colours")).status_code == 200
    assert client.post(at(book, "table_create"), {"name": "x", "family": "y"}).status_code == 403
    assert client_for(people.outsider).get(at(book, "table_list")).status_code == 404


def test_a_new_table_needs_a_name_and_a_family(book: Corpus, people: SimpleNamespace) -> None:
    with pytest.raises(Conflict):
        table_create(corpus=book, name="colours", content=COLOURS, actor=people.editor)
    with pytest.raises(Invalid):
        table_create(corpus=book, name="sizes", content={}, actor=people.editor)
    with pytest.raises(Invalid):
        table_create(corpus=book, name="a/b", content=COLOURS, actor=people.editor)


def test_a_removed_table_is_offered_back_from_the_list(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    client, listed = client_for(people.editor), reverse("rules:table_list", args=[book.slug])
    edited = save(book, content={"blue": ["navy"]})
    assert edited is not None
    table_remove(corpus=book, name="colours", actor=people.editor)
    back = reverse("rules:table_restore", args=[book.slug, "colours", edited.number])
    assert back in client.get(listed).text
    assert back not in client_for(people.annotator).get(listed).text
    client.post(back)
    assert table_content(book, "colours") == {"blue": ["navy"]} and back not in client.get(listed).text


def test_a_table_goes_back_to_what_was_released(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    save(book, content={"blue": ["navy"]})
    table_remove(corpus=book, name="colours", actor=people.editor)
    back = reverse("rules:table_restore", args=[book.slug, "colours", 0])
    assert "released wording of colours" in client_for(people.editor).post(back, follow=True).text
    assert table_content(book, "colours") == COLOURS
    with pytest.raises(NotFound):
        table_restore(corpus=book, name="sizes", number=0, actor=people.editor)


def test_what_is_kept_of_the_rules_follows_an_edit_of_their_table(
    book: Corpus, people: SimpleNamespace
) -> None:
    pair = Pair.objects.get(corpus=book, query__key="apple phone", item__external_id="A")
    Query.objects.filter(pk=pair.query_id).update(facets={"brand": "Apple", "color": "navy"})
    before = newest_book(book), book_now(book), static_base(book)
    assert newest_book(book) is before[0] and book_now(book) is before[1], "nothing has changed: kept"
    edited = save(book, content={**COLOURS, "blue": ["navy"]}, actor=people.editor)
    after = newest_book(book), book_now(book), static_base(book)
    assert edited is not None and all(a is not b for a, b in zip(before[:2], after[:2], strict=True))
    assert before[2] != after[2] == [release_current(book).pk, edited.pk]
    assert Job.objects.get(idempotency_key=f"rules.statistics:table:{edited.pk}").arguments == {
        "versions": [row.pk for row in table_users(book)["colours"]]
    }


def static_base(corpus: Corpus) -> list[int]:
    return rules_now(corpus).reading


def test_who_wrote_the_tables_alone_does_not_sign_them_off(book: Corpus, people: SimpleNamespace) -> None:
    save(book, content={**COLOURS, "green": ["olive"]}, actor=people.editor)
    release = release_create(corpus=book, actor=people.admin)
    release_submit(release=release, actor=people.admin)
    with pytest.raises(Refused, match="everything that is new"):
        release_sign_off(release=release, actor=people.editor)
    release_sign_off(release=release, actor=people.reviewer)


def test_two_people_at_one_table_do_not_overwrite_each_other(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    editor = client_for(people.editor)
    edited = save(book, content={**COLOURS, "green": ["olive"]}, actor=people.admin)
    assert edited is not None
    posted = {"base": "0", "a": ["navy"], "b": ["blue"], "same": ["1"], "note": [""]}
    late = editor.post(reverse("rules:table_examples", args=["shop", "colours"]), posted)
    merged = editor.post(
        reverse("rules:family_merge", args=["shop", "colours"]), {"base": "0", "old": "red", "into": "blue"}
    )
    assert late.status_code == merged.status_code == 409
    assert editor.post(
        reverse("rules:table_examples", args=["shop", "colours"]), {**posted, "base": str(edited.number)}
    ).status_code in (200, 302)


def test_a_release_of_tables_and_dimensions_alone_is_news_and_in_its_diff(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    assert release_news(book, people.annotator) is None
    current = release_current(book)
    assert current is not None
    document = {
        "rules": [BRAND, ASKS],
        "tables": {"colours": {**COLOURS, "green": ["olive"]}},
        "dimensions": [*current.dimensions, "voltage"],
    }
    rulebook_publish(corpus=book, document=document, author=people.editor, reviewer=people.admin)
    news = release_news(book, people.annotator)
    assert news is not None and [change.name for change in news.tables] == ["colours"]
    assert [(name, after.endswith("voltage")) for name, _, after in news.definitions] == [
        ("Dimensions", True)
    ]
    body = client_for(people.editor).get("/api/v1/corpora/shop/releases/2/diff/").json()
    assert body["definitions"][0]["name"] == "Dimensions" and body["tables"][0]["name"] == "colours"
    page = client_for(people.editor).get(reverse("rules:release_detail", args=["shop", 2])).content.decode()
    assert "voltage" in page
