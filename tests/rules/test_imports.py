"""A file of rules on its way in: the dry run, what is refused, and taking it up; by page and by command."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from rules.formats import rulebook_read, rulebook_text
from rules.models import Rule
from rules.services import release_create, rule_create, rulebook_export, rulebook_publish
from rules.services.imports import import_apply, import_plan
from rules.services.tables import table_save
from rules.table_selectors import tables_current
from tests.rules.shop import BRAND, EXACT, rule, stock
from webapp.common.models import Corpus

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parent / "formats" / "fixtures"


@pytest.fixture
def book(corpus: Corpus, people: SimpleNamespace) -> Corpus:
    stock(corpus)
    rulebook_publish(
        corpus=corpus,
        document={
            "rules": [BRAND, EXACT],
            "tables": {"synonyms": {"notebook": ["ultrabook"]}, "colours": {"red": []}},
        },
        author=people.editor,
        reviewer=people.admin,
    )
    return corpus


def read(name: str) -> Any:
    return rulebook_read((FIXTURES / name).read_text(), name=name)


def test_the_dry_run_tells_and_keeps_nothing(book: Corpus) -> None:
    changed = rule(BRAND, title="Quite another brand")
    text = rulebook_text({"rules": [changed, EXACT, rule(EXACT, code="R09", examples=[])]}, "yaml")
    plan = import_plan(corpus=book, carried=rulebook_read(text), retire_missing=True)
    assert plan.outcome is not None
    assert (plan.outcome.created, plan.outcome.changed, plan.outcome.same) == (("R09",), ("R01",), ("R02",))
    assert [(d.code, d.kind) for d in plan.diff] == [("R01", "changed"), ("R09", "new")]
    assert Rule.objects.filter(corpus=book).count() == 2


def test_good_rows_go_in_and_bad_ones_do_not(book: Corpus, people: SimpleNamespace) -> None:
    carried = read("sheet.csv")
    plan = import_plan(corpus=book, carried=carried)
    assert plan.outcome is not None and (plan.outcome.created, plan.outcome.changed) == (("R06",), ("R01",))
    import_apply(corpus=book, carried=carried, actor=people.editor)
    assert set(Rule.objects.filter(corpus=book).values_list("code", flat=True)) == {"R01", "R02", "R06"}


def test_foreign_rules_get_codes_of_their_own_and_keep_them(book: Corpus, people: SimpleNamespace) -> None:
    rule_create(corpus=book, form=rule(BRAND, code="S001", title="Mine", examples=[]), actor=people.editor)
    carried = read("rules.txt")
    first = import_apply(corpus=book, carried=carried, actor=people.editor)
    assert first.created == ("S002", "S003", "S004")
    again = import_apply(corpus=book, carried=carried, actor=people.editor)
    assert (again.created, again.changed) == ((), ())
    tables = tables_current(book)
    assert tables["synonyms"] == {"notebook": ["ultrabook", "laptop", "portable computer"]}
    assert "colours" in tables  # what the file does not speak of stays


def test_a_rulebook_that_does_not_hold_together_is_refused_whole(book: Corpus) -> None:
    text = rulebook_text({"rules": [BRAND, BRAND]}, "yaml")
    plan = import_plan(corpus=book, carried=rulebook_read(text))
    assert plan.outcome is None and plan.problem


def at(corpus: Corpus, name: str) -> str:
    return reverse(f"rules:{name}", args=[corpus.slug])


def upload(client: Client, corpus: Corpus, name: str, content: bytes, **more: str) -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post(at(corpus, "import_create"), {"file": file, "kind": "auto", **more}, follow=True)


def test_the_page_shows_the_dry_run_and_takes_it_up(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    client: Client = client_for(people.editor)
    assert "SMUI" in client.get(at(book, "import_create")).content.decode()
    page = upload(client, book, "sheet.csv", (FIXTURES / "sheet.csv").read_bytes()).content.decode()
    assert "R06" in page and "row 6" in page and "Take the rest up" in page
    assert Rule.objects.filter(corpus=book).count() == 2
    refused = client.get(at(book, "import_refused")).content.decode()
    assert "problem" in refused.splitlines()[0] and "R04" in refused
    client.post(at(book, "import_take_up"), {"note": "from the spreadsheet"})
    version = Rule.objects.get(corpus=book, code="R06").latest
    assert version is not None and (version.note, version.author) == ("from the spreadsheet", people.editor)
    assert client.get(at(book, "import_detail")).status_code == 404


def test_a_file_that_cannot_be_read_says_so(book: Corpus, people: SimpleNamespace, client_for: Any) -> None:
    client: Client = client_for(people.editor)
    assert upload(client, book, "x.yaml", b"\xff\xfe\x00").status_code == 422
    assert upload(client, book, "x.yaml", b"a: &a [1]\nb: *a\n").status_code == 422
    assert upload(client, book, "x.csv", b"x" * (5 * 1024 * 1024)).status_code == 422
    assert client.post(at(book, "import_create"), {"text": " "}).status_code == 422


def test_somebody_elses_corpus_does_not_see_the_file(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    client: Client = client_for(people.editor)
    upload(client, book, "sheet.csv", (FIXTURES / "sheet.csv").read_bytes())
    assert client_for(people.admin).get(at(book, "import_detail")).status_code == 404
    assert client_for(people.annotator).get(at(book, "import_create")).status_code == 403


def test_by_command_there_and_back(book: Corpus, tmp_path: Path) -> None:
    sheet = tmp_path / "book.csv"
    call_command("rules_export", corpus=book.slug, format="csv", out=str(sheet))
    out = io.StringIO()
    call_command("rules_import", str(sheet), corpus=book.slug, stdout=out)
    assert "same        2" in out.getvalue() and "created     0" in out.getvalue()
    whole, before = tmp_path / "book.yaml", rulebook_export(corpus=book)
    call_command("rules_export", corpus=book.slug, out=str(whole))
    call_command("rules_import", str(whole), corpus=book.slug, stdout=out)
    assert rulebook_export(corpus=book) == before


def test_the_command_tells_what_was_left_out(book: Corpus, tmp_path: Path) -> None:
    out, refused = io.StringIO(), tmp_path / "refused.csv"
    call_command(
        "rules_import",
        str(FIXTURES / "sheet.csv"),
        corpus=book.slug,
        dry_run=True,
        refused=str(refused),
        stdout=out,
    )
    assert "row 5: grade: A step needs a grade." in out.getvalue()
    assert refused.read_text().count("\n") == 6
    assert Rule.objects.filter(corpus=book).count() == 2


def test_the_api_looks_at_a_file_takes_it_up_and_keeps_tables(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    client: Client = client_for(people.editor)
    home = f"/api/v1/corpora/{book.slug}/"
    given = {"text": (FIXTURES / "sheet.csv").read_text(), "name": "sheet.csv"}
    looked = client.post(home + "rulebook/file/", given, content_type="application/json").json()
    assert looked["outcome"]["created"] == ["R06"] and len(looked["left_out"]) == 6
    taken = client.post(
        home + "rulebook/file/", {**given, "dry_run": False}, content_type="application/json"
    ).json()
    assert taken["outcome"]["changed"] == ["R01"]
    url = home + "tables/colours/"
    body = {
        "content": {"red": ["crimson"]},
        "examples": [{"a": "red", "b": "crimson", "same": True}],
        "base": 1,
    }
    kept = client.put(url, body, content_type="application/json").json()
    assert kept["version"] == 2 and kept["examples"][0]["passed"] is True
    assert client.put(url, body, content_type="application/json").status_code == 409
    assert client.get(home + "tables/").json()["tables"]["colours"] == {"red": ["crimson"]}
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client_for(people.annotator).delete(url).status_code == 403


def test_a_release_page_shows_what_its_tables_change(
    book: Corpus, people: SimpleNamespace, client_for: Any
) -> None:
    table_save(corpus=book, name="colours", content={"red": ["crimson"]}, actor=people.editor)
    release = release_create(corpus=book, actor=people.editor)
    page = client_for(people.editor).get(reverse("rules:release_detail", args=[book.slug, release.number]))
    assert "<ins>crimson</ins>" in page.content.decode()
